import "../support/env.ts";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Events, LogBatch } from "../../contracts/events.ts";
import * as messages from "../../contracts/messages.ts";
import { config } from "../../lib/config.ts";
import messagesService from "../../services/messages/messages.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";
import { chatRows, until } from "../support/chat-rows.ts";
import { figure, inWords } from "../support/figure.ts";

let node: Awaited<ReturnType<typeof testBroker>>;
let rows: ReturnType<typeof chatRows>;
let ann: string;
let bob: string;
let cyd: string;
let chatId: string;
let sent: messages.Message[];
const heard: { batches: LogBatch[]; receipts: Events["receipts.moved"][]; inboxes: Events["inbox.moved"][] } =
	{
		batches: [],
		receipts: [],
		inboxes: [],
	};

beforeAll(async () => {
	node = await testBroker(messagesService);
	rows = chatRows(node.db);
	heard.batches = node.heard("log.batch");
	heard.receipts = node.heard("receipts.moved");
	heard.inboxes = node.heard("inbox.moved");
	[ann, bob, cyd] = [await node.user(), await node.user(), await node.user()];
});
afterAll(() => node?.stop());

beforeEach(async () => {
	chatId = await rows.chat({ members: [ann, bob, cyd] });
	sent = [];
	for (let i = 0; i < 5; i++)
		sent.push(await node.as(ann)(messages.send, { chatId, content: `${i}`, mentions: i > 2 ? [bob] : [] }));
	await until(() => told().length === 5);
	for (const list of Object.values(heard)) list.length = 0;
});

const told = () => heard.batches.flatMap(({ events }) => events).filter(event => event.chatId === chatId);
const receiptsTold = () => heard.receipts.flatMap(({ marks }) => marks).map(({ userId, ...mark }) => mark);
test("reading delivers, answers with one's own member, and is told to those it concerns", async () => {
	const head = await rows.head(chatId);
	const member = await node.as(bob, { socketId: "s1" })(messages.read, { chatId, seq: 3 });
	expect(member).toMatchObject({
		userId: bob,
		readSeq: 3,
		deliveredSeq: 3,
		mutedUntil: null,
		user: { id: bob },
	});
	await until(() => told().length === 1 && heard.receipts.length === 1);
	expect(receiptsTold()).toEqual([{ chatId, status: "READ", seq: 3 }]);
	expect(told()).toMatchObject([
		{ change: "message.read", rev: null, actorId: bob, data: { chatId, userId: bob, readSeq: 3 } },
	]);
	await until(() => heard.inboxes.length === 1);
	expect(heard.inboxes[0]).toMatchObject({
		userId: bob,
		exceptSocketId: "s1",
		update: { chatId, readSeq: 3, unread: 2, mentions: 2 },
	});
	expect(await rows.head(chatId)).toEqual(head);
});

test("the unread of all of a user's chats is in what their devices are told", async () => {
	const dan = await node.user();
	const [one, two] = [await rows.chat({ members: [ann, dan] }), await rows.chat({ members: [ann, dan] })];
	const gone = await rows.chat({ members: [ann, dan] });
	for (const chatId of [one, two, two, gone]) await node.as(ann)(messages.send, { chatId, content: "x" });
	await rows.remove(gone);
	await node.as(dan)(messages.read, { chatId: one });
	await until(() => heard.inboxes.length === 1);
	expect(heard.inboxes[0]?.update).toMatchObject({ chatId: one, unread: 0, totalUnread: 2 });
});

test("a mark never goes back nor beyond the end, and where it does not move nothing is told", async () => {
	await node.as(bob)(messages.read, { chatId, seq: 4 });
	await until(() => heard.inboxes.length === 1 && told().length === 1 && heard.receipts.length === 1);
	for (const list of Object.values(heard)) list.length = 0;
	const written = () =>
		node.db.query(`SELECT tx::text FROM ${node.db.t.members} WHERE chat_id = $1 ORDER BY user_id`, [chatId]);
	const before = await written();
	expect(await node.as(bob)(messages.read, { chatId, seq: 2 })).toMatchObject({
		readSeq: 4,
		deliveredSeq: 4,
	});
	expect(await node.as(bob)(messages.delivered, { chatId, seq: 4 })).toMatchObject({ deliveredSeq: 4 });
	expect([told(), heard.receipts, heard.inboxes]).toEqual([[], [], []]);
	expect(await written()).toEqual(before);
	expect(await node.as(bob)(messages.read, { chatId, seq: 1_000_000 })).toMatchObject({ readSeq: 5 });
	const next = await node.as(ann)(messages.send, { chatId, content: "one more" });
	expect(next.seq).toBe(6);
	expect(await rows.marks(chatId, bob)).toEqual({ read: 5, delivered: 5 });
});

