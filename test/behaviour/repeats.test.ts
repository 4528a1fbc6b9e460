import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import { figure, inWords } from "../support/figure.ts";
import { api } from "../support/http.ts";
import { goHome, ok, type Person, people, urls } from "../support/people.ts";
import type { TestSocket } from "../support/socket.ts";
import { acked, told, verdict } from "../support/verdict.ts";

let ann: Person;
let ben: Person;
let chat: Chat;

beforeAll(async () => {
	[ann, ben] = await people("ann", "ben");
	chat = await ann.group(ben);
});

afterAll(goHome);

const post = (who: Person, clientId: string, content: string, chatId = chat.id) =>
	who.rest.post<Message>(`/chats/${chatId}/messages`, { content }, { "idempotency-key": clientId });

const KEYS = 200;
const COPIES = 8;

test("I2: 200 keys, each sent 8 times at once by every door and node, are 200 messages", async () => {
	const group = await ann.group(ben);
	const sockets = [await ann.sender(), await ann.receiver()];
	const listener = await ben.receiver();
	const keys = Array.from({ length: KEYS }, () => randomUUID());
	const copiesOf = (key: string) =>
		Array.from({ length: COPIES }, (_, copy) => {
			const content = `copy ${copy}`;
			const over =
				copy < 3
					? post(ann, key, content, group.id).then(answer => ok<Message>(answer))
					: acked(sockets[copy % 2] as TestSocket, "message", {
							chatId: group.id,
							content,
							clientId: key,
						}).then(({ message }) => message as Message);
			return over.then(({ id, seq, content, clientId }) => ({
				key: clientId,
				facts: `${id} ${seq} ${content}`,
			}));
		});
	const sent = [];
	// A socket may have only so many calls running.
	for (let i = 0; i < keys.length; i += 15) {
		sent.push(...(await Promise.all(keys.slice(i, i + 15).flatMap(copiesOf))));
	}
	const answers = Map.groupBy(sent, ({ key }) => key);
	expect([...answers.keys()].sort()).toEqual([...keys].sort());
	for (const same of answers.values()) {
		expect(same).toHaveLength(COPIES);
		expect(new Set(same.map(({ facts }) => facts)).size).toBe(1);
	}
	expect(ok<Chat>(await ben.rest.get(`/chats/${group.id}`))).toMatchObject({
		lastSeq: KEYS,
		rev: group.rev + KEYS,
	});
	await listener.waitFor("message", ({ chatId, seq }) => chatId === group.id && seq === KEYS);
	expect(told(listener, group)).toEqual(Array(KEYS).fill("message"));
	figure(
		"I2",
		`${inWords(sent.length)} equal answers to ${inWords(answers.size)} keys, ${inWords(KEYS)} messages`,
	);
});

test("a repeat over REST answers as the first did, and says that it is one", async () => {
	const key = randomUUID();
	const first = await post(ann, key, "first");
	const again = await post(ann, key, "quite another");
	expect([first.status, again.status]).toEqual([201, 201]);
	expect(first.headers.get("idempotent-replayed")).toBeNull();
	expect(again.headers.get("idempotent-replayed")).toBe("true");
	expect(again.body).toEqual(first.body);
});

test("a repeat shows the message as it now is", async () => {
	const key = randomUUID();
	const { body } = await post(ann, key, "first");
	ok(await ann.rest.patch(`/messages/${body.id}`, { content: "edited" }));
	expect((await post(ann, key, "first")).body).toMatchObject({ id: body.id, content: "edited" });
	ok(await ann.rest.delete(`/messages/${body.id}`));
	expect((await post(ann, key, "first")).body).toMatchObject({ id: body.id, isDeleted: true, content: null });
});

