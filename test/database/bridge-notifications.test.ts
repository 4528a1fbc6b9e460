/** Whom a message notifies: decided in SQL, so tried on PostgreSQL. */
import "../support/env.ts";

import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Notification, ParleyEvent } from "../../contracts/kafka.ts";
import type { Message } from "../../contracts/messages.ts";
import { newId } from "../../lib/ids.ts";
import { notificationsConsumer } from "../../services/kafka-bridge/consumers/notifications.ts";
import { testBroker } from "../support/broker.ts";
import { givenGroup, sendSome } from "../support/events.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let [ann, bob, cid, dan]: string[] = [];
let chatId: string;
let online: Set<string>;
beforeAll(async () => {
	t = await testBroker();
	[ann, bob, cid, dan] = (await Promise.all([t.user(), t.user(), t.user(), t.user()])).sort();
});
beforeEach(async () => {
	chatId = await givenGroup(t.db, users(ann, bob, cid));
	online = new Set();
});
afterAll(() => t.stop());

const users = (...ids: (string | undefined)[]): string[] => ids.map(id => id ?? "");

/** What is told of Ann's newest message. */
async function told(
	more: Partial<Message> & { at?: string } = {},
	notifyAllMax = 10,
): Promise<Notification[]> {
	await sendSome(t.db, chatId, ann ?? "", 1, more);
	const [row] = await t.db.query<{ event: string }>(
		`SELECT event FROM ${t.db.t.outbox} ORDER BY id DESC LIMIT 1`,
	);
	return toldOf(JSON.parse(row?.event ?? "") as ParleyEvent, notifyAllMax);
}

async function toldOf(event: ParleyEvent, notifyAllMax = 10): Promise<Notification[]> {
	const consumer = notificationsConsumer({
		db: t.db,
		namespace: t.db.schema,
		notifyAllMax,
		offlineAmong: async ids => new Set(ids.filter(id => !online.has(id))),
	});
	const prepared = await consumer.prepare?.([{ event, text: "" }]);
	return [...(prepared?.values() ?? [])].flat().map(({ data }) => data as Notification);
}

const recipients = (records: Notification[]) =>
	records.flatMap(({ kind, recipientIds }) => [kind, ...recipientIds]);
const member = (set: string, userId: string | undefined) =>
	t.db.query(`UPDATE ${t.db.t.members} SET ${set} WHERE chat_id = $1 AND user_id = $2`, [chatId, userId]);

test("everyone but the sender, while they are offline", async () => {
	expect(recipients(await told())).toEqual(["message", bob, cid]);
	online.add(bob ?? "");
	expect(recipients(await told())).toEqual(["message", cid]);
});

test("not who has muted the chat, until the mute ends", async () => {
	await member("muted_until = now() + interval '1 hour'", bob);
	await member("muted_until = now() - interval '1 hour'", cid);
	expect(recipients(await told())).toEqual(["message", cid]);
});

test("not who has read it by then, nor who has left", async () => {
	await member("read_seq = 1", bob);
	await member("left_at = now()", cid);
	expect(await told()).toEqual([]);
	expect(recipients(await told())).toEqual(["message", bob]);
});

test("those whom it mentions are told so, and are all in a chat above the threshold", async () => {
	const mentions = users(cid);
	expect(recipients(await told({ mentions }))).toEqual(["mention", cid, "message", bob]);
	expect(recipients(await told({ mentions }, 2))).toEqual(["mention", cid]);
	expect(await told({}, 2)).toEqual([]);
});

test("a mention reaches nobody who is not in the chat", async () => {
	expect(recipients(await told({ mentions: users(dan) }))).toEqual(["message", bob, cid]);
});

test("nobody is told of what is ten minutes old, or deleted meanwhile", async () => {
	expect(await told({ at: new Date(Date.now() - 601_000).toISOString() })).toEqual([]);
	const [message] = await sendSome(t.db, chatId, ann ?? "");
	await t.db.query(`UPDATE ${t.db.t.messages} SET deleted_at = now() WHERE id = $1`, [message?.id]);
	const [row] = await t.db.query<{ event: string }>(
		`SELECT event FROM ${t.db.t.outbox} ORDER BY id DESC LIMIT 1`,
	);
	expect(await toldOf(JSON.parse(row?.event ?? ""))).toEqual([]);
});

test("in a thread: its followers, as long as they are in the parent, and members of it who are mentioned", async () => {
	const parent = chatId;
	chatId = await givenGroup(t.db, users(ann, bob, dan));
	await t.db.query(
		`UPDATE ${t.db.t.chats} SET type = 'thread', parent_chat_id = $2, parent_message_id = $3 WHERE id = $1`,
		[chatId, parent, newId()],
	);
	expect(recipients(await told())).toEqual(["message", bob]);
	expect(recipients(await told({ mentions: users(cid, dan) }))).toEqual(["mention", cid, "message", bob]);
});

test("more than a thousand come in several records, none twice", async () => {
	const many = Array.from({ length: 2_100 }, () => newId());
	chatId = await givenGroup(t.db, [ann ?? "", ...many]);
	const records = await told({}, 5_000);
	expect(records.map(({ recipientIds }) => recipientIds.length)).toEqual([1_000, 1_000, 100]);
	expect(new Set(records.flatMap(({ recipientIds }) => recipientIds))).toEqual(new Set(many));
});
