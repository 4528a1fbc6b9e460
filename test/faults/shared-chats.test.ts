/** Chats that people of several nodes write to at once: one node takes their sends, as long as it is there. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { figure, inWords } from "../support/figure.ts";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { goHome, type Person, person } from "../support/people.ts";
import { check, NOTHING, type Operation } from "../support/record.ts";
import { freePorts, type ServerProcess, startPostgres, startRedis } from "../support/servers.ts";
import type { TestSocket } from "../support/socket.ts";
import { eventually } from "../support/stage.ts";

const NODES = 3;
const SENDERS = 51;
const SENDS_MS = 10_000;

let postgres: ServerProcess;
let redis: ServerProcess;
let nodes: { node: ParleyNode; metricsUrl: string }[] = [];

beforeAll(async () => {
	[postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
	const env = {
		CHAT_DATABASE_URL: postgres.url,
		CHAT_REDIS_URL: redis.url,
		CHAT_JWT_SECRET: "only for this test, and long enough",
	};
	nodes = await Promise.all(
		(await freePorts(NODES)).map(async port => ({
			node: await startNode({ ...env, CHAT_METRICS_PORT: String(port) }),
			metricsUrl: `http://127.0.0.1:${port}/metrics`,
		})),
	);
}, 120_000);

afterAll(async () => {
	goHome();
	await Promise.all(nodes.map(({ node }) => node.kill9()));
	await Promise.all([postgres?.stop(), redis?.stop()]);
});

/** Calls of `messages.sendAll` that a node has served. */
async function served({ metricsUrl }: (typeof nodes)[number]): Promise<number> {
	const lines = (await (await fetch(metricsUrl)).text()).split("\n");
	return lines
		.filter(line => /request_total\{.*action="messages\.sendAll".*type="local"/.test(line))
		.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** Keeps sending on a socket, one after the other, until it is told to end or the socket has no answer. */
function keepSending(socket: TestSocket, chatId: string, operations: Operation[]) {
	let isOver = false;
	const ended = (async () => {
		while (!isOver) {
			const operation: Operation = { chatId, clientId: randomUUID(), outcome: "unknown" };
			operations.push(operation);
			const { clientId } = operation;
			const message = { chatId, clientId, content: `about ${clientId}` };
			const answer = await socket.emit("message", message).catch(() => null);
			if (answer?.status === "ok")
				Object.assign(operation, { outcome: "ok", id: answer.message.id, seq: answer.message.seq });
			else return;
		}
	})();
	return () => {
		isOver = true;
		return ended;
	};
}

test("I1 I7: sends of a chat that several nodes write to go to one of them, and where it is killed, to another", async () => {
	const urls = nodes.map(({ node }) => node.url);
	const crowd = await Promise.all(
		Array.from({ length: SENDERS }, (_, i) => person(`p${i}`, [urls[i % NODES] as string])),
	);
	const [owner, ...others] = crowd as [Person, ...Person[]];
	const { id: chatId } = await owner.group(...others);
	const sockets = await Promise.all(crowd.map(one => one.sender()));
	const operations: Operation[] = [];
	const startedAt = Date.now();
	const stops = sockets.map(socket => keepSending(socket, chatId, operations));
	const oks = () => operations.filter(({ outcome }) => outcome === "ok").length;
	const goesOn = (count: number) => eventually(oks, ok => ok > count, 20_000);

	await goesOn(300);
	const before = await Promise.all(nodes.map(served));
	await goesOn(oks() + 300);
	const after = await Promise.all(nodes.map(served));
	const serves = after.map((count, i) => count - (before[i] as number));
	const home = serves.indexOf(Math.max(...serves));
	expect(serves.filter((_, i) => i !== home)).toEqual([0, 0]);

	await nodes[home]?.node.kill9();
	await goesOn(oks() + 300);
	await new Promise(done => setTimeout(done, startedAt + SENDS_MS - Date.now()));
	const sentS = (Date.now() - startedAt) / 1_000;
	await Promise.all(stops.map(stop => stop()));
	// Whoever was at the node that died is cut off; nobody else notices.
	const cutOff = SENDERS / NODES;
	const unknown = operations.filter(({ outcome }) => outcome === "unknown").length;
	expect(unknown).toBeLessThanOrEqual(cutOff);

	const db = new pg.Client({ connectionString: postgres.url });
	await db.connect();
	const { rows } = await db.query(
		"SELECT chat_id, client_id, id, seq FROM chat.messages WHERE chat_id = $1",
		[chatId],
	);
	await db.end();
	const stored = rows.map(row => ({ ...row, seq: Number(row.seq) }));
	expect(check(operations, stored, [])).toEqual(NOTHING);
	const places = stored.map(({ seq }) => seq).sort((a, b) => a - b);
	expect(places).toEqual(places.map((_, i) => i + 1));
	figure(
		"I7",
		`${SENDERS} who send into one chat for ${sentS.toFixed(0)} s by ${NODES} nodes, one of them killed: ${inWords(places.length)} messages, ` +
			`places 1 to ${inWords(places.at(-1) ?? 0)}, ${unknown} sends without an answer`,
	);
}, 120_000);
