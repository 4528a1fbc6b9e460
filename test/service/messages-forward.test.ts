import "../support/env.ts";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Events, LogBatch } from "../../contracts/events.ts";
import * as messages from "../../contracts/messages.ts";
import messagesService from "../../services/messages/messages.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";
import { chatRows, until } from "../support/chat-rows.ts";

let node: Awaited<ReturnType<typeof testBroker>>;
let rows: ReturnType<typeof chatRows>;
let batches: LogBatch[];
let growths: Events["thread.grew"][];
let ann: string;
let bob: string;
let source: messages.Message;
let from: string;
let one: string;
let two: string;

beforeAll(async () => {
	node = await testBroker(messagesService);
	rows = chatRows(node.db);
	batches = node.heard<LogBatch>("log.batch");
	growths = node.heard("thread.grew");
	[ann, bob] = [await node.user(), await node.user()];
});
afterAll(() => node?.stop());

beforeEach(async () => {
	from = await rows.chat({ members: [ann, bob] });
	[one, two] = [await rows.chat({ members: [bob] }), await rows.chat({ members: [bob] })];
	source = await node.as(ann)(messages.send, {
		chatId: from,
		content: "news",
		type: "custom",
		metadata: { a: 1 },
		mentions: [bob],
	});
	batches.length = 0;
	growths.length = 0;
});

const events = (chatId: string) =>
	batches.flatMap(batch => batch.events).filter(event => event.chatId === chatId);

test("a message is forwarded into each chat as one's own, and told as made, then as forwarded", async () => {
	const { items } = await node.as(bob)(messages.forward, { messageId: source.id, chatIds: [two, one] });
	expect(items.map(({ chatId }) => chatId)).toEqual([two, one]);
	for (const item of items) {
		expect(item).toMatchObject({
			seq: 1,
			senderId: bob,
			content: "news",
			type: "custom",
			metadata: { a: 1 },
		});
		expect(item).toMatchObject({
			mentions: [],
			forwardedFromId: source.id,
			originalSenderId: ann,
			isForwarded: true,
		});
		const rev = item.rev;
		await until(() => events(item.chatId).length === 2);
		expect(events(item.chatId)).toMatchObject([
			{ change: "message.created", rev, seq: 1, data: item },
			{ change: "message.forwarded", rev, seq: 1, data: item },
		]);
		expect(await rows.head(item.chatId)).toMatchObject({ last_seq: 1, rev });
		expect(await rows.marks(item.chatId, bob)).toEqual({ read: 1, delivered: 1 });
		expect(await rows.count("outbox", item.chatId)).toBe(2);
	}
});

test("what was forwarded before still names who wrote it first", async () => {
	const { items } = await node.as(bob)(messages.forward, { messageId: source.id, chatIds: [one] });
	const again = await node.as(bob)(messages.forward, { messageId: items[0]?.id ?? "", chatIds: [two] });
	expect(again.items[0]).toMatchObject({ forwardedFromId: items[0]?.id, originalSenderId: ann });
});

test("a message goes into all chats or into none", async () => {
	const stranger = await node.user();
	const forward = (userId: string, chatIds: string[]) =>
		codeOf(node.as(userId)(messages.forward, { messageId: source.id, chatIds }));
	expect(await forward(bob, [one, stranger])).toBe("NOT_FOUND");
	expect(await forward(ann, [from, one])).toBe("NOT_FOUND");
	const channel = await rows.chat({ type: "channel", announceOnly: true, members: [bob] });
	expect(await forward(bob, [one, channel])).toBe("FORBIDDEN");
	const theirs = await rows.chat({ members: [stranger] });
	expect(await forward(stranger, [theirs])).toBe("NOT_FOUND");
	for (const chatId of [one, channel, theirs]) expect((await rows.head(chatId)).last_seq).toBe(0);
	expect((await rows.head(from)).last_seq).toBe(1);
	await node.as(ann)(messages.remove, { messageId: source.id });
	expect(await forward(bob, [one])).toBe("CONFLICT");
});

test("I2: forwarding eight times with one key makes one copy in each chat and eight equal answers", async () => {
	const forward = async (chatIds: string[]) => {
		const ctx = { meta: { user: { id: bob } } as { user: { id: string }; replayed?: boolean } };
		const page = await node.broker.call(
			"messages.forward",
			{ messageId: source.id, chatIds, clientId: "k" },
			ctx,
		);
		return { page, replayed: ctx.meta.replayed === true };
	};
	const answers = await Promise.all(Array.from({ length: 8 }, () => forward([one, two])));
	expect(new Set(answers.map(({ page }) => JSON.stringify(page))).size).toBe(1);
	expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
	expect((await rows.head(one)).last_seq).toBe(1);
	expect(await forward([from])).toEqual({ page: answers[0]?.page, replayed: true });
	await rows.leave(one, bob);
	expect(await codeOf(forward([one, two]))).toBe("NOT_FOUND");
});

