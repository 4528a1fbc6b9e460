import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import { figure, inWords } from "../support/figure.ts";
import { type Ground, type Links, prepareGround } from "../support/ground.ts";
import { api } from "../support/http.ts";
import { goHome, type Person, person } from "../support/people.ts";
import { connect, type TestSocket } from "../support/socket.ts";

/** A query is given up after 5 s; the rest is for the machine. */
const ANSWER_MS_MAX = 9_000;
const RECOVERED_MS_MAX = 10_000;
const CAUGHT_UP_MS_MAX = 15_000;
/** No call is waited for longer than 10 s. */
const CALL_MS_MAX = 11_000;

let ground: Ground;
let ann: Person;
let ben: Person;
let chat: Chat;
let listening: TestSocket;

beforeAll(async () => {
	ground = await prepareGround();
	[ann, ben] = (await Promise.all(["ann", "ben"].map(name => person(name, ground.urls)))) as [Person, Person];
	chat = await ann.group(ben);
	listening = await connect(ground.urls[1] as string, ben.token);
}, 120_000);

afterAll(async () => {
	goHome();
	listening?.close();
	await ground?.stop();
});

interface Sent {
	clientId: string;
	status: number;
	code: string | undefined;
	ms: number;
}

let count = 0;
const acknowledged = new Set<string>();

/** One send to the first node, and how long its answer took. */
async function send(): Promise<Sent> {
	const clientId = `send-${++count}`;
	const startedAt = Date.now();
	const rest = api(ground.urls[0] as string, ann.token);
	const { status, body } = await rest.post(
		`/chats/${chat.id}/messages`,
		{ content: clientId },
		{ "idempotency-key": clientId },
	);
	if (status === 201) acknowledged.add(clientId);
	return { clientId, status, code: body.code, ms: Date.now() - startedAt };
}

async function sending(ms: number, everyMs: number): Promise<Sent[]> {
	const sends: Promise<Sent>[] = [];
	for (const end = Date.now() + ms; Date.now() < end; await sleep(everyMs)) sends.push(send());
	return Promise.all(sends);
}

/** How long until a send succeeds again. */
async function recovery(): Promise<number> {
	const from = Date.now();
	while ((await send()).status !== 201) {
		if (Date.now() - from > 60_000) throw new Error("No send succeeds any more.");
		await sleep(100);
	}
	return Date.now() - from;
}

const storedKeys = async () => (await ground.stored([chat.id])).map(({ client_id }) => client_id);
/** What was ever acknowledged is stored, and nothing twice. */
async function expectAcknowledgedOnce(): Promise<void> {
	const keys = await storedKeys();
	expect([...acknowledged.difference(new Set(keys))]).toEqual([]);
	expect(new Set(keys)).toHaveProperty("size", keys.length);
}

const longest = (sent: Sent[]) => Math.max(...sent.map(({ ms }) => ms));
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
const heardKeys = () => listening.of("message").map(({ content }) => content);
const linksOf = (node: number) => ground.links[node] as Links;

/** How a server is away, what makes it so, and what ends that. */
type Way = [string, () => unknown, () => unknown];

const toPostgres = () => linksOf(0).postgres;
const toRedis = <T>(act: (link: Links["redis"]) => T) =>
	Promise.all(ground.links.map(({ redis }) => act(redis)));

/** Away of the first node, or of all. */
const POSTGRES_AWAY: Way[] = [
	["hangs", () => toPostgres().blackhole(), () => toPostgres().pass()],
	["refuses", () => toPostgres().refuse(), () => toPostgres().pass()],
	["is frozen", () => ground.postgres.sigstop(), () => ground.postgres.sigcont()],
];

test.each(POSTGRES_AWAY)(
	"I30: while PostgreSQL %s, every call is answered UNAVAILABLE in time, and afterwards all goes on by itself",
	async (how, away, back) => {
		const socket = await connect(ground.urls[0] as string, ann.token);
		expect((await send()).status).toBe(201);
		await away();
		const awayAt = Date.now();
		const reading = api(ground.urls[0] as string, ann.token).get(`/chats/${chat.id}`);
		const sends = sending(6_000, 400);
		const { status, body } = await reading;
		expect([status, body.code]).toEqual([503, "UNAVAILABLE"]);
		expect(Date.now() - awayAt).toBeLessThan(ANSWER_MS_MAX);
		const answers = await sends;
		const awayMs = Date.now() - awayAt;
		await back();

		const recoveredMs = await recovery();
		expect(recoveredMs).toBeLessThan(RECOVERED_MS_MAX);
		expect(answers.filter(({ status, code }) => status !== 503 || code !== "UNAVAILABLE")).toEqual([]);
		expect(answers.filter(({ ms }) => ms > ANSWER_MS_MAX)).toEqual([]);
		await expectAcknowledgedOnce();
		expect(socket.io.connected && listening.io.connected).toBe(true);
		expect(ground.nodes.map(({ child }) => child.exitCode)).toEqual([null, null]);
		socket.close();
		figure(
			"I30",
			`PostgreSQL ${how}, for ${seconds(awayMs)}: ${inWords(answers.length)} of ${inWords(answers.length)} ` +
				`sends refused, each within ${inWords(longest(answers))} ms; sends again ${seconds(recoveredMs)} after it is back`,
		);
	},
	60_000,
);

const REDIS_AWAY: Way[] = [
	["refuses", () => toRedis(link => link.refuse()), () => toRedis(link => link.pass())],
	["hangs", () => toRedis(link => link.blackhole()), () => toRedis(link => link.pass())],
	["is frozen", () => ground.redis.sigstop(), () => ground.redis.sigcont()],
	["is killed, and empty when it comes back", () => ground.redis.kill9(), () => ground.redis.restart()],
];

test.each(REDIS_AWAY)(
	"I31: while Redis %s, sends over REST are committed, and afterwards the others catch up by themselves",
	async (how, away, back) => {
		const before = (await storedKeys()).length;
		const awayAt = Date.now();
		await away();
		const sent = await sending(5_000, 250);
		const awayMs = Date.now() - awayAt;
		await back();
		const healedAt = Date.now();
		expect(sent.filter(({ status }) => status !== 201)).toEqual([]);
		expect(sent.filter(({ ms }) => ms > CALL_MS_MAX)).toEqual([]);
		expect(await storedKeys()).toHaveLength(before + sent.length);
		await expectAcknowledgedOnce();
		const last = sent.at(-1)?.clientId;
		await listening.waitFor("message", ({ content }) => content === last, CAUGHT_UP_MS_MAX);
		const caughtUpMs = Date.now() - healedAt;
		expect(caughtUpMs).toBeLessThan(CAUGHT_UP_MS_MAX);
		const wanted = sent.map(({ clientId }) => clientId);
		expect(heardKeys().filter(key => wanted.includes(key ?? ""))).toHaveLength(wanted.length);
		expect(ground.nodes.map(({ child }) => child.exitCode)).toEqual([null, null]);
		figure(
			"I31",
			`Redis ${how}, for ${seconds(awayMs)}: ${inWords(sent.length)} of ${inWords(sent.length)} sends over REST stored once ` +
				`and answered within ${inWords(longest(sent))} ms; the other node's socket had all of them ${seconds(caughtUpMs)} after it was back`,
		);
	},
	60_000,
);
