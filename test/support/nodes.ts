/** Parley nodes as processes of their own, the way an operator runs them. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { growTables } from "./next-tables.ts";
import { readyData } from "./ready-data.ts";
import { freeze, nameOf } from "./servers/processes.ts";
import { guard, release } from "./servers/watchdog.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const START_TIMEOUT_MS = 60_000;
/** What it says once it serves, on a line for people or in one of JSON; without a gateway it names no address. */
const READY = /Parley is ready after [\d.]+ s(?: at (http:[^\s"\\]+))?[\s"\\]/;

export interface ParleyNode {
	/** Empty where it has no gateway. */
	url: string;
	child: ChildProcess;
	/** All that it printed, the last 200 KB of it. */
	output(): string;
	/** Sends SIGTERM and waits for the end; answers with the exit code. */
	stop(): Promise<number | null>;
	/** Ends it at once, as a crash would. */
	kill9(): Promise<void>;
	/** Freezes it: connections stay open, nobody answers. */
	sigstop(): Promise<void>;
	sigcont(): Promise<void>;
}

/** Starts a node on a free port and waits until it serves. `root` is another checkout, for tests of changed source. */
export async function startNode(env: Record<string, string>, root = ROOT): Promise<ParleyNode> {
	const child = spawn(process.execPath, ["scripts/start.ts"], {
		cwd: root,
		env: {
			PATH: process.env.PATH,
			HOME: process.env.HOME,
			NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
			NODE_ENV: "test",
			CHAT_HOST: "127.0.0.1",
			CHAT_PORT: "0",
			CHAT_LOG_LEVEL: process.env.TEST_LOG_LEVEL ?? "warn",
			CHAT_RATE_LIMITS: "off",
			...env,
		},
		stdio: ["ignore", "pipe", "pipe"],
	});
	let text = "";
	const keep = (chunk: Buffer) => {
		text = (text + chunk.toString()).slice(-200_000);
	};
	child.stdout.on("data", keep);
	child.stderr.on("data", keep);
	const ended = new Promise<number | null>(resolve => child.once("exit", code => resolve(code)));
	const name = nameOf(child.pid as number);
	guard("processes", name);
	void ended.then(() => release("processes", name));

	const url = await new Promise<string>((resolve, reject) => {
		const timer = setTimeout(() => {
			child.kill("SIGKILL");
			reject(new Error(`The node did not start in time:\n${text}`));
		}, START_TIMEOUT_MS);
		const look = () => {
			const ready = READY.exec(text);
			if (!ready) return;
			clearTimeout(timer);
			child.stdout.off("data", look);
			resolve(ready[1] ?? "");
		};
		child.stdout.on("data", look);
		void ended.then(code => {
			clearTimeout(timer);
			reject(new Error(`The node ended with ${code} before it served:\n${text}`));
		});
	});
	return {
		url,
		child,
		output: () => text,
		async stop() {
			child.kill("SIGTERM");
			return ended;
		},
		async kill9() {
			child.kill("SIGKILL");
			await ended;
		},
		sigstop: () => freeze(name),
		async sigcont() {
			child.kill("SIGCONT");
		},
	};
}

export type FormName = "embedded" | "cluster";

export interface RunningForm {
	name: FormName;
	/** One address a node. */
	urls: string[];
	nodes: ParleyNode[];
	/** What the nodes were started with; start another with it to grow. */
	env: Record<string, string>;
	stop(): Promise<void>;
}

/** One process with nothing else, or two on the real servers that `TEST_…` name, in an installation of their own. */
export async function startForm(
	name: FormName,
	extra: Record<string, string> = {},
	nodeCount = 2,
): Promise<RunningForm> {
	const dataDir = await mkdtemp(join(tmpdir(), "parley-"));
	const env: Record<string, string> =
		name === "embedded"
			? { CHAT_DATA_DIR: readyData(dataDir), CHAT_JWT_SECRET: randomBytes(32).toString("hex"), ...extra }
			: {
					CHAT_DATA_DIR: dataDir,
					CHAT_NAMESPACE: `c_${randomBytes(5).toString("hex")}`,
					CHAT_JWT_SECRET: randomBytes(32).toString("hex"),
					CHAT_DATABASE_URL: required("TEST_DATABASE_URL"),
					CHAT_REDIS_URL: required("TEST_REDIS_URL"),
					CHAT_KAFKA_BROKERS: required("TEST_KAFKA_BROKERS"),
					CHAT_KAFKA_PARTITIONS: "2",
					...extra,
				};
	const nodes: ParleyNode[] = [];
	// One after the other: the first one migrates.
	for (let i = 0; i < (name === "embedded" ? 1 : nodeCount); i++) {
		nodes.push(await startNode(env));
		if (i === 0 && name === "cluster")
			await growTables(env.CHAT_DATABASE_URL ?? "", env.CHAT_NAMESPACE ?? "");
	}
	return {
		name,
		urls: nodes.map(node => node.url),
		nodes,
		env,
		async stop() {
			await Promise.all(nodes.map(node => (node.child.exitCode === null ? node.stop() : null)));
			await rm(dataDir, { recursive: true, force: true });
		},
	};
}

function required(name: string): string {
	const value = process.env[name];
	if (!value) throw new Error(`${name} is not set: run this by \`npm test\`, which brings the servers up.`);
	return value;
}