test("a mark is named by its place, by its message, or by the end of its chat", async () => {
	const messageId = sent[1]?.id ?? "";
	expect(await node.as(bob)(messages.delivered, { messageId })).toMatchObject({
		deliveredSeq: 2,
		readSeq: 0,
	});
	await until(() => heard.receipts.length === 1);
	expect(receiptsTold()).toEqual([{ chatId, status: "DELIVERED", seq: 2 }]);
	expect(await node.as(bob)(messages.read, { messageId, chatId })).toMatchObject({ readSeq: 2 });
	expect(await node.as(bob)(messages.read, { chatId })).toMatchObject({ readSeq: 5 });
	const other = await rows.chat({ members: [bob] });
	expect(await codeOf(node.as(bob)(messages.read, { messageId, chatId: other }))).toBe("NOT_FOUND");
	expect(await codeOf(node.as(bob)(messages.read, {}))).toBe("VALIDATION_ERROR");
	expect(await codeOf(node.as(bob)(messages.read, { messageId, seq: 1 }))).toBe("VALIDATION_ERROR");
});

test("who is not in a chat has no marks there", async () => {
	const stranger = await node.user();
	const read = (params: object) => codeOf(node.as(stranger)(messages.read, params));
	expect(await read({ chatId, seq: 1 })).toBe("NOT_FOUND");
	expect(await read({ messageId: sent[0]?.id })).toBe("NOT_FOUND");
	const channel = await rows.chat({ type: "channel", members: [ann] });
	const inChannel = await node.as(ann)(messages.send, { chatId: channel, content: "x" });
	expect(await read({ chatId: channel })).toBe("FORBIDDEN");
	expect(await read({ messageId: inChannel.id })).toBe("NOT_FOUND");
	await rows.leave(chatId, cyd);
	expect(await codeOf(node.as(cyd)(messages.read, { chatId }))).toBe("NOT_FOUND");
});

test("in a thread its followers have marks, as long as they are in the chat that it hangs on", async () => {
	const thread = { type: "thread" as const, parentChatId: chatId, parentMessageId: sent[0]?.id ?? "" };
	const threadId = await rows.chat({ ...thread, members: [ann, bob] });
	await node.as(ann)(messages.send, { chatId: threadId, content: "x" });
	expect(await node.as(bob)(messages.read, { chatId: threadId })).toMatchObject({ readSeq: 1 });
	expect(await codeOf(node.as(cyd)(messages.read, { chatId: threadId }))).toBe("FORBIDDEN");
	await rows.leave(chatId, bob);
	expect(await codeOf(node.as(bob)(messages.read, { chatId: threadId }))).toBe("NOT_FOUND");
});

