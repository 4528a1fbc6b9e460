import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat, Member } from "../../contracts/chats.ts";
import type { Message, Receipt } from "../../contracts/messages.ts";
import { api } from "../support/http.ts";
import { goHome, ok, type Person, people, urls } from "../support/people.ts";
import { foreignToken } from "../support/tokens.ts";
import { acked, quietly } from "../support/verdict.ts";

let ann: Person;
let ben: Person;
let chat: Chat;
let crowd: string[];

/** Users of the host application: they have no password to hash. */
async function someone(i: number): Promise<string> {
	const token = foreignToken(`crowd ${process.pid} ${i} ${Date.now()}`, { name: `Member ${i}` });
	const answer = await api(urls()[i % urls().length] as string, token).get("/users/me");
	return ok<{ id: string }>(answer).id;
}

beforeAll(async () => {
	[ann, ben] = await people("ann", "ben");
	crowd = [];
	for (let i = 0; i < 99; i += 11)
		crowd.push(...(await Promise.all(Array.from({ length: 11 }, (_, n) => someone(i + n)))));
	chat = await ann.chat({ type: "group", name: "large", participantIds: [ben.id, ...crowd.slice(0, 98)] });
}, 60_000);

afterAll(goHome);

const read = async () => ok<Chat>(await ann.rest.get(`/chats/${chat.id}`));

test("a chat of 100 has typing and receipts; the 101st member ends them, and reading still counts", async () => {
	expect(chat).toMatchObject({ memberCount: 100, rev: 100, minReadSeq: 0, minDeliveredSeq: 0 });
	expect(chat.capabilities).toEqual({ typing: true, receipts: true, presence: true, notifyAll: true });
	ok(await ann.rest.post(`/chats/${chat.id}/members`, { userIds: [crowd[98]] }));
	const large = await read();
	expect(large).toMatchObject({ memberCount: 101, minReadSeq: null, minDeliveredSeq: null });
	expect(large.capabilities).toEqual({ typing: false, receipts: false, presence: true, notifyAll: true });

	const viewer = await ann.receiver();
	const bens = await ben.sender();
	for (const socket of [viewer, bens]) await acked(socket, "chat:join", { chatId: chat.id });
	const message = await ann.say(chat.id, "hello all");
	const { member } = await acked(bens, "message:read", { chatId: chat.id });
	expect(member).toMatchObject({ readSeq: message.seq, deliveredSeq: message.seq });
	await acked(bens, "typing", { chatId: chat.id, isTyping: true });
	await quietly();
	expect(viewer.of("message:status")).toEqual([]);
	expect(viewer.of("typing")).toEqual([]);
	expect(ok<Message>(await ann.rest.get(`/messages/${message.id}`)).status).toBe("SENT");
	const receipts = ok<{ items: Receipt[] }>(await ann.rest.get(`/messages/${message.id}/receipts`));
	expect(receipts.items).toEqual([]);
	const inbox = ok<{ totalUnread: number }>(await ben.rest.get("/inbox"));
	expect(inbox.totalUnread).toBe(0);

	ok(await ann.rest.delete(`/chats/${chat.id}/members/${crowd[98]}`));
	expect((await read()).capabilities).toMatchObject({ typing: true, receipts: true });
	expect((await read()).minReadSeq).toBe(0);
});

test("the members of a large chat are paged, each once", async () => {
	const seen: string[] = [];
	let cursor: string | null = null;
	do {
		const page: { items: Member[]; nextCursor: string | null } = ok(
			await ben.rest.get(
				`/chats/${chat.id}/members?limit=30${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`,
			),
		);
		seen.push(...page.items.map(({ userId }) => userId));
		cursor = page.nextCursor;
	} while (cursor);
	expect(seen).toHaveLength(100);
	expect(new Set(seen).size).toBe(100);
});

test("only the first 20 who reacted are named, and all are counted", async () => {
	const message = await ann.say(chat.id, "react");
	const tokens = Array.from({ length: 24 }, (_, i) => foreignToken(`reacts ${message.id} ${i}`, {}));
	const reactors = [];
	for (const token of tokens)
		reactors.push(ok<{ id: string }>(await api(urls()[0] as string, token).get("/users/me")).id);
	ok(await ann.rest.post(`/chats/${chat.id}/members`, { userIds: reactors }));
	for (const token of tokens)
		ok(await api(urls()[0] as string, token).put(`/messages/${message.id}/reactions/x`));
	const { reactions } = ok<Message>(await ben.rest.get(`/messages/${message.id}`));
	expect(reactions).toEqual([{ emoji: "x", count: 24, userIds: reactors.slice(0, 20) }]);
});
