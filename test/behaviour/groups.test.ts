import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat, Member } from "../../contracts/chats.ts";
import { goHome, ok, type Person, people } from "../support/people.ts";
import { eventually } from "../support/stage.ts";
import { durable, quietly, told, verdict } from "../support/verdict.ts";

let ann: Person;
let ben: Person;
let carol: Person;
let dan: Person;

beforeAll(async () => {
	[ann, ben, carol, dan] = await people("ann", "ben", "carol", "dan");
});

afterAll(goHome);

const read = async (who: Person, chatId: string) => ok<Chat>(await who.rest.get(`/chats/${chatId}`));
const membersOf = async (who: Person, chatId: string, query = "") =>
	ok<{ items: Member[]; nextCursor: string | null }>(await who.rest.get(`/chats/${chatId}/members${query}`));
const add = (who: Person, chatId: string, body: Record<string, unknown>) =>
	who.rest.post<{ items: Member[] }>(`/chats/${chatId}/members`, body);

test("a group is made with its members, each of them a revision, and told once to each", async () => {
	const sockets = await Promise.all([ann.sender(), ann.receiver(), ben.receiver()]);
	const stranger = await dan.receiver();
	const { status, body: chat } = await ann.rest.post<Chat>("/chats", {
		type: "group",
		participantIds: [carol.id, ben.id],
		name: "Friends",
		description: "of ours",
		metadata: { colour: "red" },
	});
	expect(status).toBe(201);
	expect(chat).toMatchObject({
		type: "group",
		name: "Friends",
		description: "of ours",
		metadata: { colour: "red" },
		avatarUrl: null,
		announceOnly: false,
		parentChatId: null,
		parentMessageId: null,
		lastSeq: 0,
		rev: 3,
		lastMessage: null,
		memberCount: 3,
		minDeliveredSeq: 0,
		minReadSeq: 0,
		capabilities: { typing: true, receipts: true, presence: true, notifyAll: true },
		createdBy: ann.id,
	});
	expect(await read(carol, chat.id)).toEqual(chat);
	for (const socket of sockets) {
		expect(await socket.waitFor("chat:created", ({ id }) => id === chat.id)).toEqual(chat);
		await quietly(100);
		expect(told(socket, chat.id)).toEqual(["chat:created"]);
	}
	expect(stranger.events).toEqual([]);
	const { items } = await membersOf(ben, chat.id);
	expect(items.map(({ userId, role }) => [userId, role])).toEqual([
		[ann.id, "owner"],
		...[carol.id, ben.id].map(id => [id, "member"]),
	]);
	expect(items[0]).toEqual({
		chatId: chat.id,
		userId: ann.id,
		role: "owner",
		joinedAt: expect.any(String),
		joinedSeq: 0,
		readSeq: 0,
		deliveredSeq: 0,
		silencedUntil: null,
		leftAt: null,
		user: { id: ann.id, username: ann.username, displayName: "ann", avatarUrl: null },
	});
});

test("a group with nobody else in it is fine", async () => {
	expect(await ann.group()).toMatchObject({ type: "group", memberCount: 1, rev: 1 });
});

test("who is added reads the whole history, starts at its end, and is told the Chat; the others are told of them", async () => {
	const chat = await ann.group(ben);
	await ann.say(chat.id, "one");
	await ben.say(chat.id, "two");
	const [old, fresh] = await Promise.all([ben.receiver(), carol.receiver()]);
	const { status, body } = await add(ann, chat.id, { userIds: [carol.id, dan.id] });
	expect(status).toBe(201);
	expect(body.items.map(({ userId }) => userId).sort()).toEqual([carol.id, dan.id].sort());
	for (const member of body.items)
		expect(member).toMatchObject({ role: "member", joinedSeq: 2, readSeq: 2, deliveredSeq: 2 });
	expect(await read(carol, chat.id)).toMatchObject({ memberCount: 4, rev: chat.rev + 4 });

	await fresh.waitFor("chat:created", ({ id }) => id === chat.id);
	// What was said before may still come from the other node.
	const heard = () =>
		durable(old, chat)
			.map(({ name, data }) => [name, data.rev - chat.rev] as const)
			.filter(([, later]) => later > 2);
	await eventually(heard, names => names.length === 2);
	expect(heard()).toEqual([
		["chat:member-joined", 3],
		["chat:member-joined", 4],
	]);
	expect(told(fresh, chat).filter(name => name === "chat:created")).toHaveLength(1);
	expect(
		durable(fresh, chat)
			.map(({ data }) => data.member?.userId)
			.includes(carol.id),
	).toBe(false);

	const history = ok<{ items: { content: string }[] }>(await carol.rest.get(`/chats/${chat.id}/messages`));
	expect(history.items.map(({ content }) => content)).toEqual(["one", "two"]);
});

