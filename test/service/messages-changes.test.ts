import "../support/env.ts";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { LogEvent } from "../../contracts/changes.ts";
import type { LogBatch } from "../../contracts/events.ts";
import * as messages from "../../contracts/messages.ts";
import messagesService from "../../services/messages/messages.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";
import { chatRows, until } from "../support/chat-rows.ts";

let node: Awaited<ReturnType<typeof testBroker>>;
let rows: ReturnType<typeof chatRows>;
let batches: LogBatch[];
let ann: string;
let bob: string;
let mod: string;
let chatId: string;
let message: messages.Message;

beforeAll(async () => {
	node = await testBroker(messagesService);
	rows = chatRows(node.db);
	batches = node.heard<LogBatch>("log.batch");
	[ann, bob, mod] = [await node.user(), await node.user(), await node.user()];
});
afterAll(() => node?.stop());

beforeEach(async () => {
	chatId = await rows.chat({ members: [ann, bob], roles: { moderator: [mod] } });
	message = await node.as(ann)(messages.send, {
		chatId,
		content: "words",
		mentions: [bob],
		metadata: { a: 1 },
	});
});

/** What was told of this chat after a revision. */
const told = (since: number): LogEvent[] =>
	batches
		.flatMap(({ events }) => events)
		.filter(event => event.chatId === chatId && Number(event.rev) > since)
		.sort((a, b) => Number(a.rev) - Number(b.rev));
const rev = async () => (await rows.head(chatId)).rev;

/** Makes a call and expects it to raise the revision by one, told once as the message now is; or by none, told never. */
async function expectChange(call: () => Promise<messages.Message>, change: LogEvent["change"] | null) {
	const before = await rev();
	const answer = await call();
	expect(await node.as(bob)(messages.get, { id: message.id })).toEqual(answer);
	expect(await rev()).toBe(before + (change ? 1 : 0));
	if (change) await until(() => told(before).length > 0);
	expect(told(before)).toMatchObject(
		change ? [{ change, rev: before + 1, seq: message.seq, data: answer }] : [],
	);
	if (change) expect(answer.rev).toBe(before + 1);
	return answer;
}

const byAnn = () => ({ messageId: message.id });

test("an edit shows the new words, keeps mentions that it does not name, and says so once", async () => {
	const edited = await expectChange(
		() => node.as(ann)(messages.update, { ...byAnn(), content: "new words" }),
		"message.updated",
	);
	expect(edited).toMatchObject({ content: "new words", isEdited: true, mentions: [bob], metadata: { a: 1 } });
	await expectChange(() => node.as(ann)(messages.update, { ...byAnn(), content: "new words" }), null);
	await expectChange(
		() => node.as(ann)(messages.update, { ...byAnn(), content: "new words", mentions: [bob] }),
		null,
	);
});

test("an edit that names mentions replaces them, of members only", async () => {
	await expectChange(
		() => node.as(ann)(messages.update, { ...byAnn(), content: "words", mentions: [mod] }),
		"message.updated",
	);
	const mentioned = `SELECT user_id FROM ${node.db.t.mentions} WHERE chat_id = $1`;
	expect(await node.db.query(mentioned, [chatId])).toEqual([{ user_id: mod }]);
	const stranger = await node.user();
	const wrong = node.as(ann)(messages.update, { ...byAnn(), content: "words", mentions: [mod, stranger] });
	await expect(wrong).rejects.toMatchObject({
		type: "VALIDATION_ERROR",
		data: { errors: [{ field: "mentions" }] },
	});
	await rows.leave(chatId, mod);
	// Who was mentioned and has left may stay mentioned: nobody new is.
	await node.as(ann)(messages.update, { ...byAnn(), content: "other words", mentions: [mod] });
	await node.as(ann)(messages.update, { ...byAnn(), content: "other words", mentions: [] });
	expect(await rows.count("mentions", chatId)).toBe(0);
});

