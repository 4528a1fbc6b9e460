import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { LogBatch } from "../../contracts/events.ts";
import * as messages from "../../contracts/messages.ts";
import messagesService from "../../services/messages/messages.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";
import { chatRows, until } from "../support/chat-rows.ts";
import { figure, inWords } from "../support/figure.ts";

let node: Awaited<ReturnType<typeof testBroker>>;
let rows: ReturnType<typeof chatRows>;
let batches: LogBatch[];
let ann: string;
let bob: string;

beforeAll(async () => {
	node = await testBroker(messagesService);
	rows = chatRows(node.db);
	batches = node.heard<LogBatch>("log.batch");
	ann = await node.user();
	bob = await node.user();
});
afterAll(() => node?.stop());

const told = (chatId: string) =>
	batches.flatMap(batch => batch.events).filter(event => event.chatId === chatId);

test("a message gets the next place and revision, is told as it is stored, and reads up to itself", async () => {
	const chatId = await rows.chat({ members: [ann, bob] });
	const sent = await node.as(ann)(messages.send, {
		chatId,
		content: "hello",
		clientId: "k1",
		metadata: { a: [1, { b: null }] },
		mentions: [bob],
	});
	expect(sent).toMatchObject({ chatId, seq: 1, rev: 3, senderId: ann, content: "hello", clientId: "k1" });
	expect(sent).toMatchObject({ type: "text", mentions: [bob], status: "SENT", reactions: [], thread: null });
	expect(await node.as(bob)(messages.get, { id: sent.id })).toEqual(sent);
	await until(() => told(chatId).length === 1);
	expect(told(chatId)).toMatchObject([
		{ change: "message.created", rev: 3, seq: 1, actorId: ann, epoch: 2, data: sent },
	]);
	expect(await rows.marks(chatId, ann)).toEqual({ read: 1, delivered: 1 });
	expect(await rows.marks(chatId, bob)).toEqual({ read: 0, delivered: 0 });
	expect(await rows.head(chatId)).toMatchObject({ last_seq: 1, rev: 3 });
	expect(await rows.count("mentions", chatId)).toBe(1);
	expect(await rows.count("outbox", chatId)).toBe(1);
});

test("who is no member is told that there is no such chat, and of a channel that they may not write", async () => {
	const stranger = await node.user();
	const [group, channel] = [
		await rows.chat({ members: [ann] }),
		await rows.chat({ type: "channel", members: [ann] }),
	];
	expect(await codeOf(node.as(stranger)(messages.send, { chatId: group, content: "x" }))).toBe("NOT_FOUND");
	expect(await codeOf(node.as(stranger)(messages.send, { chatId: stranger, content: "x" }))).toBe(
		"NOT_FOUND",
	);
	expect(await codeOf(node.as(stranger)(messages.send, { chatId: channel, content: "x" }))).toBe("FORBIDDEN");
	expect(await rows.head(channel)).toMatchObject({ last_seq: 0, rev: 1 });
});

test("a right that is taken away after it was cached ends at once, and one that is given counts at once", async () => {
	const chatId = await rows.chat({ members: [ann, bob] });
	const send = (content: string) => codeOf(node.as(bob)(messages.send, { chatId, content }));
	expect(await send("1")).toBe("ok");
	await rows.change(chatId, bob, "silenced_until", new Date(Date.now() + 60_000).toISOString());
	expect(await send("2")).toBe("FORBIDDEN");
	expect(await send("3")).toBe("FORBIDDEN");
	await rows.change(chatId, bob, "silenced_until", null);
	expect(await send("4")).toBe("ok");
	await rows.leave(chatId, bob);
	expect(await send("5")).toBe("NOT_FOUND");
	await rows.join(chatId, bob);
	expect(await send("6")).toBe("ok");
	await rows.remove(chatId);
	expect(await send("7")).toBe("NOT_FOUND");
	await node.db.query(`DELETE FROM ${node.db.t.heads} WHERE chat_id = $1`, [chatId]);
	expect(await send("8")).toBe("NOT_FOUND");
});

