import { type ChildProcess, spawn } from "node:child_process";
import {
	cpSync,
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "@jest/globals";
import pg from "pg";
import { Sequelize } from "sequelize";
import { type EmbeddedDatabase, startEmbedded } from "../../lib/embedded/index.ts";

const WRITER = fileURLToPath(new URL("../support/embedded-writer.ts", import.meta.url));
/** Of each writer, however slow the machine. */
const ROWS_MIN = 50;

/** A database is made once and copied: making one takes seconds. */
let template: string;
let dataDir: string;
let running: EmbeddedDatabase[] = [];
let children: ChildProcess[] = [];

beforeAll(async () => {
	template = mkdtempSync(join(tmpdir(), "parley-template-"));
	await (await startEmbedded(template)).stop();
}, 60_000);

afterAll(() => rmSync(template, { recursive: true, force: true }));

beforeEach(() => {
	dataDir = mkdtempSync(join(tmpdir(), "parley-embedded-"));
	cpSync(template, dataDir, { recursive: true });
});

afterEach(async () => {
	for (const child of children) child.kill("SIGKILL");
	await Promise.all(running.map(database => database.stop()));
	children = [];
	running = [];
	rmSync(dataDir, { recursive: true, force: true });
});

async function start(folder = dataDir) {
	const database = await startEmbedded(folder);
	running.push(database);
	return database;
}

function optionsOf({ endpoint }: EmbeddedDatabase) {
	return { host: endpoint.socketDir, port: endpoint.port, user: endpoint.user, database: endpoint.database };
}

async function query(database: EmbeddedDatabase, text: string): Promise<Record<string, unknown>[]> {
	const client = new pg.Client(optionsOf(database));
	await client.connect();
	try {
		return (await client.query(text)).rows;
	} finally {
		await client.end();
	}
}

/** Lets a process of its own write for a while, and kills it without warning. Answers with the rows that were acknowledged. */
async function writeAndKill(ms: number): Promise<number[]> {
	const child = spawn(process.execPath, [WRITER, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
	children.push(child);
	let text = "";
	const ended = new Promise(resolve => child.once("close", resolve));
	await new Promise<void>(resolve => {
		child.stdout?.on("data", chunk => {
			text += chunk;
			resolve();
		});
	});
	await new Promise(resolve => setTimeout(resolve, ms));
	while (text.split("\n").length < ROWS_MIN) await new Promise(resolve => setTimeout(resolve, 10));
	child.kill("SIGKILL");
	await ended;
	return text.slice(0, text.lastIndexOf("\n")).split("\n").map(Number);
}

test("a pool of one and Sequelize both speak to it, and pg_trgm is there", async () => {
	const database = await start();
	const pool = new pg.Pool({ ...optionsOf(database), max: 1 });
	await pool.query("CREATE EXTENSION pg_trgm");
	const { rows } = await pool.query("SELECT similarity('parley', 'parlay') > 0.3 AS alike");
	expect(rows).toEqual([{ alike: true }]);
	await pool.end();

	const { endpoint } = database;
	const sequelize = new Sequelize(endpoint.database, endpoint.user, "", {
		dialect: "postgres",
		host: endpoint.socketDir,
		port: endpoint.port,
		logging: false,
		pool: { max: endpoint.poolMax },
	});
	await sequelize.query("CREATE TABLE a (n int)");
	await sequelize.transaction(async transaction => {
		await sequelize.query("INSERT INTO a VALUES (1)", { transaction });
		await sequelize.query("INSERT INTO a VALUES (2)", { transaction });
	});
	const failing = sequelize.transaction(async transaction => {
		await sequelize.query("INSERT INTO a VALUES (3)", { transaction });
		throw new Error("no");
	});
	await expect(failing).rejects.toThrow("no");
	expect((await sequelize.query("SELECT n FROM a ORDER BY n"))[0]).toEqual([{ n: 1 }, { n: 2 }]);
	await sequelize.close();
});

test("what was committed is there after a restart", async () => {
	const first = await start();
	await query(first, "CREATE TABLE a AS SELECT 42 AS n");
	await first.stop();
	expect(await query(await start(), "SELECT n FROM a")).toEqual([{ n: 42 }]);
});

test("kill -9 under load loses no acknowledged row", async () => {
	const acknowledged: number[] = [];
	for (const ms of [300, 500, 700]) acknowledged.push(...(await writeAndKill(ms)));
	expect(acknowledged.length).toBeGreaterThan(100);
	const kept = new Set((await query(await start(), "SELECT id FROM written")).map(({ id }) => Number(id)));
	expect(acknowledged.filter(id => !kept.has(id))).toEqual([]);
	// Each time, one more may have been committed than was heard of.
	expect(kept.size - acknowledged.length).toBeLessThanOrEqual(3);
});

test("a first start that was killed half way is begun anew", async () => {
	rmSync(join(dataDir, "postgres/whole"));
	rmSync(join(dataDir, "postgres/data/global"), { recursive: true });
	expect(await query(await start(), "SELECT 1 AS n")).toEqual([{ n: 1 }]);
});

test("a connection starts afresh: no transaction, setting, lock or prepared statement of the one before", async () => {
	const database = await start();
	await query(database, "CREATE TABLE a (n int)");
	const first = new pg.Client(optionsOf(database));
	await first.connect();
	await first.query({ name: "same", text: "SELECT 1 AS n" });
	await first.query("SET TimeZone = 'Asia/Tokyo'");
	await first.query("SELECT pg_advisory_lock(1)");
	await first.query("BEGIN");
	await first.query("INSERT INTO a VALUES (1)");
	// Gone without a word, as a pool does with a connection that it no longer trusts.
	(first as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
	first.on("error", () => {});

	const second = new pg.Client(optionsOf(database));
	await second.connect();
	expect((await second.query({ name: "same", text: "SELECT 2 AS n" })).rows).toEqual([{ n: 2 }]);
	expect((await second.query("SELECT count(*)::int AS n FROM a")).rows).toEqual([{ n: 0 }]);
	expect((await second.query("SHOW TimeZone")).rows).toEqual([{ TimeZone: "UTC" }]);
	expect((await second.query("SELECT FROM pg_locks WHERE locktype = 'advisory'")).rows).toEqual([]);
	await second.end();
});

test("only its owner can enter the folder of the socket", async () => {
	const { endpoint } = await start();
	expect(endpoint.socketDir).toBe(join(dataDir, "postgres"));
	expect(statSync(endpoint.socketDir).mode & 0o777).toBe(0o700);
});

test("a folder whose path is too long for a socket gets one elsewhere, as private", async () => {
	const deep = join(dataDir, "x".repeat(90));
	cpSync(template, deep, { recursive: true });
	const database = await start(deep);
	const { socketDir } = database.endpoint;
	expect(socketDir.startsWith(tmpdir())).toBe(true);
	expect(statSync(socketDir).mode & 0o777).toBe(0o700);
	expect(await query(database, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
	await database.stop();
	expect(existsSync(socketDir)).toBe(false);
});

test("a second start on the same folder is refused, with the process that has it", async () => {
	await start();
	await expect(startEmbedded(dataDir)).rejects.toThrow(`another Parley (process ${process.pid})`);
});

test("a folder whose holder was killed is taken over", async () => {
	await writeAndKill(50);
	const lock = JSON.parse(readFileSync(join(dataDir, "postgres/lock"), "utf8"));
	expect(lock.pid).toBe(children[0]?.pid);
	expect(await query(await start(), "SELECT count(*) > 0 AS some FROM written")).toEqual([{ some: true }]);
});

test("a folder whose holder's number now belongs to another process is taken over", async () => {
	const lock = {
		pid: process.ppid,
		startedAt: "an earlier boot/1",
		socketPath: join(dataDir, "postgres/.s.PGSQL.5432"),
	};
	writeFileSync(join(dataDir, "postgres/lock"), JSON.stringify(lock));
	expect(await query(await start(), "SELECT 1 AS n")).toEqual([{ n: 1 }]);
});

test("of several that find a stale lock at once, one starts", async () => {
	writeFileSync(
		join(dataDir, "postgres/lock"),
		JSON.stringify({ pid: 2 ** 30, startedAt: null, socketPath: "" }),
	);
	const outcomes = await Promise.allSettled([1, 2, 3].map(() => start()));
	expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("it starts under --watch too, where Node adds messages of its own to those of the worker", async () => {
	const child = spawn(process.execPath, ["--watch", WRITER, dataDir], { stdio: ["ignore", "pipe", "pipe"] });
	children.push(child);
	const ended = new Promise(resolve => child.once("close", resolve));
	const first = await new Promise(resolve => {
		child.stdout.once("data", chunk => resolve(String(chunk)));
		child.stderr.on("data", chunk => /Error/.test(String(chunk)) && resolve(String(chunk)));
	});
	child.kill("SIGTERM");
	await ended;
	expect(first).toMatch(/^1\n/);
});

test("a stop leaves neither lock nor socket", async () => {
	await (await start()).stop();
	expect(readdirSync(join(dataDir, "postgres")).sort()).toEqual(["data", "whole"]);
});
