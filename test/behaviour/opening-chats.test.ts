import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import { freshState } from "../support/model.ts";
import { goHome, ok, type Person, people } from "../support/people.ts";
import { connect, type TestSocket } from "../support/socket.ts";
import { eventually } from "../support/stage.ts";
import { ackCode, acked, durable } from "../support/verdict.ts";

let ann: Person;
let ben: Person;
let stranger: Person;
let speaker: TestSocket;

beforeAll(async () => {
	[ann, ben, stranger] = await people("ann", "ben", "stranger");
	speaker = await ann.sender();
});

afterAll(goHome);

const say = (chatId: string, content: string) => acked(speaker, "message", { chatId, content });
const sayMany = (chatId: string, count: number) =>
	Promise.all(Array.from({ length: count }, (_, i) => say(chatId, `${i + 1}`)));
const seqsOf = (messages: Message[]) => messages.map(({ seq }) => seq);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

test("an opened chat shows its newest 50 messages, oldest first, and whether older ones exist", async () => {
	const chat = await ann.group(ben);
	await sayMany(chat.id, 50);
	const socket = await ben.receiver();
	const { status: _, ...page } = await acked(socket, "chat:join", { chatId: chat.id });
	expect(seqsOf(page.messages)).toEqual(range(1, 50));
	expect(page).toMatchObject({ hasMore: false, reset: false, members: [], rev: chat.rev + 50 });
	expect(page.chat).toEqual(ok<Chat>(await ben.rest.get(`/chats/${chat.id}`)));
	expect(page.self).toMatchObject({ userId: ben.id, readSeq: 0 });
	await say(chat.id, "one more");
	const next = await acked(socket, "chat:join", { chatId: chat.id });
	expect(seqsOf(next.messages)).toEqual(range(2, 51));
	expect(next.hasMore).toBe(true);
});

test("a chat opened from a cursor catches up from there", async () => {
	const chat = await ann.group(ben);
	await sayMany(chat.id, 5);
	const socket = await ben.receiver();
	const caught = await acked(socket, "chat:join", { chatId: chat.id, since: chat.rev + 3 });
	expect(caught).toMatchObject({ reset: false, hasMore: false, rev: chat.rev + 5 });
	expect(seqsOf(caught.messages)).toEqual([4, 5]);
	expect(await acked(socket, "chat:join", { chatId: chat.id, since: chat.rev + 5 })).toMatchObject({
		messages: [],
		members: [],
	});
});

test("T3: nobody opens a chat that is not theirs, and hears nothing of it", async () => {
	const chat = await ann.group(ben);
	const socket = await stranger.receiver();
	expect(await ackCode(socket, "chat:join", { chatId: chat.id })).toBe("NOT_FOUND");
	await say(chat.id, "not for you");
	const fence = await ann.direct(stranger);
	await say(fence.id, "for you");
	await socket.waitFor("message", ({ content }) => content === "for you");
	expect(durable(socket, chat.id)).toEqual([]);
	expect(await ackCode(socket, "chat:leave", { chatId: chat.id })).toBe("ok");
});

test("a closed chat is still heard: membership stays", async () => {
	const chat = await ann.group(ben);
	const socket = await ben.receiver();
	await acked(socket, "chat:join", { chatId: chat.id });
	await acked(socket, "chat:leave", { chatId: chat.id });
	const { message } = await say(chat.id, "still there?");
	expect(await socket.waitFor("message", ({ chatId }) => chatId === chat.id)).toEqual(message);
});

test("who opens a thread without following it hears it while it is open", async () => {
	const chat = await ann.group(ben);
	const { message } = await say(chat.id, "root");
	const thread = ok<Chat>(await ann.rest.post(`/messages/${message.id}/thread`));
	const socket = await ben.receiver();
	const opened = await acked(socket, "chat:join", { chatId: thread.id });
	expect(opened).toMatchObject({ self: null, messages: [] });
	await say(thread.id, "heard");
	await socket.waitFor("message", ({ content }) => content === "heard");
	await acked(socket, "chat:leave", { chatId: thread.id });
	await say(thread.id, "unheard");
	await say(chat.id, "fence");
	await socket.waitFor("message", ({ content }) => content === "fence");
	expect(socket.of("message").map(({ content }) => content)).not.toContain("unheard");
});

