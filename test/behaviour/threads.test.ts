import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import { goHome, ok, type Person, people } from "../support/people.ts";
import { acked, quietly, told, verdict } from "../support/verdict.ts";

let ann: Person;
let ben: Person;
let carol: Person;
let stranger: Person;
let parent: Chat;
let root: Message;

beforeAll(async () => {
	[ann, ben, carol, stranger] = await people("ann", "ben", "carol", "stranger");
});

beforeEach(async () => {
	parent = await ann.group(ben, carol);
	root = await ann.say(parent.id, "what do you think?");
});

afterAll(goHome);

const threadOn = (who: Person, message = root) => who.rest.post<Chat>(`/messages/${message.id}/thread`);
const read = async (who: Person, chatId: string) => ok<Chat>(await who.rest.get(`/chats/${chatId}`));
const inbox = async (who: Person) =>
	ok<{ items: { chat: Chat }[] }>(await who.rest.get("/inbox?limit=200")).items.map(item => item.chat.id);

test("a thread is made once on a message, whoever asks for it and how often at once", async () => {
	const answers = await Promise.all([ben, carol, ben, carol, ann].map(who => threadOn(who)));
	expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
	expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
	expect(answers[0]?.body).toMatchObject({
		type: "thread",
		parentChatId: parent.id,
		parentMessageId: root.id,
	});
});

test("who makes it follows it; the others read it and write in it, and so follow it", async () => {
	const thread = ok<Chat>(await threadOn(ben));
	expect(thread).toMatchObject({ memberCount: 1, rev: 1, lastSeq: 0 });
	expect(await inbox(ben)).toContain(thread.id);
	expect(await inbox(carol)).not.toContain(thread.id);
	expect(verdict(await carol.rest.get(`/chats/${thread.id}/messages`))).toBe("200");
	expect(await carol.say(thread.id, "I think so")).toMatchObject({ seq: 1, chatId: thread.id });
	expect((await read(ann, thread.id)).memberCount).toBe(2);
	expect(await inbox(carol)).toContain(thread.id);
	await carol.say(thread.id, "again");
	expect((await read(ann, thread.id)).memberCount).toBe(2);
});

test("one follows and unfollows it without leaving the parent", async () => {
	const thread = ok<Chat>(await threadOn(ben));
	expect(ok<Chat>(await carol.rest.post(`/chats/${thread.id}/join`)).memberCount).toBe(2);
	const [followed, unfollowed] = await Promise.all([carol.receiver(), ann.receiver()]);
	await ben.say(thread.id, "news");
	await followed.waitFor("message", ({ content }) => content === "news");
	expect(verdict(await carol.rest.post(`/chats/${thread.id}/leave`))).toBe("204");
	expect(await inbox(carol)).not.toContain(thread.id);
	expect(verdict(await carol.rest.get(`/chats/${thread.id}/messages`))).toBe("200");
	await ben.say(thread.id, "unheard");
	await quietly();
	expect(followed.of("message").map(({ content }) => content)).not.toContain("unheard");
	expect(unfollowed.of("message").filter(({ chatId }) => chatId === thread.id)).toEqual([]);
});

test("a reply shows on the message at the next read, and is no change of the parent", async () => {
	const before = await read(ann, parent.id);
	expect(root.thread).toBeNull();
	const thread = ok<Chat>(await threadOn(ben));
	await ben.say(thread.id, "one");
	const last = await carol.say(thread.id, "two");
	const shown = ok<Message>(await ann.rest.get(`/messages/${root.id}`));
	expect(shown.thread).toEqual({ chatId: thread.id, count: 2, lastAt: last.createdAt });
	expect(shown.rev).toBe(root.rev);
	const page = ok<{ items: Message[] }>(await ann.rest.get(`/chats/${parent.id}/messages`));
	expect(page.items[0]?.thread).toEqual(shown.thread);
	expect((await read(ann, parent.id)).rev).toBe(before.rev);
});

