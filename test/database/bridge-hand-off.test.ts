/** What writers hand to the relay, on a real outbox; Kafka is a list that can be away. */
import "../support/env.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { LogBatch } from "../../contracts/events.ts";
import type { ParleyEvent } from "../../contracts/kafka.ts";
import { newId } from "../../lib/ids.ts";
import { laneOf } from "../../lib/log/cloud-event.ts";
import { KafkaAway } from "../../services/kafka-bridge/port.ts";
import { Leases } from "../../services/kafka-bridge/relay/leases.ts";
import { OutboxStore } from "../../services/kafka-bridge/relay/outbox.store.ts";
import type { OutboxRow } from "../../services/kafka-bridge/relay/relay.rules.ts";
import { Relay, type Sink } from "../../services/kafka-bridge/relay/relay.ts";
import { testBroker } from "../support/broker.ts";
import { countOf, eventually, givenGroup, sendSome } from "../support/events.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let ann: string;
let relays: Relay[] = [];
beforeAll(async () => {
	t = await testBroker();
	ann = await t.user();
});
afterEach(async () => {
	await Promise.all(relays.map(relay => relay.stop()));
	relays = [];
});
afterAll(() => t.stop());

/** Kafka, as far as a relay sees it. */
function topic() {
	const rows: OutboxRow[] = [];
	let away = false;
	let tries = 0;
	let open = Promise.resolve();
	const sink: Sink = {
		async publish(some) {
			tries++;
			await open;
			// Of what fails, a part may be there all the same.
			rows.push(...(away ? some.slice(0, Math.ceil(some.length / 2)) : some));
			if (away) throw new KafkaAway("Kafka is away.");
		},
		async publishDead() {},
	};
	/** The revisions of a chat in the order in which they came first. */
	const revsOf = (chatId: string) => [
		...new Set(
			rows
				.filter(({ key }) => key === chatId)
				.map(({ event }) => (JSON.parse(event) as ParleyEvent<"message.created">).data.rev),
		),
	];
	return {
		sink,
		rows,
		revsOf,
		get tries() {
			return tries;
		},
		setAway: (value: boolean) => {
			away = value;
		},
		/** Publishing waits until the function is called that it returns. */
		hold() {
			const { promise, resolve } = Promise.withResolvers<void>();
			open = promise;
			return resolve;
		},
	};
}

/** A relay that practically never looks into the outbox by itself, unless told to. */
async function startRelay(sink: Sink, settings: { pollEveryMs?: number; leaseMs?: number } = {}) {
	const { pollEveryMs = 60_000, leaseMs = 10_000 } = settings;
	const leases = new Leases(t.db, `relay/${newId()}`, leaseMs);
	const outbox = new OutboxStore(t.db, leases.owner);
	/** The lanes that it has looked into. */
	const looked = new Set<number>();
	const read = outbox.read.bind(outbox);
	outbox.read = async wanted => {
		const found = await read(wanted);
		for (const { lane } of wanted) looked.add(lane);
		return found;
	};
	const relay = new Relay({
		namespace: t.db.schema,
		outbox,
		leases,
		sink,
		logger: t.broker.logger,
		renewEveryMs: 100,
		pollEveryMs,
		lingerMs: 1,
		batchBytesMax: 768 * 1024,
		triesMax: 3,
		triesPauseMs: 10,
	});
	relays.push(relay);
	relay.start();
	return { relay, leases, looked };
}

/** Commits a message. @returns what its writer hands over, as it comes from another node */
async function commit(chatId: string, count = 1): Promise<LogBatch> {
	let batch: LogBatch | undefined;
	const publish = (events: LogBatch["events"], outbox: LogBatch["outbox"]) => {
		batch = structuredClone({ stream: "a writer", n: 1, events, outbox });
	};
	await sendSome(t.db, chatId, ann, count, { exit: { publish } });
	return batch as LogBatch;
}

const isEmpty = async () => (await countOf(t.db, t.db.t.outbox)) === 0;
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

