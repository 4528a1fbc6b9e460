import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import { goHome, type Person, people } from "../support/people.ts";
import type { TestSocket } from "../support/socket.ts";
import { ackCode, acked, quietly, told } from "../support/verdict.ts";

let ann: Person;
let ben: Person;
let stranger: Person;
let chat: Chat;
let typist: TestSocket;
let reader: TestSocket;

beforeAll(async () => {
	[ann, ben, stranger] = await people("ann", "ben", "stranger");
	[typist, reader] = await Promise.all([ann.sender(), ben.receiver()]);
});

beforeEach(async () => {
	chat = await ann.group(ben);
	await Promise.all([typist, reader].map(socket => acked(socket, "chat:join", { chatId: chat.id })));
	for (const socket of [typist, reader]) socket.forget();
});

afterAll(goHome);

const type = (isTyping: boolean, socket = typist) => acked(socket, "typing", { chatId: chat.id, isTyping });
/** That it ends is told before it would end by itself. */
const shown = (isTyping: boolean, ms = 4_000) =>
	reader.waitFor("typing", data => data.isTyping === isTyping && data.chatId === chat.id, ms);

test("who has the chat open sees who types, and when they stop", async () => {
	await type(true);
	expect(await shown(true)).toEqual({ chatId: chat.id, userId: ann.id, isTyping: true });
	await type(false);
	expect(await shown(false)).toEqual({ chatId: chat.id, userId: ann.id, isTyping: false });
	await quietly();
	expect(typist.of("typing")).toEqual([]);
	expect(told(reader, chat)).toEqual([]);
});

test("typing ends by itself 5 s after the last word of it", async () => {
	const startedAt = Date.now();
	await type(true);
	await quietly(1_500);
	const lastAt = Date.now();
	await type(true);
	await shown(false, 15_000);
	expect(Date.now() - lastAt).toBeGreaterThan(4_500);
	expect(Date.now() - lastAt).toBeLessThan(10_000);
	expect(Date.now() - startedAt).toBeGreaterThan(6_000);
});

test("who types does not see it on their other devices, nor who has the chat closed, nor a stranger", async () => {
	const [own, closed, outside] = await Promise.all([ann.receiver(), ben.sender(), stranger.receiver()]);
	await acked(own, "chat:join", { chatId: chat.id });
	expect(await ackCode(outside, "typing", { chatId: chat.id, isTyping: true })).toBe("NOT_FOUND");
	await type(true);
	await shown(true);
	await quietly();
	for (const socket of [own, closed, outside]) expect(socket.of("typing")).toEqual([]);
	expect(reader.of("typing")).toHaveLength(1);
});

test("a typist who goes away types no more", async () => {
	const phone = await ann.sender();
	await type(true, phone);
	await shown(true);
	phone.close();
	await shown(false);
});

test("who closes the chat sees no typing in it", async () => {
	await acked(reader, "chat:leave", { chatId: chat.id });
	await type(true);
	await quietly();
	expect(reader.of("typing")).toEqual([]);
	await type(false);
});

test("typing says where and whether", async () => {
	for (const payload of [{ chatId: chat.id }, { isTyping: true }, { chatId: chat.id, isTyping: "yes" }])
		expect(await ackCode(typist, "typing", payload)).toBe("VALIDATION_ERROR");
});
