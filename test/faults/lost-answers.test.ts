import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { figure, inWords } from "../support/figure.ts";
import { type Ground, type Links, prepareGround } from "../support/ground.ts";
import { Load } from "../support/load.ts";
import { goHome, type Person, person } from "../support/people.ts";
import type { TcpProxy } from "../support/proxy.ts";
import { check, NOTHING } from "../support/record.ts";

let ground: Ground;

beforeAll(async () => {
	// The second has no service but the gateway, so its calls, and their answers, go through Redis.
	ground = await prepareGround([{}, { SERVICES: "gateway" }]);
}, 120_000);

afterAll(async () => {
	goHome();
	await ground?.stop();
});

const linksOf = (node: number) => ground.links[node] as Links;

/** Sends of which every one is repeated with its key until it is answered. */
async function someoneSends() {
	const { urls } = ground;
	const [ann, ben] = (await Promise.all(["ann", "ben"].map(name => person(name, urls)))) as [Person, Person];
	const chats = await Promise.all([ann.group(ben), ben.group(ann), ann.direct(ben)]);
	const ids = chats.map(({ id }) => id);
	const load = new Load({
		senders: [ann, ben],
		chatIds: ids,
		parallel: 12,
		pauseMs: 10,
		triesMax: 100,
		answerMs: 2_000,
	});
	return { load, ids };
}

/** Sends while a link loses its answers: briefly, and for 3 s. */
async function whileLosing(link: TcpProxy, lose: (link: TcpProxy) => void) {
	const { load, ids } = await someoneSends();
	const before = link.stats.bytesDropped;
	await sleep(500);
	// Whether an answer was on its way just then is chance: where none was, once more.
	const cuts = [300, 300, 300, 300, 3_000, ...Array(10).fill(300)];
	for (const [i, ms] of cuts.entries()) {
		if (i > 4 && load.replayed > 0) break;
		lose(link);
		await sleep(ms);
		await link.pass();
		await sleep(700);
	}
	const okByThen = load.ok;
	await sleep(1_000);
	const operations = await load.stop();
	expect(link.stats.bytesDropped).toBeGreaterThan(before);
	expect(load.ok).toBeGreaterThan(okByThen);
	return { operations, load, stored: await ground.stored(ids) };
}

test("I3: sends whose answers are lost between a node and PostgreSQL are stored once when they are repeated", async () => {
	const { operations, load, stored } = await whileLosing(linksOf(0).postgres, link =>
		link.dropDownFrom("COMMIT"),
	);
	expect(load.replayed).toBeGreaterThan(0);
	expect(operations.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
	expect(check(operations, stored, [])).toEqual(NOTHING);
	figure("I3", said("PostgreSQL", load));
}, 60_000);

test("I3: sends whose answers are lost between a node and Redis are stored once when they are repeated", async () => {
	const { operations, load, stored } = await whileLosing(linksOf(1).redis, link => link.dropDown());
	expect(load.replayed).toBeGreaterThan(0);
	expect(operations.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
	expect(check(operations, stored, [])).toEqual(NOTHING);
	figure("I3", said("Redis", load));
}, 60_000);

const CUTS = 20;
/** What Redis says while a node connects is within them, and some of it while it subscribes. */
const HANDSHAKE_BYTES = 8_000;
const BETWEEN_CUTS_MS = 400;

// A bus that connects again and fails at it may run an action twice: moleculer issue 1363.
test("I31: sends through a gateway whose link to Redis is cut again and again while it connects are stored once", async () => {
	const link = linksOf(1).redis;
	const { load, ids } = await someoneSends();
	const before = link.stats.connections;
	for (let i = 0; i < CUTS; i++) {
		link.cut();
		link.cutAfterBytes(Math.floor((HANDSHAKE_BYTES * (i + Math.random())) / CUTS));
		await sleep(BETWEEN_CUTS_MS);
	}
	await link.pass();
	const connections = link.stats.connections - before;
	const okByThen = load.ok;
	await sleep(2_000);
	const operations = await load.stop();
	expect(connections).toBeGreaterThan(CUTS);
	expect(load.ok).toBeGreaterThan(okByThen);
	expect(operations.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
	expect(check(operations, await ground.stored(ids), [])).toEqual(NOTHING);
	figure(
		"I31",
		`a gateway's link to Redis cut ${CUTS} times while it connected: ${inWords(load.ok)} sends, ` +
			`${inWords(load.replayed)} answered only at a repetition, each stored once`,
	);
}, 60_000);

const said = (server: string, { ok, replayed }: Load) =>
	`answers of ${server} lost: ${inWords(ok)} sends, ${inWords(replayed)} answered only at a repetition, each stored once`;
