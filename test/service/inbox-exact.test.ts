import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as chats from "../../contracts/chats.ts";
import * as inbox from "../../contracts/inbox.ts";
import * as messages from "../../contracts/messages.ts";
import chatsService from "../../services/chats/chats.service.ts";
import inboxService from "../../services/inbox/inbox.service.ts";
import messagesService from "../../services/messages/messages.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";
import { figure, inWords } from "../support/figure.ts";

let t: Awaited<ReturnType<typeof testBroker>>;

beforeAll(async () => {
	t = await testBroker(chatsService, inboxService, messagesService);
});

afterAll(() => t.stop());

const MIX_MS = Number(process.env.TEST_MIX_MS ?? 3_000);
/** However little a busy machine gets done in that time. */
const SENT_MIN = 12;
const any = <T>(of: readonly T[]): T => of[Math.floor(Math.random() * of.length)] as T;

/** What people do all day, in any order; what is refused is part of it. */
async function mix(me: string, users: string[], chatIds: string[], sent: string[]): Promise<void> {
	const as = t.as(me);
	const chatId = any(chatIds);
	const acts: (() => Promise<unknown>)[] = [
		async () => sent.push((await as(messages.send, { chatId, content: "x", mentions: [any(users)] })).id),
		async () => sent.push((await as(messages.send, { chatId, content: "x" })).id),
		() => as(messages.update, { messageId: any(sent), content: "y", mentions: [any(users)] }),
		() => as(messages.remove, { messageId: any(sent) }),
		() => as(messages.read, { chatId, seq: Math.floor(Math.random() * 50) }),
		() => as(messages.read, { chatId }),
		() => as(chats.leave, { chatId }),
		() => as(chats.join, { chatId }),
		() => as(chats.join, { chatId }),
		async () => sent.length > 0 && chatIds.push((await as(chats.thread, { messageId: any(sent) })).id),
	];
	if (Math.random() < 0.02) acts.push(() => as(inbox.readAll, {}));
	await codeOf(any(acts)());
}

interface Count {
	user_id: string;
	chat_id: string;
	unread: number;
	mentions: number;
}

/** Counted from the messages themselves: the rows after each member's read mark. */
async function recount(): Promise<Count[]> {
	const { members, messages: rows, chats: all } = t.db.t;
	return t.db.query<Count>(
		`SELECT m.user_id, m.chat_id, count(x.seq) AS unread, count(x.seq) FILTER (WHERE m.user_id = ANY(x.mentions)) AS mentions
		 FROM ${members} m JOIN ${all} c ON c.id = m.chat_id
		 LEFT JOIN ${rows} x ON x.chat_id = m.chat_id AND x.seq > m.read_seq
		 WHERE m.left_at IS NULL GROUP BY m.user_id, m.chat_id`,
	);
}

test("I17: after any mix of sends, edits, deletions, reads, leaving and joining, every count is what the rows say", async () => {
	const users = await Promise.all(Array.from({ length: 5 }, () => t.user()));
	const owner = await t.user();
	const chatIds: string[] = [];
	for (const name of ["a", "b", "c"])
		chatIds.push((await t.as(owner)(chats.create, { type: "channel", participantIds: users, name })).id);
	const sent: string[] = [
		(await t.as(owner)(messages.send, { chatId: chatIds[0] as string, content: "x" })).id,
	];
	const end = Date.now() + MIX_MS;
	await Promise.all(
		users.map(async me => {
			while (Date.now() < end || sent.length < SENT_MIN) await mix(me, users, chatIds, sent);
		}),
	);
	const expected = await recount();
	for (const me of [...users, owner]) {
		const { items, totalUnread } = await t.as(me)(inbox.list, { limit: 200 });
		const mine = expected.filter(row => row.user_id === me);
		const counts = items.map(({ chat, unread, mentions }) => ({ chat_id: chat.id, unread, mentions }));
		const byId = (a: { chat_id: string }, b: { chat_id: string }) => (a.chat_id < b.chat_id ? -1 : 1);
		expect(counts.sort(byId)).toEqual(mine.map(({ user_id: _, ...row }) => row).sort(byId));
		expect(totalUnread).toBe(mine.reduce((sum, row) => sum + row.unread, 0));
	}
	const [{ n: total } = { n: 0 }] = await t.db.query<{ n: number }>(
		`SELECT count(*) AS n FROM ${t.db.t.messages}`,
	);
	expect(total).toBeGreaterThan(10);
	figure(
		"I17",
		`${MIX_MS / 1_000} s of a mix of all that counts, ${inWords(expected.length)} pairs recounted: none differs`,
	);
});
