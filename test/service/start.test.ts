import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, jest, test } from "@jest/globals";

const LIFECYCLE = fileURLToPath(new URL("../support/lifecycle-process.ts", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** A test starts a whole node twice, and each may take ten times as long as on a machine of its own. */
jest.setTimeout(90_000);

let folder: string;
/** A data folder with tables, copied by each test: making one takes seconds. */
let template: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
	folder = mkdtempSync(join(tmpdir(), "parley-start-"));
	template = join(folder, "template");
	expect(await run("scripts/migrate.ts", { CHAT_DATA_DIR: template }).ended).toBe(0);
}, 60_000);

afterAll(() => {
	for (const child of children) child.kill("SIGKILL");
	rmSync(folder, { recursive: true, force: true });
});

function freshData() {
	const dataDir = mkdtempSync(join(folder, "data-"));
	cpSync(template, dataDir, { recursive: true });
	return dataDir;
}

function run(script: string, env: Record<string, string>, ...args: string[]) {
	const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, ...args], {
		cwd: ROOT,
		env: { PATH: process.env.PATH, NODE_ENV: "test", CHAT_PORT: "0", CHAT_LOG_LEVEL: "warn", ...env },
		stdio: ["ignore", "pipe", "pipe"],
	});
	children.push(child);
	let text = "";
	const listeners = new Set<() => void>();
	for (const stream of [child.stdout, child.stderr]) {
		stream.on("data", chunk => {
			text += chunk;
			for (const listener of listeners) listener();
		});
	}
	const ended = new Promise<number | string | null>(resolve =>
		child.once("close", (code, signal) => resolve(code ?? signal)),
	);
	return {
		child,
		ended,
		output: () => text,
		/** Waits for a line that has the text. */
		async said(words: string) {
			await new Promise<void>((resolve, reject) => {
				const look = () => text.includes(words) && resolve();
				listeners.add(look);
				void ended.then(() => reject(new Error(`It ended without saying "${words}":\n${text}`)));
				look();
			});
		},
	};
}

const start = (env: Record<string, string>) => run("scripts/start.ts", env);

describe("a start that cannot work ends with code 1 and says why", () => {
	test("every problem of the configuration, without a stack", async () => {
		const node = start({ CHAT_PROT: "1", CHAT_RATE_LIMITS: "maybe" });
		expect(await node.ended).toBe(1);
		expect(node.output()).toBe(
			"Parley cannot start:\n" +
				'  CHAT_RATE_LIMITS="maybe" must be on or off.\n' +
				"  CHAT_PROT is not a variable of this version. Did you mean CHAT_PORT?\n",
		);
	});

	test("a port that is taken, with a command that helps", async () => {
		const server = createServer();
		await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
		const { port } = server.address() as AddressInfo;
		const node = start({ CHAT_PORT: String(port), CHAT_DATA_DIR: freshData() });
		expect(await node.ended).toBe(1);
		expect(node.output()).toBe(
			`Parley cannot start: port ${port} on 127.0.0.1 is in use. Stop what runs there (another Parley?), or take another: CHAT_PORT=${port + 1} npm start\n`,
		);
		server.close();
	});

	test("a service that does not exist", async () => {
		const node = start({ SERVICES: "gatewy", CHAT_DATA_DIR: freshData() });
		expect(await node.ended).toBe(1);
		expect(node.output()).toMatch(/SERVICES names gatewy, which is not there. There are: .*gateway/);
	});

	test("a database that refuses, without the password", async () => {
		const fake = createServer(socket =>
			socket.once("data", () => socket.end(refusal("password authentication failed"))),
		);
		await new Promise<void>(resolve => fake.listen(0, "127.0.0.1", resolve));
		const { port } = fake.address() as AddressInfo;
		const node = start({
			CHAT_DATABASE_URL: `postgres://ann:hunter2@127.0.0.1:${port}/chat`,
			CHAT_JWT_SECRET: "x".repeat(32),
		});
		expect(await node.ended).toBe(1);
		expect(node.output()).toBe(
			`Parley cannot start: PostgreSQL at 127.0.0.1:${port}/chat says: password authentication failed.\n`,
		);
		fake.close();
	});
});

