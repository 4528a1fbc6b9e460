import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Chat, Member } from "../../contracts/chats.ts";
import type { Message, Receipt } from "../../contracts/messages.ts";
import type { Answer } from "../support/http.ts";
import { goHome, ok, type Person, people } from "../support/people.ts";
import type { TestSocket } from "../support/socket.ts";
import { eventually } from "../support/stage.ts";
import { ackCode, acked, quietly, told, verdict } from "../support/verdict.ts";

let ann: Person;
let ben: Person;
let carol: Person;
let stranger: Person;
let chat: Chat;
let message: Message;
let benSocket: TestSocket;

beforeAll(async () => {
	[ann, ben, carol, stranger] = await people("ann", "ben", "carol", "stranger");
	benSocket = await ben.sender();
});

beforeEach(async () => {
	chat = await ann.group(ben, carol);
	for (const content of ["one", "two", "three"]) message = await ann.say(chat.id, content);
});

afterAll(goHome);

const read = (who: Person, body: Record<string, unknown> = {}) =>
	who.rest.post<Member>(`/chats/${chat.id}/read`, body);
const deliver = (who: Person, body: Record<string, unknown> = {}) =>
	who.rest.post<Member>(`/chats/${chat.id}/delivered`, body);
const statusOf = async () => ok<Message>(await carol.rest.get(`/messages/${message.id}`)).status;
const marks = ({ readSeq, deliveredSeq }: Member) => [readSeq, deliveredSeq];

test("a message is delivered when it is so to all others, and read when all others have read it", async () => {
	expect(await statusOf()).toBe("SENT");
	ok(await deliver(ben, { seq: 3 }));
	expect(await statusOf()).toBe("SENT");
	ok(await read(carol, { seq: 3 }));
	expect(await statusOf()).toBe("DELIVERED");
	ok(await read(ben, { seq: 2 }));
	expect(await statusOf()).toBe("DELIVERED");
	const page = ok<{ items: Message[] }>(await ann.rest.get(`/chats/${chat.id}/messages`));
	expect(page.items.map(({ status }) => status)).toEqual(["READ", "READ", "DELIVERED"]);
	ok(await read(ben, { seq: 3 }));
	expect(await statusOf()).toBe("READ");
	const now = ok<Chat>(await ann.rest.get(`/chats/${chat.id}`));
	expect([now.minReadSeq, now.minDeliveredSeq, now.rev]).toEqual([3, 3, message.rev]);
});

test("marks never move back, go no further than the last message, and reading delivers", async () => {
	const mark = async (answer: Promise<Answer<Member>>) => marks(ok<Member>(await answer));
	expect(await mark(deliver(ben, { seq: 1 }))).toEqual([0, 1]);
	expect(await mark(read(ben, { seq: 2 }))).toEqual([2, 2]);
	expect(await mark(read(ben, { seq: 1 }))).toEqual([2, 2]);
	expect(await mark(deliver(ben, { seq: 1 }))).toEqual([2, 2]);
	expect(await mark(deliver(ben, { seq: 1_000_000 }))).toEqual([2, 3]);
	expect(await mark(read(ben, { seq: 1_000_000 }))).toEqual([3, 3]);
	await ann.say(chat.id, "four");
	expect(await mark(read(ben, { seq: 0 }))).toEqual([3, 3]);
});

test("one reads up to a message, or without a word to the end", async () => {
	const { items } = ok<{ items: Message[] }>(await ben.rest.get(`/chats/${chat.id}/messages`));
	expect(marks(ok<Member>(await read(ben, { messageId: items[1]?.id })))).toEqual([2, 2]);
	expect(marks(ok<Member>(await read(ben)))).toEqual([3, 3]);
	const { member } = await acked(await carol.sender(), "message:read", { messageId: items[0]?.id });
	expect([member.userId, ...marks(member as Member)]).toEqual([carol.id, 1, 1]);
	const delivered = await acked(await carol.sender(), "message:delivered", { messageId: message.id });
	expect(marks(delivered.member as Member)).toEqual([1, 3]);
});

test("a mark is the caller's own Member, with the mute that only they see", async () => {
	expect(ok(await read(ben))).toMatchObject({ userId: ben.id, chatId: chat.id, mutedUntil: null });
});

test("I18: two devices that read at once end at the furthest, never behind it", async () => {
	for (let i = 0; i < 27; i++) await ann.say(chat.id, `${i}`);
	const other = await ben.receiver();
	const seqs = Array.from({ length: 120 }, () => 1 + Math.floor(Math.random() * 30));
	const acks = await Promise.all(
		seqs.map((seq, i) =>
			acked(i % 2 ? other : benSocket, i % 3 ? "message:read" : "message:delivered", {
				chatId: chat.id,
				seq,
			}),
		),
	);
	for (const [i, { member }] of acks.entries()) {
		expect(member.deliveredSeq).toBeGreaterThanOrEqual(seqs[i] as number);
		expect(member.deliveredSeq).toBeGreaterThanOrEqual(member.readSeq);
	}
	const furthest = Math.max(...seqs.filter((_, i) => i % 3));
	expect(marks(ok<Member>(await read(ben, { seq: 0 })))).toEqual([furthest, Math.max(...seqs)]);
});

