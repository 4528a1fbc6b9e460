import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as chats from "../../contracts/chats.ts";
import type { Events, LogBatch } from "../../contracts/events.ts";
import chatsService from "../../services/chats/chats.service.ts";
import { THREADS_MAX } from "../../services/chats/leaving.store.ts";
import { codeOf, testBroker } from "../support/broker.ts";
import { eventually } from "../support/events.ts";
import { givenMessage } from "../support/rows.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let batches: LogBatch[];
let grew: Events["thread.grew"][];
let ann: string;
let bob: string;
let cid: string;

beforeAll(async () => {
	const settings = { ...chatsService.settings, sweepEveryMs: 600_000 };
	t = await testBroker({ ...chatsService, settings });
	batches = t.heard<LogBatch>("log.batch");
	grew = t.heard<Events["thread.grew"]>("thread.grew");
	[ann, bob, cid] = await Promise.all([t.user(), t.user(), t.user()]);
});

afterAll(() => t.stop());

const group = () => t.as(ann)(chats.create, { type: "group", participantIds: [bob, cid], name: "G" });
const told = (chatId: string) =>
	batches.flatMap(batch => batch.events).filter(event => event.chatId === chatId);

async function thread(chatId: string, maker = bob) {
	return t.as(maker)(chats.thread, { messageId: await givenMessage(t.db, chatId, ann) });
}

test("a thread is made once, whoever asks at the same time, and its maker follows it", async () => {
	const { id: chatId, rev } = await group();
	const messageId = await givenMessage(t.db, chatId, ann);
	const made = await Promise.all(
		Array.from({ length: 20 }, (_, i) => t.as([ann, bob, cid][i % 3] as string)(chats.thread, { messageId })),
	);
	const [first] = made;
	expect(new Set(made.map(({ id }) => id)).size).toBe(1);
	expect(first).toMatchObject({
		type: "thread",
		parentChatId: chatId,
		parentMessageId: messageId,
		memberCount: 1,
		rev: 1,
	});
	expect(told(first?.id ?? "").map(({ change }) => change)).toEqual(["chat.created", "member.created"]);
	expect(grew).toEqual([
		{ parentChatId: chatId, messageId, thread: { chatId: first?.id, count: 0, lastAt: null } },
	]);
	// The message took one; the thread is no change of its parent.
	expect((await t.as(ann)(chats.get, { chatId })).rev).toBe(rev + 1);
});

test("who asks for a thread that is there gets it, as there, and follows it only by joining", async () => {
	const { id: chatId } = await group();
	const made = await thread(chatId);
	const meta: Record<string, unknown> = { user: { id: cid } };
	const again = await t.broker.call<chats.Chat, object>(
		"chats.thread",
		{ messageId: made.parentMessageId },
		{ meta },
	);
	expect([again.id, meta.existed, again.memberCount]).toEqual([made.id, true, 1]);
	expect(await t.as(cid)(chats.join, { chatId: made.id })).toMatchObject({ memberCount: 2 });
	await t.as(cid)(chats.leave, { chatId: made.id });
	expect(await codeOf(t.as(cid)(chats.leave, { chatId: made.id }))).toBe("ok");
	expect(await codeOf(t.as(cid)(chats.get, { chatId: made.id }))).toBe("ok");
});

test("a thread in a thread, or on a deleted message, is a conflict; on an unseen message it is not found", async () => {
	const { id: chatId } = await group();
	const made = await thread(chatId);
	const inside = await givenMessage(t.db, made.id, bob);
	expect(await codeOf(t.as(bob)(chats.thread, { messageId: inside }))).toBe("CONFLICT");
	const messageId = await givenMessage(t.db, chatId, ann);
	expect(await codeOf(t.as(await t.user())(chats.thread, { messageId }))).toBe("NOT_FOUND");
	await t.db.query(`UPDATE ${t.db.t.messages} SET deleted_at = now() WHERE id = $1`, [messageId]);
	expect(await codeOf(t.as(bob)(chats.thread, { messageId }))).toBe("CONFLICT");
});

test("an outsider who sees a channel sees neither its messages nor their threads", async () => {
	const { id: chatId } = await t.as(ann)(chats.create, { type: "channel", participantIds: [bob], name: "C" });
	const made = await thread(chatId);
	expect(await codeOf(t.as(cid)(chats.thread, { messageId: made.parentMessageId ?? "" }))).toBe("NOT_FOUND");
	expect(await codeOf(t.as(cid)(chats.join, { chatId: made.id }))).toBe("NOT_FOUND");
});

test("leaving the parent ends following its threads, in the same moment", async () => {
	const { id: chatId } = await group();
	const made = await Promise.all([thread(chatId), thread(chatId)]);
	await t.as(bob)(chats.leave, { chatId });
	for (const { id } of made) {
		expect(told(id).at(-1)).toMatchObject({
			change: "member.left",
			rev: 2,
			data: { member: { userId: bob } },
		});
		expect(await t.as(ann)(chats.get, { chatId: id })).toMatchObject({ memberCount: 0, rev: 2 });
		expect(await codeOf(t.as(bob)(chats.get, { chatId: id }))).toBe("NOT_FOUND");
	}
});

test("what one transaction does not end, the sweep ends, right after", async () => {
	const { id: chatId } = await group();
	const threads = await Promise.all(Array.from({ length: THREADS_MAX + 2 }, () => thread(chatId)));
	await t.as(ann)(chats.removeMember, { chatId, userId: bob });
	const ids = threads.map(({ id }) => id);
	await eventually(async () => {
		const following = await t.db.query(
			`SELECT 1 FROM ${t.db.t.members} WHERE chat_id = ANY($1::uuid[]) AND left_at IS NULL`,
			[ids],
		);
		return following.length === 0;
	});
});

test("followers of a thread are members of its parent, added by those who may there", async () => {
	const { id: chatId } = await group();
	const { id } = await thread(chatId);
	const stranger = await t.user();
	expect(await codeOf(t.as(ann)(chats.addMembers, { chatId: id, userIds: [stranger] }))).toBe(
		"VALIDATION_ERROR",
	);
	expect(await codeOf(t.as(cid)(chats.addMembers, { chatId: id, userIds: [cid] }))).toBe("FORBIDDEN");
	const { items } = await t.as(ann)(chats.addMembers, { chatId: id, userIds: [cid], role: "admin" });
	expect(items).toMatchObject([{ userId: cid, role: "member" }]);
	expect(await codeOf(t.as(cid)(chats.mute, { chatId: id, until: null }))).toBe("ok");
	expect(await codeOf(t.as(ann)(chats.mute, { chatId: id, until: null }))).toBe("CONFLICT");
});
