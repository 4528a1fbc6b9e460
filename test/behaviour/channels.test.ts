import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat, Member } from "../../contracts/chats.ts";
import { goHome, ok, type Person, people } from "../support/people.ts";
import { ackCode, told, verdict } from "../support/verdict.ts";

let ann: Person;
let ben: Person;
let carol: Person;

beforeAll(async () => {
	[ann, ben, carol] = await people("ann", "ben", "carol");
});

afterAll(goHome);

const aName = () => `ch${randomBytes(5).toString("hex")}`;
const channel = (name = aName(), more: Record<string, unknown> = {}) =>
	ann.chat({ type: "channel", name, ...more });
const found = async (who: Person, search: string, more = "") =>
	ok<{ items: Chat[]; nextCursor: string | null }>(await who.rest.get(`/channels?search=${search}${more}`));
const join = (who: Person, { id }: Chat) => who.rest.post<Chat>(`/chats/${id}/join`);

test("a channel is found by anyone: its Chat, and none of its messages", async () => {
	const chat = await channel();
	const message = await ann.say(chat.id, "for members only");
	const { items } = await found(ben, chat.name as string);
	expect(items.map(({ id }) => id)).toEqual([chat.id]);
	expect(JSON.stringify(items)).not.toContain("for members only");
	expect(verdict(await ben.rest.get(`/messages/${message.id}`))).toBe("404 NOT_FOUND");
	const socket = await ben.sender();
	for (const [door, answer] of [
		["history", verdict(await ben.rest.get(`/chats/${chat.id}/messages`))],
		["changes", verdict(await ben.rest.get(`/chats/${chat.id}/changes?since=0`))],
		["join", await ackCode(socket, "chat:join", { chatId: chat.id })],
		["send", await ackCode(socket, "message", { chatId: chat.id, content: "hi" })],
	])
		expect([door, answer]).toEqual([door, expect.stringMatching(/FORBIDDEN/)]);
	expect(JSON.stringify((await ben.rest.get(`/chats/${chat.id}`)).body)).not.toContain("for members only");
});

test("no other chats are among the channels", async () => {
	const name = aName();
	await ann.chat({ type: "group", name, participantIds: [ben.id] });
	expect((await found(ben, name)).items).toEqual([]);
});

test("channels are paged", async () => {
	const name = aName();
	const made = await Promise.all([1, 2, 3, 4, 5].map(i => channel(`${name} ${i}`)));
	const seen: string[] = [];
	let cursor: string | null = null;
	do {
		const page = await found(ben, name, `&limit=2${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
		seen.push(...page.items.map(({ id }) => id));
		cursor = page.nextCursor;
	} while (cursor);
	expect(seen.sort()).toEqual(made.map(({ id }) => id).sort());
});

test("who joins is a member from now on, with nothing unread, and may leave", async () => {
	const chat = await channel();
	const { rev } = await ann.say(chat.id, "one");
	const socket = await ann.receiver();
	const answer = await join(ben, chat);
	expect(answer.status).toBe(200);
	expect(answer.body).toMatchObject({ id: chat.id, memberCount: 2, rev: chat.rev + 2 });
	const joined = await socket.waitFor("chat:member-joined");
	expect(joined.member).toMatchObject({ userId: ben.id, role: "member", joinedSeq: 1, readSeq: 1 });
	expect((await join(ben, chat)).body.rev).toBe(chat.rev + 2);
	expect(told(socket, { id: chat.id, rev })).toEqual(["chat:member-joined"]);
	await ben.say(chat.id, "hello");
	expect(verdict(await ben.rest.post(`/chats/${chat.id}/leave`))).toBe("204");
	expect(verdict(await ben.rest.post(`/chats/${chat.id}/messages`, { content: "hi" }))).toBe("403 FORBIDDEN");
	expect((await join(ben, chat)).status).toBe(200);
});

test("whoever was removed cannot join again by themselves, and can be added", async () => {
	const chat = await channel();
	ok(await join(ben, chat));
	ok(await ann.rest.delete(`/chats/${chat.id}/members/${ben.id}`));
	expect(verdict(await join(ben, chat))).toBe("403 FORBIDDEN");
	ok(await ann.rest.post(`/chats/${chat.id}/members`, { userIds: [ben.id] }));
	ok(await ben.rest.post(`/chats/${chat.id}/leave`));
	expect(verdict(await join(ben, chat))).toBe("200");
});

test("a group cannot be joined, nor what is not there", async () => {
	const group = await ann.group(ben);
	const absent = { id: "018f0000-0000-7000-8000-000000000000" } as Chat;
	expect(verdict(await join(carol, group))).toBe("404 NOT_FOUND");
	expect(verdict(await join(carol, absent))).toBe("404 NOT_FOUND");
});

test("many join at once: each is one revision, and the count is right", async () => {
	const chat = await channel();
	const socket = await ann.receiver();
	const crowd = await people("c1", "c2", "c3", "c4", "c5", "c6");
	await Promise.all(crowd.flatMap(who => [join(who, chat), join(who, chat)]));
	const now = ok<Chat>(await ann.rest.get(`/chats/${chat.id}`));
	expect([now.memberCount, now.rev]).toEqual([7, chat.rev + 6]);
	await socket.waitFor("chat:member-joined", ({ rev }) => rev === chat.rev + 6);
	expect(socket.of("chat:member-joined").map(({ rev }) => rev)).toEqual(
		[1, 2, 3, 4, 5, 6].map(n => chat.rev + n),
	);
});

test("where only some announce, members read, react and write in threads, and moderators and up send", async () => {
	const chat = await channel(undefined, { announceOnly: true });
	ok(await join(ben, chat));
	ok(await join(carol, chat));
	const news = await ann.say(chat.id, "news");
	const send = (who: Person) => who.rest.post(`/chats/${chat.id}/messages`, { content: "me too" });
	expect(verdict(await send(ben))).toBe("403 FORBIDDEN");
	expect(verdict(await ben.rest.get(`/chats/${chat.id}/messages`))).toBe("200");
	expect(verdict(await ben.rest.put(`/messages/${news.id}/reactions/${encodeURIComponent("👍")}`))).toBe(
		"200",
	);
	const thread = ok<Chat>(await ben.rest.post(`/messages/${news.id}/thread`));
	await carol.say(thread.id, "a question");
	ok<Member>(await ann.rest.patch(`/chats/${chat.id}/members/${ben.id}`, { role: "moderator" }));
	expect(verdict(await send(ben))).toBe("201");
	expect(verdict(await send(carol))).toBe("403 FORBIDDEN");
	ok(await ann.rest.patch(`/chats/${chat.id}`, { announceOnly: false }));
	expect(verdict(await send(carol))).toBe("201");
});