test("what is handed over is published once, and deleted, without a look into the outbox", async () => {
	const kafka = topic();
	const { relay, looked } = await startRelay(kafka.sink);
	await eventually(async () => looked.size === 16);
	const chatId = await givenGroup(t.db, [ann]);
	for (let i = 0; i < 5; i++) {
		const batch = await commit(chatId, 2);
		await t.db.query(`UPDATE ${t.db.t.outbox} SET event = 'this was read'`);
		relay.hand(batch);
	}
	await eventually(isEmpty);
	expect(kafka.rows.map(({ key }) => key)).toEqual(Array(10).fill(chatId));
	expect(kafka.revsOf(chatId)).toEqual(upTo(10));
	expect(kafka.rows.map(({ topics }) => topics)).toEqual(Array(10).fill(["message.created", "chat.events"]));
});

test("I23: what is handed over waits for the commit of another node between, though nobody tells of that one", async () => {
	const kafka = topic();
	const { relay, leases } = await startRelay(kafka.sink);
	await eventually(async () => leases.current().length === 16);
	const chatId = await givenGroup(t.db, [ann]);
	relay.hand(await commit(chatId));
	await eventually(async () => kafka.rows.length === 1);
	const untold = await commit(chatId);
	relay.hand(await commit(chatId));
	relay.hand(await commit(chatId));
	await eventually(isEmpty);
	expect(kafka.revsOf(chatId)).toEqual(upTo(4));
	// It comes at last, and is not told again.
	relay.hand(untold);
	relay.hand(await commit(chatId));
	await eventually(isEmpty);
	expect(kafka.rows).toHaveLength(5);
	expect(kafka.revsOf(chatId)).toEqual(upTo(5));
});

test("I23: what is handed over in the wrong order is published in the right one", async () => {
	const kafka = topic();
	const { relay } = await startRelay(kafka.sink);
	const chatId = await givenGroup(t.db, [ann]);
	const batches: LogBatch[] = [];
	for (let i = 0; i < 8; i++) batches.push(await commit(chatId));
	for (const batch of batches.reverse()) relay.hand(batch);
	await eventually(isEmpty);
	expect(kafka.revsOf(chatId)).toEqual(upTo(8));
});

test("I39: what a node of another version hands over is read, and published as it was written", async () => {
	const kafka = topic();
	const { relay } = await startRelay(kafka.sink);
	const chatId = await givenGroup(t.db, [ann]);
	/** The change is one that this node does not know, with a field and a topic that it would not write. */
	const commitNext = async () => {
		const { events, outbox, ...batch } = await commit(chatId);
		await t.db.query(
			`UPDATE ${t.db.t.outbox} SET topics = topics || '{next}'::text[], event = replace(event, '"data":{', '"data":{"next":1,')
			 WHERE event_id = $1`,
			[events[0]?.id],
		);
		const unknown = events.map(
			event => ({ ...event, change: "message.translated" }) as unknown as typeof event,
		);
		return { ...batch, events: unknown, ...(outbox && { outbox: { ...outbox, format: "next" } }) };
	};
	for (let i = 0; i < 4; i++) {
		relay.hand(await commit(chatId));
		relay.hand(await commitNext());
	}
	relay.hand(await commit(chatId));
	await eventually(isEmpty);
	expect(kafka.revsOf(chatId)).toEqual(upTo(9));
	const next = kafka.rows.filter(({ event }) => event.includes('"next":1'));
	expect(next).toHaveLength(4);
	expect(next.map(({ topics }) => topics)).toEqual(Array(4).fill(["message.created", "chat.events", "next"]));
});

test("I22 and I23: what is handed over while Kafka is away comes afterwards, all of it and in order", async () => {
	const kafka = topic();
	const { relay } = await startRelay(kafka.sink);
	const chats = await Promise.all(upTo(4).map(() => givenGroup(t.db, [ann])));
	const all = async () => {
		for (const chatId of chats) relay.hand(await commit(chatId, 15));
	};
	await all();
	await eventually(isEmpty);
	kafka.setAway(true);
	for (let i = 0; i < 4; i++) {
		await all();
		await sleep(60);
	}
	expect(await countOf(t.db, t.db.t.outbox)).toBe(4 * 4 * 15);
	kafka.setAway(false);
	await all();
	await eventually(isEmpty, 20_000);
	for (const chatId of chats) expect(kafka.revsOf(chatId)).toEqual(upTo(6 * 15));
}, 40_000);