test("where only moderators announce, members do not send", async () => {
	const chatId = await rows.chat({
		type: "channel",
		announceOnly: true,
		members: [ann],
		roles: { moderator: [bob] },
	});
	expect(await codeOf(node.as(ann)(messages.send, { chatId, content: "x" }))).toBe("FORBIDDEN");
	expect(await codeOf(node.as(bob)(messages.send, { chatId, content: "x" }))).toBe("ok");
});

test("one who was refused in a batch does not stop the others in it", async () => {
	const stranger = await node.user();
	const chatId = await rows.chat({ members: [ann, bob, stranger] });
	await node.as(stranger)(messages.send, { chatId, content: "while a member" });
	await rows.leave(chatId, stranger);
	const codes = await Promise.all([
		codeOf(node.as(ann)(messages.send, { chatId, content: "1" })),
		codeOf(node.as(stranger)(messages.send, { chatId, content: "2" })),
		codeOf(node.as(bob)(messages.send, { chatId, content: "3", mentions: [stranger] })),
		codeOf(node.as(bob)(messages.send, { chatId, content: "4", replyToId: ann })),
		codeOf(node.as(bob)(messages.send, { chatId, content: "5" })),
	]);
	expect(codes).toEqual(["ok", "NOT_FOUND", "VALIDATION_ERROR", "VALIDATION_ERROR", "ok"]);
	const { items } = await node.as(ann)(messages.history, { chatId });
	expect(items.map(({ content }) => content)).toEqual(["while a member", "1", "5"]);
});

test("a reply is to a message of the same chat, and whoever is mentioned is a member of it", async () => {
	const [here, there] = [await rows.chat({ members: [ann, bob] }), await rows.chat({ members: [ann] })];
	const first = await node.as(ann)(messages.send, { chatId: here, content: "first" });
	const reply = await node.as(bob)(messages.send, { chatId: here, content: "second", replyToId: first.id });
	expect(reply.replyToId).toBe(first.id);
	const elsewhere = node.as(ann)(messages.send, { chatId: there, content: "x", replyToId: first.id });
	await expect(elsewhere).rejects.toMatchObject({ data: { errors: [{ field: "replyToId" }] } });
	const mention = node.as(ann)(messages.send, { chatId: there, content: "x", mentions: [bob] });
	await expect(mention).rejects.toMatchObject({ data: { errors: [{ field: "mentions" }] } });
});

test("I7: fifty who send at once into one chat get each place once, without a gap", async () => {
	const senders = await Promise.all(Array.from({ length: 50 }, () => node.user()));
	const chatId = await rows.chat({ members: senders });
	const before = await rows.head(chatId);
	const sent = await Promise.all(
		senders.flatMap(userId =>
			Array.from({ length: 20 }, (_, i) => node.as(userId)(messages.send, { chatId, content: `${i}` })),
		),
	);
	const dense = Array.from({ length: 1_000 }, (_, i) => i + 1);
	expect(sent.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(dense);
	expect(sent.map(({ rev }) => rev).sort((a, b) => a - b)).toEqual(dense.map(n => n + before.rev));
	await until(() => told(chatId).length === 1_000);
	expect(told(chatId).map(event => event.seq)).toEqual(dense);
	expect(await rows.head(chatId)).toMatchObject({ last_seq: 1_000, rev: before.rev + 1_000 });
	const outbox = await node.db.query<{ seq: number }>(
		`SELECT (event::jsonb #>> '{data,seq}')::int AS seq FROM ${node.db.t.outbox} WHERE key = $1 ORDER BY id`,
		[chatId],
	);
	expect(outbox.map(({ seq }) => seq)).toEqual(dense);
	for (const userId of senders.slice(0, 5)) {
		const last = Math.max(...sent.filter(it => it.senderId === userId).map(it => it.seq));
		expect(await rows.marks(chatId, userId)).toEqual({ read: last, delivered: last });
	}
	figure(
		"I7",
		`${senders.length} who send at once: ${inWords(sent.length)} messages, places 1 to ${inWords(dense.length)}`,
	);
});