test("who has the parent open gets a hint of the thread; who has not, gets none", async () => {
	const [viewer, other] = await Promise.all([ann.receiver(), carol.receiver()]);
	await acked(viewer, "chat:join", { chatId: parent.id });
	const thread = ok<Chat>(await threadOn(ben));
	await ben.say(thread.id, "one");
	const hint = await viewer.waitFor("thread:updated", ({ thread }) => thread.count === 1);
	expect(hint).toMatchObject({ messageId: root.id, thread: { chatId: thread.id, count: 1 } });
	await quietly();
	expect(other.of("thread:updated")).toEqual([]);
	expect(told(viewer, { id: parent.id, rev: root.rev })).toEqual([]);
});

test("a thread in a thread is a conflict", async () => {
	const thread = ok<Chat>(await threadOn(ben));
	const reply = await ben.say(thread.id, "one");
	expect(verdict(await threadOn(ben, reply))).toBe("409 CONFLICT");
});

test("who is not in the parent sees no thread of it", async () => {
	const thread = ok<Chat>(await threadOn(ben));
	const reply = await ben.say(thread.id, "one");
	expect(verdict(await threadOn(stranger))).toBe("404 NOT_FOUND");
	const answers = [
		await stranger.rest.get(`/chats/${thread.id}`),
		await stranger.rest.get(`/chats/${thread.id}/messages`),
		await stranger.rest.post(`/chats/${thread.id}/join`),
		await stranger.rest.post(`/chats/${thread.id}/messages`, { content: "hi" }),
		await stranger.rest.get(`/messages/${reply.id}`),
		await ann.rest.post(`/chats/${thread.id}/members`, { userIds: [stranger.id] }),
	];
	expect(answers.map(verdict)).toEqual([...Array(5).fill("404 NOT_FOUND"), "422 VALIDATION_ERROR"]);
});

test("rights in a thread are those in its parent, at every access", async () => {
	const thread = ok<Chat>(await threadOn(ben));
	const reply = await ben.say(thread.id, "one");
	const pin = (who: Person) => who.rest.put(`/messages/${reply.id}/pin`);
	expect(verdict(await pin(carol))).toBe("403 FORBIDDEN");
	const patch = async (body: unknown) =>
		ok(await ann.rest.patch(`/chats/${parent.id}/members/${carol.id}`, body));
	await patch({ role: "moderator" });
	expect(verdict(await pin(carol))).toBe("200");
	await patch({ role: "member" });
	expect(verdict(await carol.rest.delete(`/messages/${reply.id}`))).toBe("403 FORBIDDEN");
	await patch({ silencedUntil: new Date(Date.now() + 60_000).toISOString() });
	const send = (who: Person) => who.rest.post(`/chats/${thread.id}/messages`, { content: "hi" });
	for (let i = 0; i < 2; i++) expect(verdict(await send(carol))).toBe("403 FORBIDDEN");
	await patch({ silencedUntil: null });
	for (let i = 0; i < 2; i++) expect(verdict(await send(carol))).toBe("201");
});

test("leaving the parent ends following its threads, and all access to them", async () => {
	const thread = ok<Chat>(await threadOn(ben));
	await carol.say(thread.id, "in");
	const socket = await carol.receiver();
	ok(await carol.rest.post(`/chats/${parent.id}/leave`));
	for (let i = 0; i < 2; i++) {
		expect(verdict(await carol.rest.get(`/chats/${thread.id}`))).toBe("404 NOT_FOUND");
		const send = await carol.rest.post(`/chats/${thread.id}/messages`, { content: "hi" });
		expect(verdict(send)).toBe("404 NOT_FOUND");
	}
	expect(await inbox(carol)).not.toContain(thread.id);
	expect((await read(ben, thread.id)).memberCount).toBe(1);
	await ben.say(thread.id, "unheard");
	await quietly();
	expect(socket.of("message").map(({ content }) => content)).not.toContain("unheard");
	ok(await ann.rest.post(`/chats/${parent.id}/members`, { userIds: [carol.id] }));
	expect(await inbox(carol)).not.toContain(thread.id);
});

test("deleting the parent deletes its threads", async () => {
	const thread = ok<Chat>(await threadOn(ben));
	const reply = await ben.say(thread.id, "one");
	ok(await ann.rest.delete(`/chats/${parent.id}`));
	for (const path of [`/chats/${thread.id}`, `/chats/${thread.id}/messages`, `/messages/${reply.id}`])
		expect(verdict(await ben.rest.get(path))).toBe("404 NOT_FOUND");
	expect(await inbox(ben)).not.toContain(thread.id);
});
