/** The bridge on a real Kafka. */
import "../support/env.ts";
import "../support/env-kafka.ts";

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Ajv2020 } from "ajv/dist/2020.js";
import kafkajs from "kafkajs";
import { EVENT_TYPES, eventSchema } from "../../contracts/event-schemas.ts";
import type { Events } from "../../contracts/events.ts";
import * as kafka from "../../contracts/kafka.ts";
import { config } from "../../lib/config.ts";
import { announce, call } from "../../lib/moleculer.ts";
import { openBridge } from "../../services/kafka-bridge/bridge.ts";
import bridgeService from "../../services/kafka-bridge/kafka-bridge.service.ts";
import { testBroker } from "../support/broker.ts";
import { countOf, eventually, givenGroup, type OnTopic, readTopic, sendSome } from "../support/events.ts";
import { figure, inWords } from "../support/figure.ts";

const brokers = process.env.CHAT_KAFKA_BROKERS ?? "";
const client = new kafkajs.Kafka({ brokers: brokers.split(","), logLevel: kafkajs.logLevel.NOTHING });
/** How long one record that nobody can read may hold up what is behind it. */
const HELD_UP_S_MAX = 5;
const settings = {
	...bridgeService.settings,
	pollEveryMs: 50,
	watchEveryMs: 200,
	sessionTimeoutMs: 6_000,
	fetchWaitMs: 100,
};

let t: Awaited<ReturnType<typeof testBroker>>;
let ann: string;
let bob: string;
beforeAll(async () => {
	t = await testBroker({ ...bridgeService, settings });
	[ann, bob] = await Promise.all([t.user(), t.user()]);
	await eventually(async () => (await call(t.broker, kafka.status, {})).kafka === "up", 20_000);
}, 40_000);
afterAll(() => t.stop());

const named = (topic: kafka.Topic) => `${t.db.schema}.${topic}`;
const eventsOn = async (topic: kafka.Topic) => (await firstsOn(topic)).map(parsed);
/** Once there are some that fit: what a consumer has done is told a moment later, each topic by itself. */
async function toldOn(topic: kafka.Topic, fits: (event: kafka.ParleyEvent) => boolean = () => true) {
	let found: kafka.ParleyEvent[] = [];
	await eventually(async () => {
		found = (await eventsOn(topic)).filter(fits);
		return found.length > 0;
	});
	return found;
}
/** An answer of Kafka may say of one topic alone that it failed, and then both are told again: the first of each counts. */
const firstsOn = async (topic: kafka.Topic) => {
	const records = await readTopic(brokers, named(topic));
	return [...new Map(records.toReversed().map(record => [record.value, record])).values()].toReversed();
};
const parsed = ({ value }: OnTopic) => JSON.parse(value) as kafka.ParleyEvent;
/** Within seconds on a machine that has nothing else to do; where something is held up, never. */
async function audited(n: number): Promise<void> {
	await eventually(async () => (await countOf(t.db, t.db.t.audit)) === n, 30_000);
}

test("every topic is there, with the installation's prefix and its partitions", async () => {
	const admin = client.admin();
	await admin.connect();
	const { topics } = await admin.fetchTopicMetadata({ topics: kafka.TOPICS.map(named) });
	await admin.disconnect();
	expect(topics.map(({ name }) => name).sort()).toEqual(kafka.TOPICS.map(named).sort());
	expect(new Set(topics.map(({ partitions }) => partitions.length))).toEqual(new Set([2]));
});

test("a message is one event with one id, in its own topic and in chat.events, keyed by its chat", async () => {
	const chatId = await givenGroup(t.db, [ann, bob]);
	const [message] = await sendSome(t.db, chatId, ann);
	await audited(1);

	const [own, all] = await Promise.all([firstsOn("message.created"), firstsOn("chat.events")]);
	expect(own).toHaveLength(1);
	expect(all.map(({ value }) => value)).toEqual(own.map(({ value }) => value));
	expect(own[0]?.key).toBe(chatId);
	expect(JSON.parse(own[0]?.value ?? "")).toMatchObject({
		specversion: "1.0",
		source: `/parley/${t.db.schema}`,
		type: "message.created",
		subject: chatId,
		datacontenttype: "application/json",
		data: { ...message, actorId: ann },
	});
});

