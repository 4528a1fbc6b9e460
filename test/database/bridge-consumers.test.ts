/** Without Kafka: the relay hands each event to the consumers itself. */
import "../support/env.ts";

import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as analytics from "../../contracts/analytics.ts";
import type { ParleyEvent } from "../../contracts/kafka.ts";
import * as kafka from "../../contracts/kafka.ts";
import { call } from "../../lib/moleculer.ts";
import analyticsService from "../../services/kafka-bridge/analytics.service.ts";
import bridgeService from "../../services/kafka-bridge/kafka-bridge.service.ts";
import { testBroker } from "../support/broker.ts";
import { countOf, eventually, givenGroup, sendSome } from "../support/events.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let ann: string;
let bob: string;
beforeAll(async () => {
	const settings = { ...bridgeService.settings, pollEveryMs: 50 };
	t = await testBroker({ ...bridgeService, settings }, analyticsService);
	[ann, bob] = await Promise.all([t.user(), t.user()]);
});
afterAll(() => t.stop());

const drained = () => eventually(async () => (await countOf(t.db, t.db.t.outbox)) === 0);

test("each event reaches analytics and audit, and leaves the outbox", async () => {
	const chatId = await givenGroup(t.db, [ann, bob]);
	await sendSome(t.db, chatId, ann, 3, { at: "2026-05-04T10:20:00.000Z" });
	await sendSome(t.db, chatId, bob, 1, { at: "2026-05-04T11:00:00.000Z" });
	await drained();

	expect(await countOf(t.db, t.db.t.audit)).toBe(4);
	const report = (by: "hour" | "day") =>
		t.as(ann)(analytics.report, { by, from: "2026-05-04T00:00:00.000Z", to: "2026-05-05T00:00:00.000Z" });
	expect((await report("hour")).items).toEqual([
		{ at: "2026-05-04T10:00:00.000Z", messages: 3, activeUsers: 1, activeChats: 1 },
		{ at: "2026-05-04T11:00:00.000Z", messages: 1, activeUsers: 1, activeChats: 1 },
	]);
	expect((await report("day")).items).toEqual([
		{ at: "2026-05-04T00:00:00.000Z", messages: 4, activeUsers: 2, activeChats: 1 },
	]);
});

test("I24: an event that stands in the outbox twice has its effect once", async () => {
	const chatId = await givenGroup(t.db, [ann, bob]);
	await sendSome(t.db, chatId, ann, 5, { at: "2026-06-01T10:00:00.000Z" });
	await drained();
	const before = await figures();

	await t.db.query(
		`INSERT INTO ${t.db.t.outbox} (lane, topics, key, event_id, event)
		 SELECT 0, '{message.created,chat.events}', $1, event_id, event FROM ${t.db.t.audit}`,
		[chatId],
	);
	await drained();
	expect(await figures()).toEqual(before);
});

test("a service on the node hears whom to notify, once though the event comes twice", async () => {
	const heard = t.heard<ParleyEvent<"notification.send">>("notification.send");
	const chatId = await givenGroup(t.db, [ann, bob]);
	const [message] = await sendSome(t.db, chatId, ann);
	await drained();
	await t.db.query(
		`INSERT INTO ${t.db.t.outbox} (lane, topics, key, event_id, event)
		 SELECT 0, '{message.created,chat.events}', $1, event_id, event FROM ${t.db.t.audit}
		 WHERE event::jsonb #>> '{data,id}' = $2`,
		[chatId, message?.id],
	);
	await drained();
	expect(heard.map(({ type, subject, data }) => [type, subject, data.messageId, data.recipientIds])).toEqual([
		["notification.send", chatId, message?.id, [bob]],
	]);
});

test("I28: an event that is none becomes a dead letter, and those behind it go on", async () => {
	const chatId = await givenGroup(t.db, [ann, bob]);
	const before = await countOf(t.db, t.db.t.audit);
	await t.db.query(
		`INSERT INTO ${t.db.t.outbox} (lane, topics, key, event_id, event)
		 SELECT lane, '{chat.events}', 'k', gen_random_uuid(), '{"type": broken' FROM generate_series(0, 15) AS lane`,
	);
	await sendSome(t.db, chatId, ann, 2);
	await drained();

	expect(await countOf(t.db, t.db.t.audit)).toBe(before + 2);
	const letters = await t.db.query<{ consumer: string; event: string; reason: string }>(
		`SELECT consumer, event, reason FROM ${t.db.t.deadLetters} WHERE consumer = 'audit'`,
	);
	expect(letters).toHaveLength(16);
	expect(letters[0]).toMatchObject({ event: '{"type": broken' });
	expect(letters[0]?.reason).toContain("Unreadable: It is not JSON");
});

test("readiness hears that there is no Kafka", async () => {
	expect(await call(t.broker, kafka.status, {})).toMatchObject({ kafka: "off", lanes: 16 });
});

/** Everything that the consumers have made. */
async function figures() {
	const tables = [t.db.t.audit, t.db.t.analyticsCounts, t.db.t.analyticsActive, t.db.t.seen];
	return Promise.all(tables.map(table => t.db.query(`SELECT * FROM ${table} ORDER BY 1, 2, 3`)));
}