test("I23: what is handed over waits for a long rest that an outage has left", async () => {
	const kafka = topic();
	const { relay } = await startRelay(kafka.sink);
	const chatId = await givenGroup(t.db, [ann]);
	kafka.setAway(true);
	relay.hand(await commit(chatId, 300));
	await eventually(async () => kafka.tries >= 2);
	kafka.setAway(false);
	// The rest is read some at a time; what comes meanwhile follows on it, and is no part of what was read.
	const open = kafka.hold();
	const { tries } = kafka;
	await eventually(async () => kafka.tries > tries);
	relay.hand(await commit(chatId));
	open();
	await eventually(isEmpty, 20_000);
	expect(kafka.revsOf(chatId)).toEqual(upTo(301));
}, 30_000);

test("I27: a lane that changes its holder loses nothing and keeps its order, whoever is told", async () => {
	const kafka = topic();
	const chats = await Promise.all(upTo(6).map(() => givenGroup(t.db, [ann])));
	let sent = 0;
	const some = async () => {
		for (let i = 0; i < 5; i++, sent++)
			for (const chatId of chats) {
				const batch = await commit(chatId);
				for (const relay of relays) relay.hand(batch);
			}
	};
	const first = await startRelay(kafka.sink);
	await some();
	const second = await startRelay(kafka.sink);
	await some();
	await eventually(async () => first.leases.current().length === 8 && second.leases.current().length === 8);
	await some();
	await first.relay.stop();
	relays = [second.relay];
	await some();
	await eventually(isEmpty, 20_000);
	for (const chatId of chats) expect(kafka.revsOf(chatId)).toEqual(upTo(sent));
}, 40_000);

test("I27: who loses a lane in the midst of its work and gets it back publishes nothing that does not follow", async () => {
	const kafka = topic();
	const { relay, leases } = await startRelay(kafka.sink);
	await eventually(async () => leases.current().length === 16);
	const chatId = await givenGroup(t.db, [ann]);
	const lane = laneOf(chatId);
	let other = chatId;
	while (laneOf(other) === lane) other = await givenGroup(t.db, [ann]);
	/** Lets what is on its way end once the next is held. */
	const proceed = async (open: () => void) => {
		const { tries } = kafka;
		const next = kafka.hold();
		open();
		await eventually(() => kafka.tries > tries);
		return next;
	};
	const own = (owner: string | null, until: string) =>
		t.db.query(
			`UPDATE ${t.db.t.lanes} SET owner = $1, until = $2::timestamptz, fence = fence + 1 WHERE lane = $3`,
			[owner, until, lane],
		);

	const first = kafka.hold();
	relay.hand(await commit(other));
	await eventually(() => kafka.tries === 1);
	// One round of three batches of 500; the second has rows of both lanes.
	for (const [key, count] of [
		[other, 500],
		[chatId, 400],
		[other, 100],
		[chatId, 500],
	] as const)
		relay.hand(await commit(key, count));
	const second = await proceed(first);
	await own("another", "infinity");
	await eventually(() => !leases.holds(lane));
	const third = await proceed(second);
	await own(null, "-infinity");
	await eventually(() => leases.holds(lane));
	third();
	await eventually(isEmpty, 20_000);
	expect(kafka.revsOf(chatId)).toEqual(upTo(900));
}, 40_000);

test("more than a relay may keep is left in the outbox, and comes in order", async () => {
	const kafka = topic();
	const { relay } = await startRelay(kafka.sink);
	const chats = await Promise.all(upTo(2).map(() => givenGroup(t.db, [ann])));
	for (const chatId of chats) relay.hand(await commit(chatId));
	await eventually(isEmpty);
	const open = kafka.hold();
	for (let i = 0; i < 14; i++) for (const chatId of chats) relay.hand(await commit(chatId, 400));
	open();
	await eventually(isEmpty, 30_000);
	for (const chatId of chats) expect(kafka.revsOf(chatId)).toEqual(upTo(1 + 14 * 400));
	expect(kafka.rows).toHaveLength(2 * (1 + 14 * 400));
}, 60_000);

test("what nobody is told of is found in the outbox", async () => {
	const kafka = topic();
	await startRelay(kafka.sink, { pollEveryMs: 50 });
	const chatId = await givenGroup(t.db, [ann]);
	for (let i = 0; i < 5; i++) await commit(chatId, 50);
	await eventually(isEmpty);
	expect(kafka.revsOf(chatId)).toEqual(upTo(250));
});
