import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as messages from "../../contracts/messages.ts";
import { newId } from "../../lib/ids.ts";
import messagesService from "../../services/messages/messages.service.ts";
import { testBroker } from "../support/broker.ts";
import { chatRows } from "../support/chat-rows.ts";

let node: Awaited<ReturnType<typeof testBroker>>;
let rows: ReturnType<typeof chatRows>;

beforeAll(async () => {
	// Small batches, so that many of them meet.
	node = await testBroker({ ...messagesService, settings: { ...messagesService.settings, batchMax: 7 } });
	rows = chatRows(node.db);
});
afterAll(() => node?.stop());

test("I17: after all kinds of changes at once, unread and mentions are what a recount of the rows gives", async () => {
	const users = await Promise.all(Array.from({ length: 8 }, () => node.user()));
	// Who never reads nor writes: every mention of theirs stays unread.
	const members = [...users, await node.user()];
	const chats = await Promise.all(Array.from({ length: 3 }, () => rows.chat({ members })));
	const at = <T>(list: readonly T[], i: number) => list[i % list.length] as T;
	const sent: messages.Message[] = [];
	await Promise.all(
		Array.from({ length: 600 }, async (_, i) => {
			const [userId, chatId] = [at(users, i * 5), at(chats, i * 7)];
			const as = node.as(userId);
			await new Promise(resolve => setTimeout(resolve, i));
			const old = sent.length > 0 ? at(sent, i * 31) : undefined;
			const mentions = i % 4 === 0 ? [at(users, i + 1), members[users.length] as string] : [];
			if (i % 10 === 5) return as(messages.read, { chatId, seq: i % 40 });
			if (i % 10 === 6) return as(messages.delivered, { chatId });
			if (i % 10 === 7 && old) return node.as(old.senderId)(messages.remove, { messageId: old.id });
			if (i % 10 === 8 && old)
				return node
					.as(old.senderId)(messages.update, { messageId: old.id, content: newId(), mentions })
					.catch(err => expect(err).toMatchObject({ type: "CONFLICT" }));
			sent.push(await as(messages.send, { chatId, content: `${i}`, mentions }));
		}),
	);
	// On a slow machine there was little to delete when its turn came.
	const late = sent.filter((_, i) => i % 5 === 0);
	await Promise.all(late.map(({ id, senderId }) => node.as(senderId)(messages.remove, { messageId: id })));
	const { query, t } = node.db;
	const wrong = await query(
		`SELECT m.chat_id, m.user_id FROM ${t.members} m JOIN ${t.heads} h USING (chat_id)
		 WHERE h.last_seq - m.read_seq <> (
				SELECT count(*) FROM ${t.messages} n WHERE n.chat_id = m.chat_id AND n.seq > m.read_seq)
			OR (SELECT count(*) FROM ${t.mentions} n
				WHERE n.chat_id = m.chat_id AND n.user_id = m.user_id AND n.seq > m.read_seq) <> (
				SELECT count(*) FROM ${t.messages} n
				WHERE n.chat_id = m.chat_id AND n.seq > m.read_seq AND m.user_id = ANY(n.mentions))
			OR m.read_seq < (
				SELECT coalesce(max(seq), 0) FROM ${t.messages} n WHERE n.chat_id = m.chat_id AND n.sender_id = m.user_id)
			OR m.delivered_seq < m.read_seq OR m.delivered_seq > h.last_seq`,
	);
	expect(wrong).toEqual([]);
	expect(await rows.count("messages")).toBe(sent.length);
	expect(await rows.count("mentions")).toBeGreaterThan(50);
	for (const chatId of chats) {
		const { last_seq, rev } = await rows.head(chatId);
		const [log] = await query<{ n: number; least: number; most: number; events: number }>(
			`SELECT count(*) AS n, min(seq) AS least, max(seq) AS most,
				(SELECT count(DISTINCT event::jsonb #>> '{data,rev}') FROM ${t.outbox}
				 WHERE key = $1::text AND event::jsonb #> '{data,rev}' IS NOT NULL) AS events
			 FROM ${t.messages} WHERE chat_id = $1::uuid`,
			[chatId],
		);
		expect(log).toEqual({ n: last_seq, least: 1, most: last_seq, events: rev - members.length });
	}
});