test("what the consumers make of it is told: figures, activity, an audit row, a notification", async () => {
	const [figures] = await toldOn("analytics.message");
	expect(figures?.data).toMatchObject({ senderId: ann, contentUnits: 5, mentions: 0 });
	expect((await toldOn("analytics.user.activity")).map(({ data }) => data)).toMatchObject([{ userId: ann }]);
	const [row] = await t.db.query<{ hash: string }>(`SELECT hash FROM ${t.db.t.audit}`);
	expect((await toldOn("audit.log"))[0]?.data).toMatchObject({ n: 1, hash: row?.hash, actorId: ann });
	const [notification, ...others] = await toldOn("notification.send");
	expect(others).toEqual([]);
	expect(notification?.data).toMatchObject({ senderId: ann, kind: "message", recipientIds: [bob] });
}, 90_000);

test("online, offline and typing are told once a transition and once a burst", async () => {
	const chatId = await givenGroup(t.db, [ann, bob]);
	const status = (to: Events["presence.changed"]["users"][number]["status"]) =>
		announce(t.broker, "presence.changed", {
			users: [{ userId: ann, status: to, text: null, lastSeenAt: null }],
		});
	for (const to of ["online", "away", "online", "offline"] as const) await status(to);
	for (const isTyping of [true, true, false, true])
		await announce(t.broker, "typing.moved", { chatId, userId: ann, isTyping });

	await eventually(async () => (await eventsOn("user.typing")).length === 2);
	expect(await toldOn("user.online")).toHaveLength(1);
	expect(await toldOn("user.offline")).toHaveLength(1);
}, 90_000);

test("every event on Kafka is as its published schema says", async () => {
	const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
	const wrong: unknown[] = [];
	const met = new Set<string>();
	for (const topic of EVENT_TYPES) {
		const validate = ajv.compile(eventSchema(topic));
		for (const event of await eventsOn(topic)) {
			met.add(event.type);
			if (!validate(event)) wrong.push({ topic, errors: validate.errors });
		}
	}
	expect(wrong).toEqual([]);
	expect([...met].sort()).toEqual([
		"analytics.message",
		"analytics.user.activity",
		"audit.log",
		"message.created",
		"notification.send",
		"user.offline",
		"user.online",
		"user.typing",
	]);
}, 60_000);

test("I28: a poison record is one dead letter, and what comes behind it is there", async () => {
	const chatId = await givenGroup(t.db, [ann, bob]);
	const before = await countOf(t.db, t.db.t.audit);
	const producer = client.producer();
	await producer.connect();
	const wrong = JSON.stringify({ specversion: "1.0", id: "not an id", type: "message.created", data: {} });
	await producer.send({ topic: named("chat.events"), messages: [{ key: chatId, value: wrong }] });
	await producer.disconnect();
	const behindAt = Date.now();
	await sendSome(t.db, chatId, ann, 3);
	await audited(before + 3);
	const behindS = (Date.now() - behindAt) / 1_000;
	expect(behindS).toBeLessThanOrEqual(HELD_UP_S_MAX);

	const letters = await t.db.query<{ consumer: string; event: string }>(
		`SELECT consumer, event FROM ${t.db.t.deadLetters} WHERE consumer = 'audit'`,
	);
	expect(letters).toEqual([{ consumer: "audit", event: wrong }]);
	const told = await toldOn("dead.letter", ({ data }) => (data as kafka.DeadLetter).consumer === "audit");
	expect(told).toMatchObject([{ type: "dead.letter", subject: chatId, data: { event: wrong } }]);
	figure(
		"I28",
		`a record that is none: ${letters.length} dead letter, and what is behind it applied after ${behindS.toFixed(1)} s`,
	);
}, 60_000);

test("I28: an event too large for Kafka is one dead letter, and other chats go on", async () => {
	const [small, large] = await Promise.all([givenGroup(t.db, [ann]), givenGroup(t.db, [ann])]);
	const before = await countOf(t.db, t.db.t.audit);
	const sentAt = Date.now();
	await sendSome(t.db, large, ann, 1, { content: "x".repeat(1_500_000) });
	await sendSome(t.db, large, ann, 1);
	await sendSome(t.db, small, ann, 200);
	await audited(before + 201);
	const behindS = (Date.now() - sentAt) / 1_000;
	expect(behindS).toBeLessThanOrEqual(HELD_UP_S_MAX);

	await eventually(async () => (await countOf(t.db, t.db.t.outbox)) === 0);
	const letters = await t.db.query<{ reason: string }>(
		`SELECT reason FROM ${t.db.t.deadLetters} WHERE consumer = 'relay'`,
	);
	expect(letters).toHaveLength(1);
	expect(letters[0]?.reason).toContain("MESSAGE_TOO_LARGE");
	figure(
		"I28",
		`an event too large for Kafka: ${letters.length} dead letter, and 201 events behind it applied after ${behindS.toFixed(1)} s`,
	);
}, 60_000);