test("I4: a key holds across a refresh, a reconnection and another device", async () => {
	const key = randomUUID();
	const { body: first } = await post(ann, key, "first");
	const device = await ann.signIn();
	const { accessToken } = ok<{ accessToken: string }>(
		await device.rest.post("/auth/refresh", { refreshToken: device.refreshToken }),
	);
	const refreshed = api(urls().at(-1) as string, accessToken);
	const ids = [
		(await post(device, key, "second")).body.id,
		ok<Message>(
			await refreshed.post(`/chats/${chat.id}/messages`, { content: "third" }, { "idempotency-key": key }),
		).id,
	];
	for (let i = 0; i < 2; i++) {
		const socket = await device.receiver();
		const { message } = await acked(socket, "message", { chatId: chat.id, content: "x", clientId: key });
		ids.push(message.id);
		socket.close();
	}
	expect(new Set(ids)).toEqual(new Set([first.id]));
	figure(
		"I4",
		`${ids.length} repeats, after a refresh, of another device and of new connections: one message`,
	);
});

test("a key is of its sender and of its chat", async () => {
	const key = randomUUID();
	const other = await ann.group(ben);
	const answers = [
		await post(ann, key, "ann"),
		await post(ben, key, "ben"),
		await post(ann, key, "elsewhere", other.id),
	];
	expect(new Set(answers.map(({ body }) => body.id)).size).toBe(3);
	expect(answers.map(({ headers }) => headers.get("idempotent-replayed"))).toEqual([null, null, null]);
});

test("without a key each send is a message of its own", async () => {
	const [a, b] = [await ann.say(chat.id, "same"), await ann.say(chat.id, "same")];
	expect(b.seq).toBe(a.seq + 1);
	expect(b.clientId).not.toBe(a.clientId);
});

test("a repeat is answered to a sender who may send no more, but not to one who is out", async () => {
	const key = randomUUID();
	const group = await ann.group(ben);
	const { body } = await post(ben, key, "said in time", group.id);
	const until = new Date(Date.now() + 60_000).toISOString();
	ok(await ann.rest.patch(`/chats/${group.id}/members/${ben.id}`, { silencedUntil: until }));
	expect(verdict(await post(ben, randomUUID(), "too late", group.id))).toBe("403 FORBIDDEN");
	ok(await ann.rest.delete(`/chats/${group.id}/members/${ben.id}`));
	expect(verdict(await post(ben, key, "said in time", group.id))).toBe("404 NOT_FOUND");
	expect(verdict(await ann.rest.get(`/messages/${body.id}`))).toBe("200");
});

test("a chat asked for eight times with one key, by every door and node, is one chat", async () => {
	const key = randomUUID();
	const sockets = [await ann.sender(), await ann.receiver()];
	const listener = await ben.receiver();
	const asked = { type: "group", name: "once", participantIds: [ben.id] };
	const ids = await Promise.all(
		Array.from({ length: 8 }, (_, i) =>
			i % 2
				? acked(sockets[i % 4 === 1 ? 0 : 1] as TestSocket, "chat:create", { ...asked, clientId: key }).then(
						({ chat }) => chat.id as string,
					)
				: ann.rest.post("/chats", asked, { "idempotency-key": key }).then(answer => ok<Chat>(answer).id),
		),
	);
	expect(new Set(ids).size).toBe(1);
	const again = await ann.rest.post<Chat>("/chats", { ...asked, name: "other" }, { "idempotency-key": key });
	expect([again.status, again.headers.get("idempotent-replayed"), again.body.name]).toEqual([
		201,
		"true",
		"once",
	]);
	await ann.say(again.body.id, "fence");
	await listener.waitFor("message", ({ chatId }) => chatId === again.body.id);
	expect(told(listener, again.body.id)).toEqual(["chat:created", "message"]);
});

test("a key is 1 to 64 units", async () => {
	expect(verdict(await post(ann, "k".repeat(64), "x"))).toBe("201");
	expect(verdict(await post(ann, "k".repeat(65), "x"))).toBe("422 VALIDATION_ERROR");
	const socket = await ann.sender();
	for (const clientId of ["", "k".repeat(65), "\u0000", 7])
		expect(await socket.emit("message", { chatId: chat.id, content: "x", clientId })).toMatchObject({
			code: "VALIDATION_ERROR",
		});
});
