import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import { goHome, ok, type Person, people } from "../support/people.ts";
import { eventually } from "../support/stage.ts";
import { acked, durable, quietly, told } from "../support/verdict.ts";

let ann: Person;
let ben: Person;
let carol: Person;

beforeAll(async () => {
	[ann, ben, carol] = await people("ann", "ben", "carol");
});

afterAll(goHome);

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const revsOf = (events: ReturnType<typeof durable>) => events.map(({ data }) => data.rev as number);

/** One of each durable change, over both doors. @returns what each is told as */
async function changeEverything(chat: Chat): Promise<string[]> {
	const socket = await ann.sender();
	const { message } = await acked(socket, "message", { chatId: chat.id, content: "hello" });
	const said = await ben.say(chat.id, "hi");
	const { rest } = ann;
	await acked(socket, "message:update", { messageId: message.id, content: "hello!" });
	ok(await rest.put(`/messages/${said.id}/pin`));
	await acked(socket, "message:unpin", { messageId: said.id });
	ok(await ben.rest.put(`/messages/${message.id}/reactions/x`));
	ok(await ben.rest.delete(`/messages/${message.id}/reactions/x`));
	ok(await rest.patch(`/chats/${chat.id}`, { name: "renamed" }));
	ok(await rest.patch(`/chats/${chat.id}/members/${ben.id}`, { role: "admin" }));
	ok(await ben.rest.post(`/chats/${chat.id}/members`, { userIds: [carol.id] }));
	const elsewhere = await carol.group();
	const old = await carol.say(elsewhere.id, "forward me");
	ok(await carol.rest.post(`/messages/${old.id}/forward`, { chatIds: [chat.id] }));
	ok(await ben.rest.delete(`/messages/${message.id}`));
	ok(await ben.rest.delete(`/chats/${chat.id}/members/${carol.id}`));
	return [
		"message",
		"message",
		"message:update",
		"message:pin",
		"message:unpin",
		"message:reaction",
		"message:reaction",
		"chat:updated",
		"chat:member-updated",
		"chat:member-joined",
		"message",
		"message:delete",
		"chat:member-left",
	];
}

test("each revision is told by exactly one durable event to every socket of every member, in order", async () => {
	const chat = await ann.group(ben);
	const sockets = await Promise.all([ann.sender(), ann.receiver(), ben.sender(), ben.receiver()]);
	const late = await Promise.all([carol.sender(), carol.receiver()]);
	const names = await changeEverything(chat);
	const { rev } = ok<Chat>(await ann.rest.get(`/chats/${chat.id}`));
	expect(rev).toBe(chat.rev + names.length);
	for (const socket of sockets) {
		await eventually(
			() => durable(socket, chat).length,
			count => count >= names.length,
		);
		expect(told(socket, chat)).toEqual(names);
		expect(revsOf(durable(socket, chat))).toEqual(range(chat.rev + 1, rev));
	}
	for (const socket of late)
		await eventually(
			() => durable(socket, chat).length,
			count => count >= 4,
		);
	await quietly();
	for (const socket of late) {
		expect(told(socket, chat)).toEqual(["chat:created", "message", "message:delete", "chat:member-left"]);
		expect(revsOf(durable(socket, chat))).toEqual(range(chat.rev + 10, rev));
	}
	for (const socket of sockets) expect(durable(socket, chat)).toHaveLength(names.length);
});

test("an event is the resource as REST shows it at that revision", async () => {
	const chat = await ann.group(ben);
	const socket = await ben.receiver();
	const message = await ann.say(chat.id, "hello", { mentions: [ben.id], metadata: { a: [1] } });
	expect(await socket.waitFor("message", ({ id }) => id === message.id)).toEqual(
		ok(await ben.rest.get(`/messages/${message.id}`)),
	);
	const renamed = ok<Chat>(await ann.rest.patch(`/chats/${chat.id}`, { name: "renamed" }));
	expect(await socket.waitFor("chat:updated")).toEqual(renamed);
	const pinned = ok(await ann.rest.put(`/messages/${message.id}/pin`));
	expect(await socket.waitFor("message:pin")).toEqual(pinned);
});

test("T3: who is removed while others talk hears of it, and then nothing more", async () => {
	const chat = await ann.group(ben, carol);
	const [speaker, removed, stays] = await Promise.all([ann.sender(), ben.receiver(), carol.receiver()]);
	let said = 0;
	let going = true;
	const talk = (async () => {
		while (going) {
			await acked(speaker, "message", { chatId: chat.id, content: `${said}` });
			said++;
		}
	})();
	await eventually(
		() => removed.of("message").length,
		count => count > 5,
	);
	ok(await ann.rest.delete(`/chats/${chat.id}/members/${ben.id}`));
	await quietly(300);
	going = false;
	await talk;
	await stays.waitFor("message", ({ chatId, content }) => chatId === chat.id && content === `${said - 1}`);
	await removed.waitFor("chat:member-left", ({ chatId }) => chatId === chat.id);
	const heard = durable(removed, chat);
	expect(heard.at(-1)).toMatchObject({ name: "chat:member-left", data: { member: { userId: ben.id } } });
	expect(revsOf(heard)).toEqual(range(chat.rev + 1, heard.at(-1)?.data.rev));
	const all = durable(stays, chat);
	expect(revsOf(all)).toEqual(range(chat.rev + 1, chat.rev + said + 1));
	expect(all.length).toBeGreaterThan(heard.length);
});

test("who is added while others talk hears everything from then on, once and in order", async () => {
	const chat = await ann.group(ben);
	const [speaker, added] = await Promise.all([ann.sender(), carol.receiver()]);
	const sends = Promise.all(
		range(1, 60).map(n => acked(speaker, "message", { chatId: chat.id, content: `${n}` })),
	);
	ok(await ann.rest.post(`/chats/${chat.id}/members`, { userIds: [carol.id] }));
	await sends;
	const { message } = await acked(speaker, "message", { chatId: chat.id, content: "last" });
	await added.waitFor("message", ({ id }) => id === message.id);
	const [first, ...rest] = durable(added, chat);
	expect(first?.name).toBe("chat:created");
	expect(revsOf(rest)).toEqual(range(first?.data.rev + 1, message.rev));
});

test("many change many things at once, from every node: every socket hears one order without a gap", async () => {
	const chat = await ann.group(ben, carol);
	const listeners = await Promise.all([ann.receiver(), ben.receiver(), carol.sender()]);
	const senders = await Promise.all([ann.sender(), ben.receiver(), carol.sender()]);
	const { id } = await ann.say(chat.id, "react to me");
	const changes = range(0, 59).map(i => {
		const who = [ann, ben, carol][i % 3] as Person;
		if (i % 4 === 0) return who.rest.put(`/messages/${id}/reactions/r${i}`);
		if (i % 4 === 1) return who.say(chat.id, `${i}`);
		const socket = senders[i % 3] as (typeof senders)[0];
		return acked(socket, "message", { chatId: chat.id, content: `${i}` });
	});
	await Promise.all(changes);
	const { rev } = ok<Chat>(await ann.rest.get(`/chats/${chat.id}`));
	expect(rev).toBe(chat.rev + 61);
	const orders = [];
	for (const listener of listeners) {
		await eventually(
			() => durable(listener, chat).length,
			count => count >= 61,
		);
		expect(revsOf(durable(listener, chat))).toEqual(range(chat.rev + 1, rev));
		orders.push(durable(listener, chat).map(({ name, data }) => [name, data.id, data.seq]));
	}
	expect(orders[1]).toEqual(orders[0]);
	expect(orders[2]).toEqual(orders[0]);
});
