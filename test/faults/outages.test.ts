import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import { type Ground, type Links, prepareGround } from "../support/ground.ts";
import { api } from "../support/http.ts";
import { goHome, type Person, person } from "../support/people.ts";
import { connect, type TestSocket } from "../support/socket.ts";

/** A query is given up after 5 s; the rest is for the machine. */
const ANSWER_MS_MAX = 9_000;
const RECOVERED_MS_MAX = 15_000;
const CAUGHT_UP_MS_MAX = 25_000;

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
const heardKeys = () => listening.of("message").map(({ content }) => content);
const linksOf = (node: number) => ground.links[node] as Links;

/** Each way for PostgreSQL to be away of the first node. */
const AWAY: [string, (links: Links) => Promise<void>, (links: Links) => Promise<void>][] = [
	["hangs", async ({ postgres }) => postgres.blackhole(), ({ postgres }) => postgres.pass()],
	["refuses", ({ postgres }) => postgres.refuse(), ({ postgres }) => postgres.pass()],
	["is frozen", () => ground.postgres.sigstop(), () => ground.postgres.sigcont()],
];

test.each(AWAY)(
	"I30: while PostgreSQL %s, every call is answered UNAVAILABLE in time, and afterwards all goes on by itself",
	async (_, away, back) => {
		const socket = await connect(ground.urls[0] as string, ann.token);
		expect((await send()).status).toBe(201);
		await away(linksOf(0));
		const awayAt = Date.now();
		const reading = api(ground.urls[0] as string, ann.token).get(`/chats/${chat.id}`);
		const sends = sending(6_000, 400);
		const { status, body } = await reading;
		expect([status, body.code]).toEqual([503, "UNAVAILABLE"]);
		expect(Date.now() - awayAt).toBeLessThan(ANSWER_MS_MAX);
		const answers = await sends;
		await back(linksOf(0));

		expect(await recovery()).toBeLessThan(RECOVERED_MS_MAX);
		expect(answers.filter(({ status, code }) => status !== 503 || code !== "UNAVAILABLE")).toEqual([]);
		expect(answers.filter(({ ms }) => ms > ANSWER_MS_MAX)).toEqual([]);
		expect(socket.io.connected && listening.io.connected).toBe(true);
		expect(ground.nodes.map(({ child }) => child.exitCode)).toEqual([null, null]);
		socket.close();
	},
	60_000,
);

test.each([
	["refuses", (links: Links) => links.redis.refuse()],
	["hangs", async (links: Links) => links.redis.blackhole()],
] as const)(
	"I31: while Redis %s, sends over REST are committed, and afterwards the others catch up by themselves",
	async (_, away) => {
		const before = (await storedKeys()).length;
		await Promise.all(ground.links.map(away));
		const sent = await sending(5_000, 250);
		await Promise.all(ground.links.map(({ redis }) => redis.pass()));
		const healedAt = Date.now();
		expect(sent.filter(({ status }) => status !== 201)).toEqual([]);
		expect(sent.filter(({ ms }) => ms > 14_000)).toEqual([]);
		const keys = await storedKeys();
		expect(keys).toHaveLength(before + sent.length);
		expect(new Set(keys)).toHaveProperty("size", keys.length);
		const last = sent.at(-1)?.clientId;
		await listening.waitFor("message", ({ content }) => content === last, CAUGHT_UP_MS_MAX);
		expect(Date.now() - healedAt).toBeLessThan(CAUGHT_UP_MS_MAX);
		const wanted = sent.map(({ clientId }) => clientId);
		expect(heardKeys().filter(key => wanted.includes(key ?? ""))).toHaveLength(wanted.length);
		expect(ground.nodes.map(({ child }) => child.exitCode)).toEqual([null, null]);
	},
	60_000,
);
