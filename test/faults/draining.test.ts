import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { figure, inWords } from "../support/figure.ts";
import { Load } from "../support/load.ts";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { goHome, type Person, person } from "../support/people.ts";
import { freePorts, type ServerProcess, startPostgres, startRedis } from "../support/servers.ts";

const ENDS_WITHIN_MS = 10_000;

let postgres: ServerProcess;
let redis: ServerProcess;
let env: Record<string, string>[];
let nodes: ParleyNode[];

beforeAll(async () => {
	[postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
	const ports = await freePorts(2);
	env = ports.map(port => ({
		CHAT_PORT: String(port),
		CHAT_DATABASE_URL: postgres.url,
		CHAT_REDIS_URL: redis.url,
		CHAT_JWT_SECRET: "only for this test, and long enough",
	}));
	nodes = [];
	for (const one of env) nodes.push(await startNode(one));
}, 120_000);

afterAll(async () => {
	goHome();
	await Promise.all(nodes.map(node => node.kill9()));
	await Promise.all([postgres?.stop(), redis?.stop()]);
});

test("I37: a rolling restart under load fails no send of a client that retries, and each process ends with 0 in time", async () => {
	const urls = nodes.map(({ url }) => url);
	const [ann, ben] = (await Promise.all(["ann", "ben"].map(name => person(name, urls)))) as [Person, Person];
	const chat = await ann.group(ben);
	const load = new Load({ senders: [ann, ben], chatIds: [chat.id], parallel: 12, triesMax: 100 });
	let slowestMs = 0;
	for (const [i, one] of env.entries()) {
		await new Promise(done => setTimeout(done, 1_500));
		const startedAt = Date.now();
		const code = await (nodes[i] as ParleyNode).stop();
		expect(code).toBe(0);
		slowestMs = Math.max(slowestMs, Date.now() - startedAt);
		expect(slowestMs).toBeLessThanOrEqual(ENDS_WITHIN_MS);
		nodes[i] = await startNode(one);
	}
	await new Promise(done => setTimeout(done, 500));
	const operations = await load.stop();
	expect(operations.length).toBeGreaterThan(100);
	expect(operations.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
	const newest = (await ann.rest.get(`/chats/${chat.id}`)).body;
	expect(newest.lastSeq).toBe(operations.length);
	figure(
		"I37",
		`${env.length} nodes restarted in turn: ${inWords(operations.length)} sends, none failed, none lost, each node ended with 0 within ${(slowestMs / 1_000).toFixed(1)} s`,
	);
}, 120_000);

test("I37: a node that is told to end says so to its sockets, and what it has begun it finishes", async () => {
	const node = nodes[0] as ParleyNode;
	const ann = await person("ann", [node.url]);
	const chat = await ann.group();
	const socket = await ann.sender();
	const sends = Array.from({ length: 50 }, (_, n) =>
		socket.emit("message", { chatId: chat.id, content: `message ${n}` }),
	);
	await sends[0];
	const ending = node.stop();
	const answers = (await Promise.all(sends)) as { status: string; code?: string }[];
	expect(await ending).toBe(0);
	expect(answers.filter(({ status, code }) => status !== "ok" && code !== "UNAVAILABLE")).toEqual([]);
	expect(socket.events.map(({ name }) => name)).toContain("server:draining");
	const drained = socket.events.find(({ name }) => name === "server:draining")?.data as {
		reconnectIn: number;
	};
	expect(drained.reconnectIn).toBeGreaterThan(0);
	nodes[0] = await startNode(env[0] as Record<string, string>);
	const restarted = await ann.rest.get(`/chats/${chat.id}`);
	expect(restarted.body.lastSeq).toBe(answers.filter(({ status }) => status === "ok").length);
}, 60_000);
