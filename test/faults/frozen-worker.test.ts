/** One of two workers behind a gateway stands still, with calls under way, and goes on after it was missed. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import { figure, inWords } from "../support/figure.ts";
import { type Ground, prepareGround } from "../support/ground.ts";
import { goHome, ok, type Person, person } from "../support/people.ts";
import { check, NOTHING, type Operation } from "../support/record.ts";
import { freePorts } from "../support/servers.ts";
import type { TestSocket } from "../support/socket.ts";
import { eventually } from "../support/stage.ts";
import { acked } from "../support/verdict.ts";

const WORKER = { SERVICES: "auth,users,chats,messages,inbox,presence" };
const CHATS = 6;
/** Of each chat, over REST; each waits for its answer. */
const SENDERS = 4;
const PAUSE_MS = 20;
/** Who is not heard of for 5 s is missed, and a second later no call goes or waits there. */
const MISSED_MS_MAX = 6_000;
const FROZEN_MS = 10_000;

let ports: number[];
let ground: Ground;
let ann: Person;
let ben: Person;
let chats: Chat[];
let speaking: TestSocket;
let listening: TestSocket;

beforeAll(async () => {
	ports = await freePorts(2);
	const workers = ports.map(port => ({ ...WORKER, CHAT_METRICS_PORT: String(port) }));
	ground = await prepareGround([...workers, { SERVICES: "gateway" }]);
	const gateway = ground.urls.slice(-1);
	[ann, ben] = (await Promise.all(["ann", "ben"].map(name => person(name, gateway)))) as [Person, Person];
	chats = await Promise.all(Array.from({ length: CHATS }, () => ann.group(ben)));
	[speaking, listening] = await Promise.all([ann.sender(), ben.receiver()]);
}, 120_000);

afterAll(async () => {
	goHome();
	await ground?.stop();
});

/** Calls of `messages.send`, which is the sending over REST, that a worker has begun. */
async function begun(worker: number): Promise<number> {
	const lines = (await (await fetch(`http://127.0.0.1:${ports[worker]}/metrics`)).text()).split("\n");
	return lines
		.filter(line => /request_total\{.*action="messages\.send".*type="local"/.test(line))
		.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

/** One try of something: when it began, how long it took, and what came of it. */
interface Try {
	at: number;
	ms: number;
	isOk: boolean;
}

const operations: Operation[] = [];
const tries: Try[] = [];
let isOver = false;

async function attempt<T>(work: () => Promise<T>): Promise<T | null> {
	const at = Date.now();
	const done = await work().catch(() => null);
	tries.push({ at, ms: Date.now() - at, isOk: done !== null });
	return done;
}

/** Sends one message, with one key however often it has to be tried. */
async function send(chatId: string, once: (clientId: string) => Promise<Message>): Promise<void> {
	const operation: Operation = { chatId, clientId: randomUUID(), outcome: "unknown" };
	operations.push(operation);
	while (operation.outcome !== "ok") {
		const message = await attempt(() => once(operation.clientId));
		if (message) Object.assign(operation, { outcome: "ok", id: message.id, seq: message.seq });
		await sleep(PAUSE_MS);
	}
}

const overSocket = (chatId: string) =>
	send(chatId, async clientId => {
		const { message } = await acked(speaking, "message", { chatId, clientId, content: `says ${clientId}` });
		return message;
	});

const overRest = (chatId: string) =>
	send(chatId, async clientId => {
		const headers = { "idempotency-key": clientId };
		return ok(await ann.rest.post(`/chats/${chatId}/messages`, { content: `writes ${clientId}` }, headers));
	});

async function untilOver(work: () => Promise<unknown>): Promise<void> {
	while (!isOver) await work();
}

/** The places of the messages that Ben's device was told of, by chat, in the order in which they came. */
function shown(): Map<string, number[]> {
	const byChat = Map.groupBy(listening.of("message"), ({ chatId }) => chatId);
	return new Map([...byChat].map(([chatId, all]) => [chatId, all.map(({ seq }) => seq)]));
}

test("I34: a worker that stands still is missed, calls go round it, and what it does late does nothing twice", async () => {
	const talk = chats.map(({ id }) => untilOver(() => overSocket(id)));
	await sleep(500);
	await ground.nodes[0]?.sigstop();
	const frozenAt = Date.now();
	// Nobody has sent like that before, so what the frozen one begins of it, it begins late.
	const writers = chats.flatMap(({ id }) => Array.from({ length: SENDERS }, () => id));
	const letters = writers.map(id => untilOver(() => overRest(id)));
	const reads = writers.map(id =>
		untilOver(async () => {
			await attempt(async () => ok(await ann.rest.get(`/chats/${id}/messages`)));
			await sleep(PAUSE_MS);
		}),
	);
	await sleep(FROZEN_MS);
	isOver = true;
	await Promise.all([...talk, ...letters, ...reads]);
	const during = tries.filter(({ at, ms }) => at + ms > frozenAt);

	await ground.nodes[0]?.sigcont();
	const late = await eventually(
		() => begun(0),
		count => count > 0,
	);
	expect(late).toBeGreaterThan(0);
	// It is asked again, by what has come back to it.
	await eventually(
		async () => {
			await overRest(chats[0]?.id as string);
			return begun(0);
		},
		count => count > late,
	);
	expect(await begun(0)).toBeGreaterThan(late);

	const failed = during.filter(({ isOk }) => !isOk);
	expect(failed.filter(({ at }) => at - frozenAt > MISSED_MS_MAX)).toEqual([]);
	const longestMs = Math.max(...during.map(({ ms }) => ms));
	expect(longestMs).toBeLessThan(MISSED_MS_MAX);
	const stored = await ground.stored(chats.map(({ id }) => id));
	await eventually(
		() => listening.of("message").length,
		count => count >= stored.length,
	);
	expect(check(operations, stored, [shown()])).toEqual(NOTHING);

	const lastFailedMs = Math.max(...failed.map(({ at, ms }) => at + ms - frozenAt), 0);
	figure(
		"I34",
		`a worker frozen for ${FROZEN_MS / 1_000} s: of ${inWords(during.length)} calls ${inWords(failed.length)} failed and were ` +
			`repeated, the last ${(lastFailedMs / 1_000).toFixed(1)} s after it froze, and none took longer than ` +
			`${(longestMs / 1_000).toFixed(1)} s; it did ${inWords(late)} sends late, and of ${inWords(stored.length)} messages none ` +
			"was lost, stored twice or shown twice",
	);
}, 90_000);
