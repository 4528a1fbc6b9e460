import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { LogBatch } from "../../contracts/events.ts";
import * as messages from "../../contracts/messages.ts";
import { newId } from "../../lib/ids.ts";
import { ChatLog, silentExit } from "../../lib/log/change.ts";
import { readAccess } from "../../models/access.ts";
import messagesService from "../../services/messages/messages.service.ts";
import type { Send } from "../../services/messages/send.ts";
import { sendBatch } from "../../services/messages/send.ts";
import { codeOf, testBroker } from "../support/broker.ts";
import { chatRows, until } from "../support/chat-rows.ts";

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

/** Sends, and says whether the answer was marked as a repetition. */
async function send(
	userId: string,
	params: { chatId: string; content: string; clientId: string; mentions?: string[] },
) {
	const ctx = { meta: { user: { id: userId } } as { user: { id: string }; replayed?: boolean } };
	const message = (await node.broker.call("messages.send", params, ctx)) as messages.Message;
	return { message, replayed: ctx.meta.replayed === true };
}

test("I2: a key sent eight times, at once and soon after, with other words too, is one message and eight equal answers", async () => {
	const chatId = await rows.chat({ members: [ann, bob] });
	const keys = Array.from({ length: 25 }, (_, i) => `key ${i}`);
	const sent = await Promise.all(
		keys.flatMap(clientId =>
			Array.from({ length: 8 }, async (_, i) => {
				// Two of them share a batch; the others come while that commits, and after.
				await new Promise(resolve => setTimeout(resolve, Math.floor(i / 2) * 4));
				return send(ann, { chatId, content: `body ${i}`, clientId });
			}),
		),
	);
	expect(await rows.count("messages", chatId)).toBe(25);
	expect(await rows.head(chatId)).toMatchObject({ last_seq: 25, rev: 27 });
	for (const clientId of keys) {
		const answers = sent.filter(({ message }) => message.clientId === clientId);
		expect(new Set(answers.map(({ message }) => JSON.stringify(message))).size).toBe(1);
		expect(answers.map(({ replayed }) => replayed)).toEqual([false, ...Array(7).fill(true)]);
		expect(answers[0]?.message.content).toBe("body 0");
	}
	const told = () => batches.flatMap(({ events }) => events).filter(event => event.chatId === chatId);
	await until(() => told().length >= 25);
	expect(told()).toHaveLength(25);
});

test("I4: a repeat in a later batch shows the first message as it now is, and takes no place", async () => {
	const chatId = await rows.chat({ members: [ann, bob] });
	const first = await send(ann, { chatId, content: "first", clientId: "k" });
	const edited = await node.as(ann)(messages.update, { messageId: first.message.id, content: "edited" });
	const head = await rows.head(chatId);
	const [before, again, after] = await Promise.all([
		send(bob, { chatId, content: "before", clientId: "k" }),
		send(ann, { chatId, content: "other words", clientId: "k" }),
		send(bob, { chatId, content: "after", clientId: "k2" }),
	]);
	expect(again).toEqual({ message: edited, replayed: true });
	expect([before.message.seq, after.message.seq]).toEqual([2, 3]);
	expect([before.replayed, after.replayed]).toEqual([false, false]);
	expect(await rows.head(chatId)).toMatchObject({ last_seq: 3, rev: head.rev + 2 });
});

test("I4: the same key in another chat, or of another sender, is another message", async () => {
	const [one, two] = [await rows.chat({ members: [ann, bob] }), await rows.chat({ members: [ann] })];
	const all = (clientId: string) =>
		Promise.all([
			send(ann, { chatId: one, content: "1", clientId }),
			send(bob, { chatId: one, content: "2", clientId }),
			send(ann, { chatId: two, content: "3", clientId }),
		]);
	await all("before"); // From here on their rights are known, and what is sent together is one batch.
	const sent = await all("k");
	expect(new Set(sent.map(({ message }) => message.id)).size).toBe(3);
	expect(sent.some(({ replayed }) => replayed)).toBe(false);
});