test("I18: of a thousand marks at once none goes back, and both end at the highest", async () => {
	for (let i = 0; i < 45; i++) await node.as(ann)(messages.send, { chatId, content: "x" });
	// Upwards on the whole, with steps back all the way, and now and then beyond the end.
	const marks = Array.from({ length: 1_000 }, (_, i) => ({
		isRead: i % 3 === 0,
		seq: Math.max(0, Math.floor(i / 18) - ((i * 7) % 11)),
	}));
	const highest = { read: 0, delivered: 0 };
	const seen: { read: number; delivered: number }[] = [];
	let isDone = false;
	const watcher = (async () => {
		while (!isDone) seen.push(await rows.marks(chatId, bob));
	})();
	const mark = async ({ isRead, seq }: (typeof marks)[0]) => {
		const kind = isRead ? "read" : "delivered";
		highest[kind] = Math.max(highest[kind], Math.min(seq, 50));
		const own = await node.as(bob)(isRead ? messages.read : messages.delivered, { chatId, seq });
		expect(isRead ? own.readSeq : own.deliveredSeq).toBeGreaterThanOrEqual(Math.min(seq, 50));
	};
	const answers: Promise<void>[] = [];
	for (const [i, one] of marks.entries()) {
		answers.push(mark(one));
		// Some come while others are written, and all of them never in one batch, on the slowest machine.
		if (i % 50 === 49) await answers[i - 99];
	}
	await Promise.all(answers);
	isDone = true;
	await watcher;
	expect(seen.length).toBeGreaterThan(10);
	for (const [i, now] of seen.entries()) {
		const before = seen[i - 1];
		if (before) expect(now.read >= before.read && now.delivered >= before.delivered).toBe(true);
		expect(now.delivered).toBeGreaterThanOrEqual(now.read);
	}
	const delivered = Math.max(highest.read, highest.delivered);
	expect(await rows.marks(chatId, bob)).toEqual({ read: highest.read, delivered });
	// Who is late hears where the mark is, not what they asked for.
	expect(await node.as(bob)(messages.read, { chatId, seq: 1 })).toMatchObject({ readSeq: highest.read });
	expect(await rows.marks(chatId, bob)).toEqual({ read: highest.read, delivered });
	await until(() =>
		told().some(event => event.change === "message.read" && event.data.readSeq === highest.read),
	);
	const readAts = told().flatMap(event => (event.change === "message.read" ? event.data.readSeq : []));
	expect(readAts.length).toBeGreaterThan(3);
	expect(readAts).toEqual([...new Set(readAts)].sort((a, b) => a - b));
	figure(
		"I18",
		`${inWords(marks.length)} marks at once, looked at ${inWords(seen.length)} times: none went back`,
	);
});

test("receipts say whom a message has reached and who has read it, without its sender", async () => {
	await node.as(bob)(messages.read, { chatId, seq: 2 });
	await node.as(cyd)(messages.delivered, { chatId, seq: 1 });
	const of = async (seq: number, limit?: number, cursor?: string) =>
		node.as(ann)(messages.receipts, {
			messageId: sent[seq - 1]?.id ?? "",
			...(limit ? { limit } : {}),
			...(cursor ? { cursor } : {}),
		});
	const first = await of(1);
	expect(first.items.find(it => it.userId === bob)).toEqual({
		userId: bob,
		deliveredAt: expect.any(String),
		readAt: expect.any(String),
	});
	expect(first.items.find(it => it.userId === cyd)).toMatchObject({
		deliveredAt: expect.any(String),
		readAt: null,
	});
	expect(first.items.map(it => it.userId)).not.toContain(ann);
	expect((await of(2)).items.find(it => it.userId === cyd)).toMatchObject({
		deliveredAt: null,
		readAt: null,
	});
	const page = await of(1, 1);
	const rest = await of(1, 1, page.nextCursor ?? "");
	expect([...page.items, ...rest.items]).toEqual(first.items);
	expect(rest.nextCursor).toBeNull();
	expect(await codeOf(node.as(await node.user())(messages.receipts, { messageId: sent[0]?.id ?? "" }))).toBe(
		"NOT_FOUND",
	);
});

test("a message is delivered, then read, when the last of the others has it", async () => {
	const messageId = sent[4]?.id ?? "";
	const status = async () => (await node.as(bob)(messages.get, { id: messageId })).status;
	expect(await status()).toBe("SENT");
	await node.as(bob)(messages.read, { chatId });
	expect(await status()).toBe("SENT");
	await node.as(cyd)(messages.delivered, { chatId });
	expect(await status()).toBe("DELIVERED");
	await node.as(cyd)(messages.read, { chatId });
	expect(await status()).toBe("READ");
});

test("above the threshold of receipts reading counts, and nobody is told of it", async () => {
	await node.db.query(`UPDATE ${node.db.t.heads} SET member_count = $2 WHERE chat_id = $1`, [
		chatId,
		config.capabilities.receipts + 1,
	]);
	expect(await node.as(bob)(messages.read, { chatId })).toMatchObject({ readSeq: 5 });
	await until(() => heard.inboxes.length === 1 && told().length === 1);
	expect(heard.receipts).toEqual([]);
	expect(await node.as(ann)(messages.receipts, { messageId: sent[0]?.id ?? "" })).toEqual({
		items: [],
		nextCursor: null,
	});
	expect((await node.as(ann)(messages.get, { id: sent[0]?.id ?? "" })).status).toBe("SENT");
});
