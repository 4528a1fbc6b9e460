/** What is kept of chats that were read lately changes no answer, and spares PostgreSQL most of the questions. */
import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import * as messages from "../../contracts/messages.ts";
import type { Database, Query } from "../../lib/database.ts";
import { newId } from "../../lib/ids.ts";
import { CatchUps } from "../../services/messages/catch-up.ts";
import messagesService from "../../services/messages/messages.service.ts";
import { testBroker } from "../support/broker.ts";
import { chatRows } from "../support/chat-rows.ts";

let node: Awaited<ReturnType<typeof testBroker>>;
let rows: ReturnType<typeof chatRows>;
let ann: string;
let bob: string;

beforeAll(async () => {
	node = await testBroker(messagesService);
	rows = chatRows(node.db);
	[ann, bob] = [await node.user(), await node.user()];
});
afterAll(() => node?.stop());

/** The database, where `see` is told of each statement that `read` sends: its name, and how many rows it gave. */
function watched(see: (name: string, rows: number) => void): Database {
	const watching =
		(query: Query): Query =>
		async (...args) => {
			const found = await query<never>(...args);
			see(args[2] ?? "", found.length);
			return found;
		};
	return { ...node.db, read: (work, options) => node.db.read(query => work(watching(query)), options) };
}

const send = (chatId: string, content = newId()) => node.as(ann)(messages.send, { chatId, content });

test("I12 I14: whatever is kept, an answer is what is read anew", async () => {
	const step = fc.oneof(
		{
			weight: 4,
			arbitrary: fc.record({ kind: fc.constant("send" as const), count: fc.constantFrom(1, 3, 30, 90) }),
		},
		...(["edit", "remove", "react", "pin", "reply"] as const).map(kind => ({
			weight: 1,
			arbitrary: fc.record({ kind: fc.constant(kind), at: fc.nat(200) }),
		})),
		{ weight: 1, arbitrary: fc.record({ kind: fc.constant("join" as const) }) },
		{ weight: 1, arbitrary: fc.record({ kind: fc.constant("leave" as const) }) },
		{
			weight: 6,
			arbitrary: fc.record({
				kind: fc.constant("ask" as const),
				/** How far behind those are who ask at once; null opens the chat. */
				behind: fc.array(fc.option(fc.nat(260)), { minLength: 1, maxLength: 4 }),
				limit: fc.constantFrom(1, 7, 50, 200),
			}),
		},
	);
	const cyd = await node.user();
	const warm = new CatchUps(node.db);
	await fc.assert(
		fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 30 }), async steps => {
			const chatId = await rows.chat({ members: [ann, bob] });
			const ids: string[] = [];
			for (const step of steps) {
				const messageId = "at" in step ? ids[step.at % ids.length] : undefined;
				if (step.kind === "send") {
					const sent = await Promise.all(Array.from({ length: step.count }, () => send(chatId)));
					ids.push(...sent.map(({ id }) => id));
				} else if (step.kind === "join") await rows.join(chatId, cyd);
				else if (step.kind === "leave") await rows.leave(chatId, cyd);
				else if (step.kind === "ask") {
					const { rev } = await rows.head(chatId);
					const sinces = step.behind.map(behind => (behind === null ? null : Math.max(0, rev - behind)));
					const ask = (catchUps: CatchUps) =>
						Promise.all(sinces.map(since => catchUps.of(bob, chatId, since, step.limit)));
					expect(await ask(warm)).toEqual(await ask(new CatchUps(node.db)));
				} else if (!messageId) continue;
				else if (step.kind === "reply") await reply(chatId, messageId);
				else {
					const on = { messageId };
					const change = {
						edit: () => node.as(ann)(messages.update, { ...on, content: newId() }),
						remove: () => node.as(ann)(messages.remove, on),
						react: () => node.as(bob)(messages.react, { ...on, emoji: "👍" }),
						pin: () => node.as(ann)(messages.pin, on),
					}[step.kind];
					await change().catch(() => {});
				}
			}
		}),
		{ numRuns: 15 },
	);
}, 120_000);

/** In the message's thread, which is made where there is none. */
async function reply(chatId: string, messageId: string): Promise<void> {
	const { query, t } = node.db;
	const [known] = await query<{ id: string }>(`SELECT id FROM ${t.chats} WHERE parent_message_id = $1`, [
		messageId,
	]);
	const thread = { type: "thread" as const, parentChatId: chatId, parentMessageId: messageId };
	await send(known?.id ?? (await rows.chat({ ...thread, members: [ann] })));
}

test("I38: a crowd that comes back to its chats at once takes PostgreSQL less than a statement each", async () => {
	const crowd = await Promise.all(Array.from({ length: 40 }, () => node.user()));
	const chatIds = await Promise.all(Array.from({ length: 4 }, () => rows.chat({ members: [ann, ...crowd] })));
	for (const chatId of chatIds) await Promise.all(Array.from({ length: 20 }, () => send(chatId)));
	let asked = 0;
	const catchUps = new CatchUps(watched(() => void asked++));
	const told = await Promise.all(
		crowd.flatMap((userId, i) => chatIds.map(chatId => catchUps.of(userId, chatId, 41 + (i % 10), 200))),
	);
	for (const [i, { messages, rev, self }] of told.entries()) {
		const member = Math.floor(i / chatIds.length);
		expect([rev, self?.userId]).toEqual([61, crowd[member]]);
		expect(messages.map(message => message.rev)).toEqual(
			Array.from({ length: 20 - (member % 10) }, (_, n) => 42 + (member % 10) + n),
		);
	}
	expect(asked).toBeLessThan(told.length);
});

test("I12: what is kept of a chat ends somewhere, and who is further behind still hears all", async () => {
	const chatId = await rows.chat({ members: [ann, bob] });
	const catchUps = new CatchUps(node.db);
	const seen = async (since: number) =>
		(await catchUps.of(bob, chatId, since, 200)).messages.map(({ rev }) => rev);
	const from = (rev: number, count: number) => Array.from({ length: count }, (_, i) => rev + i);
	await Promise.all(Array.from({ length: 150 }, () => send(chatId)));
	expect(await seen(2)).toEqual(from(3, 150));
	await Promise.all(Array.from({ length: 100 }, () => send(chatId)));
	expect(await seen(2)).toEqual(from(3, 200));
	expect(await seen(202)).toEqual(from(203, 50));
	// More than is kept, at once.
	await Promise.all(Array.from({ length: 250 }, () => send(chatId)));
	expect(await seen(252)).toEqual(from(253, 200));
	expect(await seen(452)).toEqual(from(453, 50));
});

test("I12: of a chat that many ask for only what is new is read", async () => {
	const chatId = await rows.chat({ members: [ann, bob] });
	await Promise.all(Array.from({ length: 60 }, () => send(chatId)));
	let read = 0;
	const catchUps = new CatchUps(
		watched((name, rows) => {
			if (name === "changed-messages" || name === "newest-messages") read += rows;
		}),
	);
	expect((await catchUps.of(bob, chatId, null, 200)).messages).toHaveLength(50);
	expect((await catchUps.of(bob, chatId, 42, 200)).messages).toHaveLength(20);
	expect(read).toBe(70);
	await send(chatId);
	expect((await catchUps.of(ann, chatId, 42, 200)).messages).toHaveLength(21);
	expect((await catchUps.of(ann, chatId, null, 200)).messages).toHaveLength(50);
	expect(read).toBe(71);
});