test("who is in already is not added again: nothing is raised, nothing is told", async () => {
	const chat = await ann.group(ben);
	const socket = await ben.receiver();
	expect((await add(ann, chat.id, { userIds: [ben.id] })).status).toBe(201);
	await quietly();
	expect((await read(ann, chat.id)).rev).toBe(chat.rev);
	expect(told(socket, chat)).toEqual([]);
});

test("who comes back starts anew", async () => {
	const chat = await ann.group(ben);
	await ann.say(chat.id, "one");
	ok(await ben.rest.post(`/chats/${chat.id}/leave`));
	await ann.say(chat.id, "two");
	await ann.say(chat.id, "three");
	const { items } = ok<{ items: Member[] }>(await add(ann, chat.id, { userIds: [ben.id] }));
	expect(items).toEqual([
		expect.objectContaining({ joinedSeq: 3, readSeq: 3, deliveredSeq: 3, leftAt: null, role: "member" }),
	]);
	expect(ok<{ items: unknown[] }>(await ben.rest.get(`/chats/${chat.id}/messages`)).items).toHaveLength(3);
});

test("who leaves is gone at once, hears nothing more, and the others are told", async () => {
	const chat = await ann.group(ben, carol);
	const [stays, goes] = await Promise.all([carol.receiver(), ben.receiver()]);
	expect(verdict(await ben.rest.post(`/chats/${chat.id}/leave`))).toBe("204");
	for (const path of ["", "/messages", "/members", "/changes?since=0", "/pins"])
		expect(verdict(await ben.rest.get(`/chats/${chat.id}${path}`))).toBe("404 NOT_FOUND");
	const { rev, member } = await stays.waitFor("chat:member-left");
	expect([rev, member.userId, typeof member.leftAt]).toEqual([chat.rev + 1, ben.id, "string"]);
	await ann.say(chat.id, "after");
	await stays.waitFor("message", ({ content }) => content === "after");
	await goes.waitFor("chat:member-left");
	await quietly();
	expect(told(goes, chat)).toEqual(["chat:member-left"]);
	expect((await membersOf(ann, chat.id)).items.map(({ userId }) => userId)).not.toContain(ben.id);
});

test("the last owner leaves only after handing over", async () => {
	const chat = await ann.group(ben);
	expect(verdict(await ann.rest.post(`/chats/${chat.id}/leave`))).toBe("409 CONFLICT");
	ok(await ann.rest.patch(`/chats/${chat.id}/members/${ben.id}`, { role: "owner" }));
	const { items } = await membersOf(ben, chat.id);
	expect(items.map(({ role }) => role)).toEqual(["owner", "owner"]);
	expect(verdict(await ann.rest.post(`/chats/${chat.id}/leave`))).toBe("204");
	expect(verdict(await ben.rest.post(`/chats/${chat.id}/leave`))).toBe("409 CONFLICT");
	expect(verdict(await ben.rest.patch(`/chats/${chat.id}/members/${ben.id}`, { role: "member" }))).toBe(
		"409 CONFLICT",
	);
});