test("who has the chat open is told of marks, and nobody else; the chat has no new revision", async () => {
	const [viewer, other] = await Promise.all([ann.receiver(), carol.receiver()]);
	await acked(viewer, "chat:join", { chatId: chat.id });
	await acked(benSocket, "message:delivered", { chatId: chat.id, seq: 2 });
	const mark = { chatId: chat.id, userId: ben.id };
	expect(await viewer.waitFor("message:status")).toEqual({ ...mark, status: "DELIVERED", seq: 2 });
	await acked(benSocket, "message:read", { chatId: chat.id, seq: 2 });
	expect(await viewer.waitFor("message:status", ({ status }) => status === "READ")).toEqual({
		...mark,
		status: "READ",
		seq: 2,
	});
	viewer.forget();
	await acked(benSocket, "message:read", { chatId: chat.id, seq: 1 });
	await quietly();
	expect(viewer.of("message:status")).toEqual([]);
	expect(other.of("message:status")).toEqual([]);
	expect(told(viewer, { id: chat.id, rev: message.rev })).toEqual([]);
	await acked(viewer, "chat:leave", { chatId: chat.id });
	await acked(benSocket, "message:read", { chatId: chat.id });
	await quietly();
	expect(viewer.of("message:status")).toEqual([]);
});

test("sending reads up to one's own message, and tells no receipt", async () => {
	const viewer = await ann.receiver();
	await acked(viewer, "chat:join", { chatId: chat.id });
	const { seq } = await ben.say(chat.id, "four");
	const members = ok<{ items: Member[] }>(await ann.rest.get(`/chats/${chat.id}/members`)).items;
	expect(members.find(({ userId }) => userId === ben.id)).toMatchObject({ readSeq: seq, deliveredSeq: seq });
	await viewer.waitFor("message", data => data.seq === seq);
	await quietly();
	expect(viewer.of("message:status")).toEqual([]);
});

test("the receipts of a message say whom it has reached, and who has read it", async () => {
	ok(await read(ben, { seq: 3 }));
	ok(await deliver(carol, { seq: 3 }));
	const receipts = async (query = "") =>
		ok<{ items: Receipt[]; nextCursor: string | null }>(
			await ann.rest.get(`/messages/${message.id}/receipts${query}`),
		);
	const { items } = await receipts();
	const of = (who: Person) => items.find(({ userId }) => userId === who.id);
	expect(of(ben)).toEqual({ userId: ben.id, deliveredAt: expect.any(String), readAt: expect.any(String) });
	expect(of(carol)).toEqual({ userId: carol.id, deliveredAt: expect.any(String), readAt: null });
	const seen: string[] = [];
	let cursor: string | null = null;
	do {
		const page: { items: Receipt[]; nextCursor: string | null } = await receipts(
			`?limit=1${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`,
		);
		seen.push(...page.items.map(({ userId }) => userId));
		cursor = page.nextCursor;
	} while (cursor);
	expect(seen).toEqual(items.map(({ userId }) => userId));
	const next = await ann.say(chat.id, "four");
	const fresh = ok<{ items: Receipt[] }>(await ann.rest.get(`/messages/${next.id}/receipts`)).items;
	expect(fresh.find(({ userId }) => userId === ben.id)).toEqual({
		userId: ben.id,
		deliveredAt: null,
		readAt: null,
	});
});

test("who joins later holds nobody's message back", async () => {
	ok(await read(ben));
	ok(await read(carol));
	ok(await ann.rest.post(`/chats/${chat.id}/members`, { userIds: [stranger.id] }));
	expect(await statusOf()).toBe("READ");
	ok(await ann.rest.delete(`/chats/${chat.id}/members/${stranger.id}`));
	await ann.say(chat.id, "four");
	ok(await read(ben));
	ok(await ann.rest.delete(`/chats/${chat.id}/members/${carol.id}`));
	const now = await eventually(
		async () => ok<Chat>(await ann.rest.get(`/chats/${chat.id}`)),
		({ minReadSeq }) => minReadSeq === 4,
	);
	expect(now.minReadSeq).toBe(4);
});

test("nobody marks what is not theirs, nor without saying what", async () => {
	expect(verdict(await read(stranger, { seq: 1 }))).toBe("404 NOT_FOUND");
	expect(verdict(await read(stranger, { messageId: message.id }))).toBe("404 NOT_FOUND");
	for (const seq of [-1, 1.5, "1", null]) {
		const answer = await read(ben, { seq });
		expect([200, 422]).toContain(answer.status);
		if (seq !== null) expect(verdict(answer)).toBe("422 VALIDATION_ERROR");
	}
	expect(await ackCode(benSocket, "message:read", {})).toBe("VALIDATION_ERROR");
	const elsewhere = await ben.group();
	expect(
		(await read(ben, { messageId: (await ben.say(elsewhere.id, "x")).id })).status,
	).toBeGreaterThanOrEqual(400);
});