test("one key into different chats at once is one forward", async () => {
	const targets = await Promise.all(Array.from({ length: 8 }, () => rows.chat({ members: [bob] })));
	const answers = await Promise.all(
		targets.map(chatId =>
			node.as(bob)(messages.forward, { messageId: source.id, chatIds: [chatId], clientId: "d" }),
		),
	);
	expect(new Set(answers.map(({ items }) => items[0]?.id)).size).toBe(1);
	const lengths = await Promise.all(targets.map(async chatId => (await rows.head(chatId)).last_seq));
	expect(lengths.reduce((sum, n) => sum + n, 0)).toBe(1);
});

test("a key that a send has used in the chat does not stop a forward", async () => {
	const sent = await node.as(bob)(messages.send, { chatId: one, content: "mine", clientId: "used" });
	const { items } = await node.as(bob)(messages.forward, {
		messageId: source.id,
		chatIds: [one, two],
		clientId: "used",
	});
	expect(items.map(({ seq }) => seq)).toEqual([2, 1]);
	expect(items[0]?.clientId).not.toBe("used");
	expect(items[1]?.clientId).toBe("used");
	expect(sent.content).toBe("mine");
});

test("who writes in a thread follows it first, once, and the chat it hangs on hears how long it is", async () => {
	const thread = { type: "thread" as const, parentChatId: from, parentMessageId: source.id };
	const threadId = await rows.chat({ ...thread, members: [ann] });
	const sent = await Promise.all(
		[1, 2, 3].map(i => node.as(bob)(messages.send, { chatId: threadId, content: `${i}` })),
	);
	expect(sent.map(({ seq, rev }) => [seq, rev])).toEqual([
		[1, 3],
		[2, 4],
		[3, 5],
	]);
	await until(() => events(threadId).length === 4 && growths.at(-1)?.thread.count === 3);
	const [joined, first] = events(threadId);
	expect(joined).toMatchObject({
		change: "member.joined",
		rev: 2,
		actorId: bob,
		epoch: 2,
		newUserIds: [bob],
		chat: { id: threadId, rev: 2, memberCount: 2, lastSeq: 0 },
		data: { chatId: threadId, rev: 2, member: { userId: bob, role: "member", joinedSeq: 0 } },
	});
	expect(first).toMatchObject({ change: "message.created", rev: 3, epoch: 2 });
	expect(await rows.head(threadId)).toMatchObject({ last_seq: 3, member_count: 2, member_epoch: 2 });
	expect(await rows.marks(threadId, bob)).toEqual({ read: 3, delivered: 3 });
	expect(growths.at(-1)).toEqual({
		parentChatId: from,
		messageId: source.id,
		thread: { chatId: threadId, count: 3, lastAt: sent[2]?.createdAt },
	});
	const { thread: shown } = await node.as(ann)(messages.get, { id: source.id });
	expect(shown).toEqual(growths.at(-1)?.thread);
	await node.as(bob)(messages.forward, { messageId: source.id, chatIds: [threadId] });
	await until(() => growths.at(-1)?.thread.count === 4);
});

test("rights in a thread are those in its parent: they end there at once, and its members may be mentioned", async () => {
	const cyd = await node.user();
	await rows.join(from, cyd);
	const thread = { type: "thread" as const, parentChatId: from, parentMessageId: source.id };
	const threadId = await rows.chat({ ...thread, members: [ann, bob] });
	const send = (mentions: string[] = []) =>
		codeOf(node.as(bob)(messages.send, { chatId: threadId, content: "x", mentions }));
	expect(await send([cyd])).toBe("ok");
	expect(await send([await node.user()])).toBe("VALIDATION_ERROR");
	await rows.change(from, bob, "silenced_until", new Date(Date.now() + 60_000).toISOString());
	expect(await send()).toBe("FORBIDDEN");
	await rows.change(from, bob, "silenced_until", null);
	expect(await send()).toBe("ok");
	await rows.leave(from, bob);
	expect(await send()).toBe("NOT_FOUND");
	expect(await codeOf(node.as(bob)(messages.history, { chatId: threadId }))).toBe("NOT_FOUND");
});