test("a chat is renamed once; renaming it again to the same changes nothing", async () => {
	const chat = await ann.group(ben);
	const socket = await ben.receiver();
	const edit = { name: "New name", description: "new", metadata: { a: 1 }, announceOnly: true };
	const { status, body } = await ann.rest.patch<Chat>(`/chats/${chat.id}`, edit);
	expect(status).toBe(200);
	expect(body).toMatchObject({ ...edit, rev: chat.rev + 1, memberCount: 2 });
	expect(await socket.waitFor("chat:updated")).toEqual(body);
	expect(ok<Chat>(await ann.rest.patch(`/chats/${chat.id}`, edit)).rev).toBe(body.rev);
	expect(ok<Chat>(await ann.rest.patch(`/chats/${chat.id}`, {})).rev).toBe(body.rev);
	await quietly();
	expect(told(socket, chat)).toEqual(["chat:updated"]);
});

test("a deleted chat vanishes at once for all, its messages and its place in the inbox too", async () => {
	const chat = await ann.group(ben);
	const message = await ben.say(chat.id, "soon gone");
	const sockets = await Promise.all([ann.sender(), ben.receiver()]);
	expect(verdict(await ann.rest.delete(`/chats/${chat.id}`))).toBe("204");
	for (const who of [ann, ben, ann, ben]) {
		expect(verdict(await who.rest.get(`/chats/${chat.id}`))).toBe("404 NOT_FOUND");
		expect(verdict(await who.rest.get(`/messages/${message.id}`))).toBe("404 NOT_FOUND");
		const send = await who.rest.post(`/chats/${chat.id}/messages`, { content: "late" });
		expect(verdict(send)).toBe("404 NOT_FOUND");
		const inbox = ok<{ items: { chat: Chat }[] }>(await who.rest.get("/inbox?limit=200"));
		expect(inbox.items.map(item => item.chat.id)).not.toContain(chat.id);
	}
	for (const socket of sockets) {
		expect(await socket.waitFor("chat:deleted")).toMatchObject({ id: chat.id, rev: chat.rev + 2 });
		expect(told(socket, { ...chat, rev: message.rev })).toEqual(["chat:deleted"]);
	}
	expect(verdict(await ann.rest.delete(`/chats/${chat.id}`))).toBe("404 NOT_FOUND");
});

test("members are paged in the order of joining", async () => {
	const chat = await ann.group(ben);
	ok(await add(ann, chat.id, { userIds: [carol.id] }));
	ok(await add(ann, chat.id, { userIds: [dan.id] }));
	const seen: string[] = [];
	let cursor: string | null = null;
	do {
		const page: { items: Member[]; nextCursor: string | null } = await membersOf(
			ben,
			chat.id,
			`?limit=1${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`,
		);
		expect(page.items).toHaveLength(1);
		seen.push(...page.items.map(({ userId }) => userId));
		cursor = page.nextCursor;
	} while (cursor);
	expect(seen).toEqual([ann.id, ben.id, carol.id, dan.id]);
});

test("a mute is one's own affair: others do not see it, and the chat has no new revision", async () => {
	const chat = await ann.group(ben);
	const [own, others] = await Promise.all([ben.receiver(), ann.receiver()]);
	const until = new Date(Date.now() + 3_600_000).toISOString();
	const member = ok<Member>(await ben.rest.put(`/chats/${chat.id}/mute`, { until }));
	expect(member).toMatchObject({ userId: ben.id, mutedUntil: until });
	expect((await read(ann, chat.id)).rev).toBe(chat.rev);
	const seen = (await membersOf(ann, chat.id)).items.find(({ userId }) => userId === ben.id);
	expect(seen).not.toHaveProperty("mutedUntil");
	expect(await own.waitFor("inbox:update")).toMatchObject({ chatId: chat.id, unread: 0 });
	ok(await ben.rest.put(`/chats/${chat.id}/mute`, { until: null }));
	const inbox = ok<{ items: { chat: Chat; self: Member }[] }>(await ben.rest.get("/inbox?limit=200"));
	expect(inbox.items.find(item => item.chat.id === chat.id)?.self.mutedUntil).toBeNull();
	await quietly(100);
	expect(told(others, chat)).toEqual([]);
	expect(others.of("inbox:update")).toEqual([]);
});