test("one edits what is one's own, and a moderator deletes what is others'", async () => {
	const stranger = await node.user();
	const update = (userId: string) => codeOf(node.as(userId)(messages.update, { ...byAnn(), content: "x" }));
	expect(await Promise.all([update(bob), update(mod), update(stranger)])).toEqual([
		"FORBIDDEN",
		"FORBIDDEN",
		"NOT_FOUND",
	]);
	const remove = (userId: string) => codeOf(node.as(userId)(messages.remove, byAnn()));
	expect([await remove(bob), await remove(stranger), await remove(mod)]).toEqual([
		"FORBIDDEN",
		"NOT_FOUND",
		"ok",
	]);
	expect(await codeOf(node.as(ann)(messages.remove, { messageId: chatId }))).toBe("NOT_FOUND");
});

test("a deleted message keeps its place and loses the rest; nothing changes it again, and an edit is a conflict", async () => {
	await node.as(bob)(messages.react, { ...byAnn(), emoji: "👍" });
	await node.as(mod)(messages.pin, byAnn());
	const gone = await expectChange(() => node.as(ann)(messages.remove, byAnn()), "message.deleted");
	expect(gone).toMatchObject({
		seq: 1,
		content: null,
		metadata: {},
		mentions: [],
		reactions: [],
		isPinned: false,
	});
	expect(gone).toMatchObject({ isDeleted: true, clientId: message.clientId });
	expect([await rows.count("mentions", chatId), await rows.count("reactions", chatId)]).toEqual([0, 0]);
	await expectChange(() => node.as(ann)(messages.remove, byAnn()), null);
	await expectChange(() => node.as(mod)(messages.pin, byAnn()), null);
	await expectChange(() => node.as(mod)(messages.unpin, byAnn()), null);
	await expectChange(() => node.as(bob)(messages.react, { ...byAnn(), emoji: "👍" }), null);
	await expectChange(() => node.as(bob)(messages.unreact, { ...byAnn(), emoji: "👍" }), null);
	expect(await codeOf(node.as(ann)(messages.update, { ...byAnn(), content: "x" }))).toBe("CONFLICT");
});

test("a moderator pins, a member does not; in a direct chat both do", async () => {
	expect(await codeOf(node.as(bob)(messages.pin, byAnn()))).toBe("FORBIDDEN");
	const pinned = await expectChange(() => node.as(mod)(messages.pin, byAnn()), "message.pinned");
	expect(pinned).toMatchObject({ isPinned: true, pinnedBy: mod });
	await expectChange(() => node.as(mod)(messages.pin, byAnn()), null);
	expect(await codeOf(node.as(ann)(messages.unpin, byAnn()))).toBe("FORBIDDEN");
	await expectChange(() => node.as(mod)(messages.unpin, byAnn()), "message.unpinned");
	await expectChange(() => node.as(mod)(messages.unpin, byAnn()), null);
	const direct = await rows.chat({ type: "direct", members: [ann, bob] });
	const theirs = await node.as(bob)(messages.send, { chatId: direct, content: "x" });
	expect(await codeOf(node.as(ann)(messages.pin, { messageId: theirs.id }))).toBe("ok");
	expect(await codeOf(node.as(ann)(messages.remove, { messageId: theirs.id }))).toBe("FORBIDDEN");
});

test("the pins of a chat come latest first, page by page", async () => {
	const sent = [message];
	for (let i = 0; i < 4; i++) sent.push(await node.as(ann)(messages.send, { chatId, content: `${i}` }));
	for (const { id } of sent) await node.as(mod)(messages.pin, { messageId: id });
	const seqs: number[] = [];
	let cursor: string | null = null;
	do {
		const page: { items: messages.Message[]; nextCursor: string | null } = await node.as(bob)(messages.pins, {
			chatId,
			limit: 2,
			...(cursor ? { cursor } : {}),
		});
		seqs.push(...page.items.map(({ seq }) => seq));
		cursor = page.nextCursor;
	} while (cursor);
	expect(seqs).toEqual([5, 4, 3, 2, 1]);
	expect(await codeOf(node.as(await node.user())(messages.pins, { chatId }))).toBe("NOT_FOUND");
	for (const bad of ["x", Buffer.from('["yesterday",1]').toString("base64url")])
		expect(await codeOf(node.as(bob)(messages.pins, { chatId, cursor: bad }))).toBe("VALIDATION_ERROR");
});