describe("a node", () => {
	test("starts, says what it runs on, keeps its folder to itself, and ends with code 0 at SIGTERM", async () => {
		const dataDir = freshData();
		const node = start({ CHAT_DATA_DIR: dataDir });
		await node.said("is ready");
		const [address = ""] = node.output().match(/http:\/\/127\.0\.0\.1:\d+/) ?? [];
		expect(node.output()).toMatch("embedded PostgreSQL");
		expect(node.output()).toMatch("no Kafka");
		expect((await fetch(`${address}/health/readiness`)).status).toBe(200);

		const second = start({ CHAT_DATA_DIR: dataDir });
		expect(await second.ended).toBe(1);
		expect(second.output()).toMatch(`another Parley (process ${node.child.pid}) uses the data folder`);

		node.child.kill("SIGTERM");
		expect(await node.ended).toBe(0);
		await expect(fetch(`${address}/health`)).rejects.toThrow();
	});

	test("can be ended while it starts", async () => {
		const dataDir = freshData();
		const node = start({ CHAT_DATA_DIR: dataDir });
		while (!existsSync(join(dataDir, "postgres", "lock")))
			await new Promise(resolve => setTimeout(resolve, 10));
		node.child.kill("SIGINT");
		expect(await node.ended).toBe(0);
	});

	test("starts again after kill -9", async () => {
		const dataDir = freshData();
		const killed = start({ CHAT_DATA_DIR: dataDir });
		await killed.said("is ready");
		killed.child.kill("SIGKILL");
		await killed.ended;
		const node = start({ CHAT_DATA_DIR: dataDir });
		await node.said("is ready");
		node.child.kill("SIGTERM");
		expect(await node.ended).toBe(0);
	});
});

describe("the end of a process", () => {
	const life = (behaviour: string, timeoutS = "60") =>
		run(LIFECYCLE, { CHAT_SHUTDOWN_TIMEOUT: timeoutS, CHAT_JWT_SECRET: "x".repeat(32) }, behaviour);

	test("undoes what was done, the latest first", async () => {
		const process = life("fine");
		await process.said("up");
		process.child.kill("SIGTERM");
		expect(await process.ended).toBe(0);
		expect(process.output()).toMatch(/last undone\nfirst undone/);
	});

	test("comes after the time that is allowed, with code 1, where a service hangs", async () => {
		const process = life("hang", "2");
		await process.said("up");
		const startedAt = Date.now();
		process.child.kill("SIGTERM");
		expect(await process.ended).toBe(1);
		expect(Date.now() - startedAt).toBeLessThan(15_000);
		expect(process.output()).toMatch("the last took more than 2 s");
	});

	test("comes at once at a second signal, but not at the same one told twice", async () => {
		const process = life("hang");
		await process.said("up");
		// Of two that are the same the system may tell one; to the node all of one moment are alike.
		process.child.kill("SIGINT");
		process.child.kill("SIGTERM");
		await process.said("last undone");
		await new Promise(resolve => setTimeout(resolve, 1_200));
		expect(process.child.exitCode).toBeNull();
		process.child.kill("SIGINT");
		expect(await process.ended).toBe(1);
	});

	test.each([
		["throw", "thrown"],
		["reject", "rejected"],
	])("comes in order, with code 1, after an error that nobody caught (%s)", async (behaviour, message) => {
		const process = life(behaviour);
		expect(await process.ended).toBe(1);
		expect(process.output()).toMatch(message);
		expect(process.output()).toMatch("first undone");
	});
});

/** PostgreSQL's ErrorResponse to a connection. */
function refusal(message: string) {
	const fields = `SFATAL\0C28P01\0M${message}\0\0`;
	const packet = Buffer.alloc(5 + fields.length);
	packet.write("E");
	packet.writeInt32BE(4 + fields.length, 1);
	packet.write(fields, 5);
	return packet;
}
