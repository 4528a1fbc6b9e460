import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import { goHome, ok, type Person, people } from "../support/people.ts";
import type { TestSocket } from "../support/socket.ts";
import { eventually } from "../support/stage.ts";
import { acked, quietly, told, verdict, wrongFields } from "../support/verdict.ts";

let ann: Person;
let ben: Person;
let chat: Chat;
let message: Message;
let socket: TestSocket;
let listener: TestSocket;

beforeAll(async () => {
	[ann, ben] = await people("ann", "ben");
	[socket, listener] = await Promise.all([ann.sender(), ben.receiver()]);
});

beforeEach(async () => {
	chat = await ann.group(ben);
	message = await ann.say(chat.id, "hello @ben", { mentions: [ben.id] });
	await listener.waitFor("message", ({ id }) => id === message.id);
	listener.forget();
});

afterAll(goHome);

const path = (more = "") => `/messages/${message.id}${more}`;
const read = async () => ok<Message>(await ben.rest.get(path()));
const rev = async () => ok<Chat>(await ben.rest.get(`/chats/${chat.id}`)).rev;

test("an edit shows the new words, the mentions that it names, and when it was", async () => {
	const edited = ok<Message>(await ann.rest.patch(path(), { content: "goodbye" }));
	expect(edited).toMatchObject({
		id: message.id,
		seq: message.seq,
		rev: message.rev + 1,
		content: "goodbye",
		isEdited: true,
		editedAt: expect.any(String),
		createdAt: message.createdAt,
	});
	expect(await listener.waitFor("message:update")).toEqual(edited);
	expect(await read()).toEqual(edited);
	const again = await acked(socket, "message:update", {
		messageId: message.id,
		content: "you",
		mentions: [ben.id],
	});
	expect(again.message).toMatchObject({ mentions: [ben.id], rev: message.rev + 2 });
	const none = ok<Message>(await ann.rest.patch(path(), { content: "nobody", mentions: [] }));
	expect(none.mentions).toEqual([]);
});

test("editing to the same words changes nothing and tells nothing", async () => {
	const same = ok<Message>(await ann.rest.patch(path(), { content: message.content, mentions: [ben.id] }));
	expect(same).toMatchObject({ rev: message.rev, isEdited: false, editedAt: null });
	await quietly();
	expect(await rev()).toBe(message.rev);
	expect(told(listener, chat.id)).toEqual([]);
});

test("an edit is checked as a send is", async () => {
	for (const [field, body] of Object.entries({
		content: { content: " \n" },
		mentions: { content: "x", mentions: ["018f0000-0000-7000-8000-000000000000"] },
		type: { content: "x", type: "image" },
		seq: { content: "x", seq: 1 },
	})) {
		const answer = await ann.rest.patch(path(), body);
		expect([verdict(answer), wrongFields(answer)]).toEqual(["422 VALIDATION_ERROR", [field]]);
	}
	expect(await read()).toEqual(message);
});

test("a deleted message keeps its place, and has no words, mentions, reactions or pin to show", async () => {
	ok(await ben.rest.put(path("/reactions/x")));
	ok(await ann.rest.put(path("/pin")));
	const deleted = ok<Message>(await ann.rest.delete(path()));
	expect(deleted).toMatchObject({
		id: message.id,
		seq: message.seq,
		content: null,
		mentions: [],
		reactions: [],
		isDeleted: true,
		deletedAt: expect.any(String),
	});
	expect(await listener.waitFor("message:delete")).toEqual(deleted);
	expect(await read()).toEqual(deleted);
	expect(JSON.stringify(deleted)).not.toContain("hello");
	const { items } = ok<{ items: Message[] }>(await ben.rest.get(`/chats/${chat.id}/messages`));
	expect(items.map(({ seq, isDeleted }) => [seq, isDeleted])).toEqual([[1, true]]);
});

test("what is done to a deleted message is ok and changes nothing; editing it is a conflict", async () => {
	ok(await ann.rest.delete(path()));
	const after = await rev();
	await listener.waitFor("message:delete");
	listener.forget();
	for (const [method, more] of [
		["DELETE", ""],
		["PUT", "/pin"],
		["DELETE", "/pin"],
		["PUT", "/reactions/x"],
		["DELETE", "/reactions/x"],
	] as const)
		expect((await ann.rest.ask(method, path(more))).status).toBe(200);
	expect(verdict(await ann.rest.patch(path(), { content: "back" }))).toBe("409 CONFLICT");
	await quietly();
	expect(await rev()).toBe(after);
	expect(told(listener, chat.id)).toEqual([]);
});