test("T3: an open thread ends within a second for who has left its parent", async () => {
	const chat = await ann.group(ben);
	const { message } = await say(chat.id, "root");
	const thread = ok<Chat>(await ann.rest.post(`/messages/${message.id}/thread`));
	const socket = await ben.receiver();
	await acked(socket, "chat:join", { chatId: thread.id });
	ok(await ann.rest.delete(`/chats/${chat.id}/members/${ben.id}`));
	// With what a busy machine adds; where nobody told it, rights are looked up after 30 s.
	await socket.waitFor("chat:member-left", undefined, 10_000);
	await say(thread.id, "secret");
	const fence = await ann.direct(ben);
	await say(fence.id, "fence");
	await socket.waitFor("message", ({ content }) => content === "fence");
	expect(socket.of("message").map(({ content }) => content)).not.toContain("secret");
});

test("I14: what is sent while a chat is being opened is neither missed nor told twice", async () => {
	const chat = await ann.group(ben);
	let last = 0;
	for (let round = 0; round < 12; round++) {
		const cursor = chat.rev + last;
		const talk = sayMany(chat.id, 25);
		const socket = await ben.receiver();
		const page = await acked(socket, "chat:join", { chatId: chat.id, since: cursor });
		await talk;
		last += 25;
		await eventually(
			() => Math.max(page.rev, ...socket.of("message").map(({ rev }) => rev)),
			rev => rev >= chat.rev + last,
		);
		const live = socket.of("message").filter(({ chatId, rev }) => chatId === chat.id && rev > page.rev);
		const seqs = [...seqsOf(page.messages), ...seqsOf(live)];
		expect(seqs).toEqual(range(last - 24, last));
		socket.close();
	}
});

test("I12: a client that is cut off while others talk comes back by its cursor, on any node, with all of it once", async () => {
	const chat = await ann.group(ben);
	const model = await ben.model();
	let said = 0;
	for (let cut = 0; cut < 8; cut++) {
		const url = ben.urls[cut % ben.urls.length] as string;
		const socket = await connect(url, ben.token);
		socket.onEvery((name, payload) => model.take(name, payload));
		await model.resume();
		const talk = sayMany(chat.id, 20);
		await socket.waitFor("message", ({ seq }) => seq > said + (cut % 5) * 4);
		socket.close();
		await talk;
		said += 20;
	}
	await model.resume();
	expect(model.shown.get(chat.id)).toEqual(range(1, said));
	expect(model.resets).toBe(0);
	expect(model.state()[chat.id]).toEqual((await freshState(ben.id, ben.source()))[chat.id]);
});

test("a heartbeat names the chats that moved since the last one, open or not", async () => {
	const socket = await ben.receiver();
	const [chat, other] = [await ann.group(ben), await ann.group(ben)];
	for (const { id } of [chat, other]) await socket.waitFor("chat:created", created => created.id === id);
	await acked(socket, "heartbeat", {});
	expect((await acked(socket, "heartbeat", {})).heads).toEqual({});
	const { message } = await say(chat.id, "moved");
	await socket.waitFor("message", ({ id }) => id === message.id);
	expect((await acked(socket, "heartbeat", {})).heads).toEqual({ [chat.id]: message.rev });
	expect((await acked(socket, "heartbeat", { idle: true })).heads).toEqual({});
	ok(await ann.rest.patch(`/chats/${other.id}`, { name: "moved too" }));
	await socket.waitFor("chat:updated");
	expect((await acked(socket, "heartbeat")).heads).toEqual({ [other.id]: other.rev + 1 });
});