test("I24: the whole topic again changes no row, whether by its offsets or as new records", async () => {
	const consumed = [t.db.t.audit, t.db.t.analyticsCounts, t.db.t.analyticsActive];
	const rows = () =>
		Promise.all(consumed.map(table => t.db.query(`SELECT * FROM ${table} ORDER BY 1, 2, 3`)));
	await applied();
	const before = await rows();

	const again = await readTopic(brokers, named("chat.events"));
	const producer = client.producer();
	await producer.connect();
	const messages = again.map(({ key, value }) => ({ key, value }));
	await producer.send({ topic: named("chat.events"), messages });
	await producer.disconnect();
	await applied();
	expect(await rows()).toEqual(before);

	// As after a crash between the commit of an effect and that of its offset, only more so.
	const service = t.broker.getLocalService("kafka-bridge");
	await t.broker.destroyService(service);
	const admin = client.admin();
	await admin.connect();
	await admin.deleteGroups(kafka.CONSUMERS.map(group => `${t.db.schema}.${group}`));
	await admin.disconnect();
	t.broker.createService({ ...bridgeService, settings } as never);
	const chatId = await givenGroup(t.db, [ann]);
	await sendSome(t.db, chatId, ann, 1, { at: "2026-01-01T00:00:00.000Z" });
	await audited((before[0]?.length ?? 0) + 1);
	const after = await t.db.query(
		`SELECT * FROM ${t.db.t.analyticsCounts} WHERE at > '2026-02-01' ORDER BY 1, 2, 3`,
	);
	expect(after).toEqual(before[1]);
	figure(
		"I24",
		`a topic of ${inWords(again.length)} events delivered again, by offsets and as records: no row changed`,
	);
}, 120_000);

test("a bridge that leaves gives its lanes back, within seconds", async () => {
	const startedAt = Date.now();
	await t.broker.destroyService(t.broker.getLocalService("kafka-bridge"));
	// With what a busy machine adds.
	expect(Date.now() - startedAt).toBeLessThan(15_000);
	const [row] = await t.db.query<{ n: number }>(
		`SELECT count(*) AS n FROM ${t.db.t.lanes} WHERE until > now()`,
	);
	expect(row?.n).toBe(0);
});

test("a node without the consumers publishes, and leaves what was published to others", async () => {
	const bridge = openBridge({
		db: t.db,
		broker: t.broker,
		logger: t.broker.logger,
		config: { ...config, consumers: false },
		settings,
	});
	bridge.start();
	try {
		const before = await countOf(t.db, t.db.t.audit);
		const [sent] = await sendSome(t.db, await givenGroup(t.db, [ann]), ann);
		await eventually(async () =>
			JSON.stringify(await eventsOn("message.created")).includes(String(sent?.id)),
		);
		const admin = client.admin();
		await admin.connect();
		const { groups } = await admin.describeGroups(kafka.CONSUMERS.map(group => `${t.db.schema}.${group}`));
		await admin.disconnect();
		expect(groups.flatMap(({ members }) => members)).toEqual([]);
		expect(await countOf(t.db, t.db.t.audit)).toBe(before);
	} finally {
		await bridge.stop();
	}
}, 60_000);

/** Until each consumer has applied all that is on `chat.events`. */
async function applied() {
	const admin = client.admin();
	await admin.connect();
	const ends = await admin.fetchTopicOffsets(named("chat.events"));
	await admin.disconnect();
	const end = ends.reduce((sum, { high }) => sum + Number(high), 0);
	await eventually(async () => {
		const rows = await t.db.query<{ consumer: string; sum: number }>(
			`SELECT consumer, sum(next_offset)::float8 AS sum FROM ${t.db.t.consumed}
			 WHERE source LIKE 'chat.events-%' GROUP BY consumer`,
		);
		return rows.length === 3 && rows.every(({ sum }) => sum === end);
	}, 20_000);
}