test("a repeat with a body that is wrong, or after one was silenced, still gets the first message", async () => {
	const chatId = await rows.chat({ members: [ann, bob] });
	const stranger = await node.user();
	const first = await send(bob, { chatId, content: "first", clientId: "k" });
	const wrong = await send(bob, { chatId, content: "x", clientId: "k", mentions: [stranger] });
	expect(wrong).toEqual({ message: first.message, replayed: true });
	await rows.change(chatId, bob, "silenced_until", new Date(Date.now() + 60_000).toISOString());
	expect(await send(bob, { chatId, content: "x", clientId: "k" })).toEqual({
		message: first.message,
		replayed: true,
	});
	expect(await codeOf(send(bob, { chatId, content: "x", clientId: "another" }))).toBe("FORBIDDEN");
	await rows.leave(chatId, bob);
	expect(await codeOf(send(bob, { chatId, content: "x", clientId: "k" }))).toBe("NOT_FOUND");
});

test("a repeat whose first went wrong is judged by its own body", async () => {
	const chatId = await rows.chat({ members: [ann, bob] });
	const stranger = await node.user();
	const [wrong, right] = await Promise.allSettled([
		send(ann, { chatId, content: "1", clientId: "k", mentions: [stranger] }),
		send(ann, { chatId, content: "2", clientId: "k" }),
	]);
	expect(right).toMatchObject({ value: { message: { content: "2" }, replayed: false } });
	// Beaten to it within its batch, it is a repeat by now.
	expect(wrong).toMatchObject({ value: { message: { content: "2" }, replayed: true } });
});

test("a repeat that another node commits while the batch waits for the chat is one message", async () => {
	const chatId = await rows.chat({ members: [ann, bob] });
	const { db } = node;
	const waiting: Promise<unknown>[] = [];
	const elsewhere = newId();
	await db.tx(async query => {
		await query(`SELECT 1 FROM ${db.t.heads} WHERE chat_id = $1 FOR UPDATE`, [chatId]);
		waiting.push(
			send(bob, { chatId, content: "good", clientId: "b" }),
			send(ann, { chatId, content: "here", clientId: "k" }),
			send(bob, { chatId, content: "good too", clientId: "b2" }),
		);
		await new Promise(resolve => setTimeout(resolve, 300));
		await query(
			`INSERT INTO ${db.t.messages} (chat_id, seq, id, rev, sender_id, type, content, client_id, created_at)
			 VALUES ($1, 1, $2, 3, $3, 'text', 'elsewhere', 'k', now())`,
			[chatId, elsewhere, ann],
		);
		await query(`UPDATE ${db.t.heads} SET last_seq = 1, rev = 3 WHERE chat_id = $1`, [chatId]);
	});
	expect(await Promise.all(waiting)).toMatchObject([
		{ message: { content: "good", seq: 2, rev: 4 }, replayed: false },
		{ message: { id: elsewhere, content: "elsewhere", seq: 1 }, replayed: true },
		{ message: { content: "good too", seq: 3, rev: 5 }, replayed: false },
	]);
	expect(await rows.head(chatId)).toMatchObject({ last_seq: 3, rev: 5 });
});

test("rows that cannot be stored fail alone, and the others keep their order", async () => {
	const chatId = await rows.chat({ members: [ann] });
	const access = await readAccess(node.db.query, node.db.t, chatId, ann);
	if (!access) throw new Error("no access");
	const of = (content: string): Send => ({
		id: newId(),
		access,
		clientId: content,
		type: "text",
		content,
		metadata: {},
		replyToId: null,
		mentions: [],
	});
	const contents = ["1", "bad \0", "2", "3", "4", "also bad \0", "5"];
	const log = new ChatLog(node.db, silentExit);
	const outcomes = await sendBatch(log, contents.map(of), { keep: () => {}, grew: () => {} });
	expect(outcomes.map(outcome => ("value" in outcome ? outcome.value.message.seq : "failed"))).toEqual([
		1,
		"failed",
		2,
		3,
		4,
		"failed",
		5,
	]);
	expect(await rows.head(chatId)).toMatchObject({ last_seq: 5, rev: 6 });
	expect(await rows.count("outbox", chatId)).toBe(5);
});
