/** A server of its own, in the embedded form, with the demo and one long chat in it. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { progressBar } from "../../load/print/progress.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const START_MS = 240_000;

export interface Server {
	url: string;
	/** The long chat's. */
	chatId: string;
	stop(): Promise<void>;
}

/** Fills a database, then starts a node on it, which builds the web client where its sources have changed. */
export async function startServer(messages: number): Promise<Server> {
	const data = await mkdtemp(path.join(tmpdir(), "parley-measure-"));
	const env = { CHAT_DATA_DIR: data, CHAT_DATABASE_URL: "", CHAT_REDIS_URL: "", CHAT_KAFKA_BROKERS: "" };
	Object.assign(process.env, env, { CHAT_LOG_LEVEL: "error" });
	const remove = () => rm(data, { recursive: true, force: true });
	try {
		const { fill } = await import("./fill.ts");
		const bar = progressBar(`${messages} messages`);
		const chatId = await fill(messages, share => bar.at(share));
		bar.end();
		const { url, stop } = await startNode(env);
		return { url, chatId, stop: () => stop().then(remove) };
	} catch (err) {
		await remove();
		throw err;
	}
}

async function startNode(env: Record<string, string>) {
	const node = spawn(process.execPath, ["scripts/start.ts", "--build"], {
		cwd: ROOT,
		env: { ...process.env, ...env, CHAT_PORT: "0", CHAT_DEMO: "on", CHAT_RATE_LIMITS: "off" },
		stdio: ["ignore", "pipe", "inherit"],
	});
	const ended = new Promise<void>(done => node.once("exit", () => done()));
	const stop = async () => {
		node.kill("SIGTERM");
		await ended;
	};
	const onExit = () => node.kill("SIGKILL");
	process.once("exit", onExit);
	void ended.then(() => process.removeListener("exit", onExit));
	let said = "";
	node.stdout.on("data", chunk => {
		said += chunk;
	});
	for (const deadline = Date.now() + START_MS; Date.now() < deadline && node.exitCode === null; ) {
		const [url] = said.match(/http:\/\/127\.0\.0\.1:\d+/) ?? [];
		if (url && said.includes("Parley is ready")) return { url, stop };
		await new Promise(done => setTimeout(done, 200));
	}
	await stop();
	throw new Error(`The server did not start:\n${said}`);
}