test("a reaction counts once for each user and emoji, and goes when it is taken away", async () => {
	const react = (userId: string, emoji: string) => node.as(userId)(messages.react, { ...byAnn(), emoji });
	await expectChange(() => react(bob, "👍"), "message.reacted");
	await expectChange(() => react(bob, "👍"), null);
	const both = await expectChange(() => react(ann, "👍"), "message.reacted");
	expect(both.reactions).toEqual([{ emoji: "👍", count: 2, userIds: [bob, ann] }]);
	const one = await expectChange(
		() => node.as(bob)(messages.unreact, { ...byAnn(), emoji: "👍" }),
		"message.reacted",
	);
	expect(one.reactions).toEqual([{ emoji: "👍", count: 1, userIds: [ann] }]);
	await expectChange(() => node.as(bob)(messages.unreact, { ...byAnn(), emoji: "👍" }), null);
	expect(await codeOf(node.as(await node.user())(messages.react, { ...byAnn(), emoji: "👍" }))).toBe(
		"NOT_FOUND",
	);
});

test("reactions stay exact when many come and go at once", async () => {
	const crowd = await Promise.all(Array.from({ length: 30 }, () => node.user()));
	for (const userId of crowd) await rows.join(chatId, userId);
	const emojis = ["👍", "🎉", "x"];
	await Promise.all(
		crowd.flatMap((userId, i) =>
			emojis.map(async (emoji, j) => {
				const mine = { ...byAnn(), emoji };
				await node.as(userId)(messages.react, mine);
				if ((i + j) % 3 === 0) await node.as(userId)(messages.unreact, mine);
				if ((i + j) % 6 === 0) await node.as(userId)(messages.react, mine);
			}),
		),
	);
	const { reactions } = await node.as(ann)(messages.get, { id: message.id });
	const stored = await node.db.query<{ emoji: string; users: string[] }>(
		`SELECT emoji, array_agg(user_id::text) AS users FROM ${node.db.t.reactions} WHERE chat_id = $1 GROUP BY emoji`,
		[chatId],
	);
	expect(stored.length).toBe(3);
	for (const { emoji, users } of stored) {
		const shown = reactions.find(reaction => reaction.emoji === emoji);
		expect(shown?.count).toBe(users.length);
		expect(shown?.userIds.length).toBe(Math.min(20, users.length));
		expect(new Set(shown?.userIds).size).toBe(shown?.userIds.length);
		expect(users).toEqual(expect.arrayContaining(shown?.userIds ?? []));
	}
});

test("changes of many kinds at once have dense revisions, each told once, and stand in order in the outbox", async () => {
	const before = (await rows.head(chatId)).rev;
	await Promise.all([
		...Array.from({ length: 10 }, (_, i) =>
			node.as(ann)(messages.update, { ...byAnn(), content: `edit ${i}` }),
		),
		...Array.from({ length: 10 }, (_, i) => node.as(bob)(messages.send, { chatId, content: `send ${i}` })),
		...Array.from({ length: 5 }, (_, i) => node.as(bob)(messages.react, { ...byAnn(), emoji: `${i}` })),
		node.as(mod)(messages.pin, byAnn()),
	]);
	const after = (await rows.head(chatId)).rev;
	expect(after).toBe(before + 26);
	const dense = Array.from({ length: 26 }, (_, i) => before + 1 + i);
	await until(() => told(before).length === 26);
	expect(told(before).map(event => event.rev)).toEqual(dense);
	const outbox = await node.db.query<{ rev: number }>(
		`SELECT (event::jsonb #>> '{data,rev}')::int AS rev FROM ${node.db.t.outbox}
		 WHERE key = $1 ORDER BY id`,
		[chatId],
	);
	expect(outbox.slice(1).map(row => row.rev)).toEqual(dense);
});
