import "../support/env.ts";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import * as chats from "../../contracts/chats.ts";
import type { LogBatch } from "../../contracts/events.ts";
import * as inbox from "../../contracts/inbox.ts";
import chatsService from "../../services/chats/chats.service.ts";
import inboxService from "../../services/inbox/inbox.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";
import { figure } from "../support/figure.ts";
import { givenMessage } from "../support/rows.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let batches: LogBatch[];
let ann: string;
let bob: string;

beforeAll(async () => {
	// The sweep is woken by each deletion; the timer would only make the order of things a matter of luck.
	t = await testBroker(
		{ ...chatsService, settings: { ...chatsService.settings, sweepEveryMs: 3_600_000 } },
		inboxService,
	);
	batches = t.heard<LogBatch>("log.batch");
	[ann, bob] = await Promise.all([t.user(), t.user()]);
});

afterAll(() => t.stop());

beforeEach(() => {
	batches.length = 0;
});

const told = () => batches.flatMap(batch => batch.events);
const group = () =>
	t.as(ann)(chats.create, { type: "group", participantIds: [bob], name: "G", description: "d" });

async function until(what: () => Promise<boolean>) {
	for (let tries = 0; tries < 300; tries++) {
		if (await what()) return;
		await new Promise(resolve => setTimeout(resolve, 50));
	}
	throw new Error("It did not happen within 15 s.");
}

/**
 * From where on Bob's changes are new ones alone: while a transaction of anybody in the database is open,
 * answers overlap.
 */
async function quiet(since: string): Promise<string> {
	let from = since;
	await until(async () => {
		const page = await t.as(bob)(inbox.changes, { since: from });
		if (page.items.length + page.removed.length === 0) return true;
		from = page.since;
		return false;
	});
	return from;
}

test("a deleted chat vanishes for all at once, and everyone is told, with its threads", async () => {
	const { id: chatId, rev } = await group();
	const thread = await t.as(bob)(chats.thread, { messageId: await givenMessage(t.db, chatId, ann) });
	batches.length = 0;
	await t.as(ann)(chats.remove, { chatId });
	expect(told()).toMatchObject([
		{
			change: "chat.deleted",
			chatId,
			rev: rev + 2,
			actorId: ann,
			data: { id: chatId, name: "G", rev: rev + 2 },
		},
		{ change: "chat.deleted", chatId: thread.id, rev: 2, data: { parentChatId: chatId } },
	]);
	for (const me of [ann, bob])
		for (const id of [chatId, thread.id])
			expect(await codeOf(t.as(me)(chats.get, { chatId: id }))).toBe("NOT_FOUND");
	expect((await t.as(ann)(chats.rooms, { userIds: [bob] })).items.map(room => room.chatId)).not.toContain(
		chatId,
	);
	expect(await codeOf(t.as(ann)(chats.remove, { chatId }))).toBe("NOT_FOUND");
});

test("its rows go in batches, and what stays says nothing but that it is gone", async () => {
	const { id: chatId } = await group();
	const since = await quiet((await t.as(bob)(inbox.list, {})).since);
	await t.db.query(
		`INSERT INTO ${t.db.t.messages} (chat_id, seq, id, rev, sender_id, type, content, client_id, created_at)
		 SELECT $1, n, gen_random_uuid(), n + 2, $2, 'text', 'x', n::text, now() FROM generate_series(1, 2500) n`,
		[chatId, ann],
	);
	await t.db.query(`UPDATE ${t.db.t.heads} SET last_seq = 2500, rev = 2502 WHERE chat_id = $1`, [chatId]);
	await t.as(ann)(chats.remove, { chatId });
	const row = async () =>
		(
			await t.db.query<{ purged_at: string | null }>(`SELECT * FROM ${t.db.t.chats} WHERE id = $1`, [chatId])
		)[0];
	await until(async () => Boolean((await row())?.purged_at));
	expect(await t.db.query(`SELECT 1 FROM ${t.db.t.messages} WHERE chat_id = $1`, [chatId])).toEqual([]);
	expect(await row()).toMatchObject({ name: null, description: null, metadata: {} });
	expect((await t.as(bob)(inbox.changes, { since })).removed).toEqual([chatId]);
});

test("more threads than one transaction takes are unseen at once, and deleted soon after", async () => {
	const { id: chatId } = await group();
	const threads = await Promise.all(
		Array.from({ length: 103 }, async () =>
			t.as(bob)(chats.thread, { messageId: await givenMessage(t.db, chatId, ann) }),
		),
	);
	await t.as(ann)(chats.remove, { chatId });
	const codes = await Promise.all(threads.map(({ id }) => codeOf(t.as(bob)(chats.get, { chatId: id }))));
	expect(new Set(codes)).toEqual(new Set(["NOT_FOUND"]));
	await until(async () => told().filter(({ change }) => change === "chat.deleted").length === 104);
	expect(told().every(({ actorId }) => actorId === ann || actorId === bob)).toBe(true);
});

test("a thread that was deleted makes place for another on the same message", async () => {
	const { id: chatId } = await group();
	const messageId = await givenMessage(t.db, chatId, ann);
	const first = await t.as(bob)(chats.thread, { messageId });
	await t.as(ann)(chats.remove, { chatId: first.id });
	const second = await t.as(bob)(chats.thread, { messageId });
	expect(second.id).not.toBe(first.id);
	expect(await codeOf(t.as(bob)(chats.get, { chatId }))).toBe("ok");
});

test("I16: who was away learns which chats were lost, and nothing of what happened in them", async () => {
	const [left, kicked, deleted, kept] = await Promise.all([group(), group(), group(), group()]);
	const thread = await t.as(bob)(chats.thread, { messageId: await givenMessage(t.db, kicked.id, ann) });
	const since = await quiet((await t.as(bob)(inbox.list, {})).since);
	await t.as(bob)(chats.leave, { chatId: left.id });
	await t.as(ann)(chats.removeMember, { chatId: kicked.id, userId: bob });
	await givenMessage(t.db, kicked.id, ann, [bob]);
	await givenMessage(t.db, thread.id, ann);
	await t.as(ann)(chats.remove, { chatId: deleted.id });
	await givenMessage(t.db, kept.id, ann);
	const changes = await t.as(bob)(inbox.changes, { since });
	const lost = [left.id, kicked.id, deleted.id, thread.id];
	expect(changes.removed.sort()).toEqual(lost.sort());
	expect(changes.items.map(({ chat }) => chat.id)).toEqual([kept.id]);
	expect((await t.as(bob)(inbox.list, {})).items.map(({ chat }) => chat.id)).not.toContain(kicked.id);
	figure(
		"I16",
		`of ${lost.length} chats lost while away (left, removed from, deleted, a thread) ${changes.removed.length} are told as lost, and nothing of what was said in them`,
	);
	await quiet(changes.since);
});
