import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "@jest/globals";
import { Redis } from "ioredis";
import { Kafka, logLevel } from "kafkajs";
import pg from "pg";
import { isRunning, nameOf } from "../support/servers/processes.ts";
import { type ServerProcess, startKafka, startPostgres, startRedis } from "../support/servers.ts";

const started: ServerProcess[] = [];

afterEach(async () => {
	await Promise.all(started.splice(0).map(server => server.stop()));
});

async function own(server: Promise<ServerProcess>): Promise<ServerProcess> {
	started.push(await server);
	return server;
}

async function ask({ url }: ServerProcess, sql: string) {
	const client = new pg.Client({
		connectionString: url,
		connectionTimeoutMillis: 5_000,
		query_timeout: 5_000,
	});
	client.on("error", () => {});
	await client.connect();
	try {
		return (await client.query(sql)).rows;
	} finally {
		await client.end();
	}
}

test("PostgreSQL that dies hard is gone with all its processes, and comes back with what was committed", async () => {
	const postgres = await own(startPostgres());
	expect(await ask(postgres, "SHOW fsync")).toEqual([{ fsync: "on" }]);
	await ask(postgres, "CREATE TABLE kept AS SELECT 1 AS n");
	const open = new pg.Client(postgres.url);
	// It may tell of its end more than once.
	const broken = new Promise(resolve => open.on("error", resolve));
	await open.connect();
	await postgres.kill9();
	await broken;
	await expect(ask(postgres, "SELECT 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
	expect(postgres.pid).toBeUndefined();
	await postgres.restart();
	expect(await ask(postgres, "SELECT n FROM kept")).toEqual([{ n: 1 }]);
});

test("a frozen PostgreSQL answers nobody until it is thawed", async () => {
	const postgres = await own(startPostgres({ settings: { fsync: "off" } }));
	expect(await ask(postgres, "SHOW fsync")).toEqual([{ fsync: "off" }]);
	await postgres.sigstop();
	await expect(ask(postgres, "SELECT 1")).rejects.toThrow("timeout");
	await postgres.sigcont();
	expect(await ask(postgres, "SELECT 1 AS n")).toEqual([{ n: 1 }]);
});

test("Redis comes back empty on the same port", async () => {
	const server = await own(startRedis());
	const redis = new Redis(server.url);
	redis.on("error", () => {});
	await redis.set("key", "value");
	await server.kill9();
	await server.restart();
	expect(await redis.get("key")).toBeNull();
	redis.disconnect();
});

test("Kafka that dies hard comes back with what it acknowledged", async () => {
	const server = await own(startKafka());
	const kafka = new Kafka({ brokers: [server.url], logLevel: logLevel.NOTHING });
	const admin = kafka.admin();
	await admin.connect();
	await admin.createTopics({ topics: [{ topic: "kept", numPartitions: 1 }] });
	const producer = kafka.producer();
	await producer.connect();
	await producer.send({ topic: "kept", acks: -1, messages: [{ value: "1" }, { value: "2" }] });
	await Promise.all([producer.disconnect(), admin.disconnect()]);
	await server.kill9();
	await server.restart();
	await admin.connect();
	expect(await admin.fetchTopicOffsets("kept")).toMatchObject([{ offset: "2" }]);
	expect(await admin.listTopics()).toEqual(["kept"]); // asking for others makes none
	await admin.disconnect();
});

test("a run that dies leaves neither servers nor folders", async () => {
	const servers = path.resolve("test/support/servers.ts");
	const program = `
		const { startRedis } = await import(${JSON.stringify(servers)});
		const { pid, port } = await startRedis();
		console.log(JSON.stringify({ pid, port }));
		setInterval(() => {}, 1000);`;
	const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	const [line] = await once(child.stdout, "data");
	const { pid, port } = JSON.parse(line) as { pid: number; port: number };
	const server = nameOf(pid);
	const redis = new Redis(port, "127.0.0.1", { lazyConnect: true });
	const [, folder] = (await redis.config("GET", "dir")) as string[];
	redis.disconnect();
	child.kill("SIGKILL");
	const left = () => ({ server: isRunning(server), folder: existsSync(String(folder)) });
	const deadline = Date.now() + 30_000;
	while ((left().server || left().folder) && Date.now() < deadline) await sleep(20);
	expect(left()).toEqual({ server: false, folder: false });
});