test("a pin is set once and taken away once, and listed, the latest first", async () => {
	const second = await ben.say(chat.id, "second");
	const pinned = ok<Message>(await ann.rest.put(path("/pin")));
	expect(pinned).toMatchObject({ isPinned: true, pinnedBy: ann.id, pinnedAt: expect.any(String) });
	expect(await listener.waitFor("message:pin")).toEqual(pinned);
	expect(ok<Message>(await ann.rest.put(path("/pin"))).rev).toBe(pinned.rev);
	await acked(socket, "message:pin", { messageId: second.id });
	const pins = async (query = "") =>
		ok<{ items: Message[]; nextCursor: string | null }>(await ben.rest.get(`/chats/${chat.id}/pins${query}`));
	expect((await pins()).items.map(({ id }) => id)).toEqual([second.id, message.id]);
	const first = await pins("?limit=1");
	expect(first.items.map(({ id }) => id)).toEqual([second.id]);
	const next = await pins(`?limit=1&cursor=${encodeURIComponent(first.nextCursor ?? "")}`);
	expect([next.items.map(({ id }) => id), next.nextCursor]).toEqual([[message.id], null]);
	const unpinned = ok<Message>(await ann.rest.delete(path("/pin")));
	expect(unpinned).toMatchObject({ isPinned: false, pinnedBy: null, pinnedAt: null });
	expect(ok<Message>(await ann.rest.delete(path("/pin"))).rev).toBe(unpinned.rev);
	expect((await pins()).items.map(({ id }) => id)).toEqual([second.id]);
	await listener.waitFor("message:unpin");
	await quietly();
	expect(told(listener, chat.id)).toEqual(["message", "message:pin", "message:pin", "message:unpin"]);
});

test("reactions are counted, one of each emoji a user", async () => {
	const react = (who: Person, emoji: string) =>
		who.rest.put<Message>(path(`/reactions/${encodeURIComponent(emoji)}`));
	ok(await react(ann, "👍"));
	ok(await react(ben, "👍"));
	const { body } = await react(ben, "❤️");
	expect(body.reactions).toEqual([
		{ emoji: "👍", count: 2, userIds: [ann.id, ben.id] },
		{ emoji: "❤️", count: 1, userIds: [ben.id] },
	]);
	expect((await react(ben, "👍")).body.rev).toBe(body.rev);
	expect(await listener.waitFor("message:reaction", data => data.rev === body.rev)).toEqual(body);
	const left = await acked(socket, "message:unreact", { messageId: message.id, emoji: "👍" });
	expect(left.message.reactions).toEqual([
		{ emoji: "👍", count: 1, userIds: [ben.id] },
		{ emoji: "❤️", count: 1, userIds: [ben.id] },
	]);
	const gone = await acked(socket, "message:unreact", { messageId: message.id, emoji: "👍" });
	expect(gone.message.rev).toBe(left.message.rev);
	expect(await read()).toEqual(left.message);
});

test("any text of up to 64 bytes is a reaction, also one with a slash or a percent sign", async () => {
	for (const emoji of ["a/b", "100%", "?", "👩‍👩‍👧‍👦", "x".repeat(64)]) {
		const answer = await ben.rest.put<Message>(path(`/reactions/${encodeURIComponent(emoji)}`));
		expect(verdict(answer)).toBe("200");
		expect(answer.body.reactions.map(reaction => reaction.emoji)).toContain(emoji);
	}
	for (const emoji of ["x".repeat(65), "ü".repeat(33), " "])
		expect(verdict(await ben.rest.put(path(`/reactions/${encodeURIComponent(emoji)}`)))).toBe(
			"422 VALIDATION_ERROR",
		);
});

test("a message takes 50 different reactions", async () => {
	for (let i = 0; i < 50; i++)
		await acked(socket, "message:react", { messageId: message.id, emoji: `e${i}` });
	const beyond = await socket.emit("message:react", { messageId: message.id, emoji: "e50" });
	expect(beyond).toMatchObject({ status: "error", code: "VALIDATION_ERROR" });
	expect(verdict(await ben.rest.put(path("/reactions/e49")))).toBe("200");
	expect((await read()).reactions).toHaveLength(50);
});

test("of many changes at once each has its revision, and all hear the same last state", async () => {
	const emojis = Array.from({ length: 12 }, (_, i) => `r${i}`);
	await Promise.all([
		...emojis.flatMap(emoji => [ann, ben].map(who => who.rest.put(path(`/reactions/${emoji}`)))),
		ann.rest.patch(path(), { content: "meanwhile" }),
		ann.rest.put(path("/pin")),
	]);
	const last = message.rev + 26;
	const final = await read();
	expect(await rev()).toBe(last);
	expect(final).toMatchObject({ rev: last, content: "meanwhile", isPinned: true });
	expect(final.reactions.map(({ emoji, count }) => `${emoji}:${count}`).sort()).toEqual(
		emojis.map(emoji => `${emoji}:2`).sort(),
	);
	await eventually(
		() => listener.events.at(-1)?.data.rev,
		rev => rev === last,
	);
	await quietly();
	const revs = listener.events.map(({ data }) => data.rev).filter(Boolean);
	expect(revs).toEqual(Array.from({ length: 26 }, (_, i) => message.rev + 1 + i));
	expect(listener.events.at(-1)?.data).toEqual(final);
});
