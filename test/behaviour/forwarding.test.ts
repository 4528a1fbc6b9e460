import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import { goHome, ok, type Person, people } from "../support/people.ts";
import { acked, verdict, wrongFields } from "../support/verdict.ts";

let ann: Person;
let ben: Person;
let carol: Person;
let from: Chat;
let targets: [Chat, Chat];
let original: Message;

beforeAll(async () => {
	[ann, ben, carol] = await people("ann", "ben", "carol");
	from = await ben.group(ann);
	targets = [await ann.group(carol), await ann.direct(carol)];
	original = await ben.say(from.id, "worth telling", {
		metadata: { a: 1 },
		type: "custom",
		mentions: [ann.id],
	});
});

afterAll(goHome);

const forward = (chatIds: string[], headers: Record<string, string> = {}, id = original.id, who = ann) =>
	who.rest.post<{ items: Message[] }>(`/messages/${id}/forward`, { chatIds }, headers);
const lastSeq = async (chat: Chat) => ok<Chat>(await ann.rest.get(`/chats/${chat.id}`)).lastSeq;

test("a message is forwarded into several chats, as the forwarder's, and says where it is from", async () => {
	const socket = await carol.receiver();
	const { status, body } = await forward(targets.map(({ id }) => id));
	expect(status).toBe(201);
	expect(body.items.map(({ chatId }) => chatId)).toEqual(targets.map(({ id }) => id));
	for (const message of body.items) {
		expect(message).toMatchObject({
			seq: 1,
			senderId: ann.id,
			content: "worth telling",
			type: "custom",
			metadata: { a: 1 },
			forwardedFromId: original.id,
			originalSenderId: ben.id,
			isForwarded: true,
			mentions: [],
			replyToId: null,
		});
		expect(await socket.waitFor("message", ({ id }) => id === message.id)).toEqual(message);
	}
});

test("what was forwarded and is forwarded again names its first sender", async () => {
	const [once] = ok<{ items: Message[] }>(await forward([targets[0].id])).items;
	const [twice] = ok<{ items: Message[] }>(await forward([targets[1].id], {}, once?.id, carol)).items;
	expect(twice).toMatchObject({ originalSenderId: ben.id, senderId: carol.id });
});

test("into all of them or none", async () => {
	const before = await Promise.all(targets.map(lastSeq));
	const quiet = await ben.chat({
		type: "group",
		name: "announcements",
		participantIds: [ann.id],
		announceOnly: true,
	});
	const notMine = await ben.group(carol);
	expect(verdict(await forward([targets[0].id, quiet.id]))).toBe("403 FORBIDDEN");
	expect(verdict(await forward([targets[0].id, notMine.id]))).toBe("404 NOT_FOUND");
	expect(verdict(await forward([targets[0].id, randomUUID()]))).toBe("404 NOT_FOUND");
	expect(await Promise.all(targets.map(lastSeq))).toEqual(before);
});

test("a repeat with the same key forwards nothing anew, by any door", async () => {
	const key = randomUUID();
	const chatIds = targets.map(({ id }) => id);
	const first = await forward(chatIds, { "idempotency-key": key });
	const before = await Promise.all(targets.map(lastSeq));
	const again = await forward(chatIds, { "idempotency-key": key });
	expect(again.status).toBe(201);
	expect(again.headers.get("idempotent-replayed")).toBe("true");
	expect(first.headers.get("idempotent-replayed")).toBeNull();
	expect(again.body).toEqual(first.body);
	const socket = await ann.receiver();
	const { messages } = await acked(socket, "message:forward", {
		messageId: original.id,
		chatIds,
		clientId: key,
	});
	expect(messages).toEqual(first.body.items);
	expect(await Promise.all(targets.map(lastSeq))).toEqual(before);
});

test("nobody forwards what they may not read, and not into nothing or too much", async () => {
	expect(verdict(await forward([targets[0].id], {}, original.id, carol))).toBe("404 NOT_FOUND");
	expect(verdict(await forward([targets[0].id], {}, randomUUID()))).toBe("404 NOT_FOUND");
	for (const chatIds of [
		[],
		Array.from({ length: 21 }, () => randomUUID()),
		[targets[0].id, targets[0].id],
	]) {
		const answer = await forward(chatIds);
		expect([verdict(answer), wrongFields(answer)]).toEqual(["422 VALIDATION_ERROR", ["chatIds"]]);
	}
});

test("a deleted message has nothing to forward", async () => {
	const gone = await ben.say(from.id, "soon gone");
	ok(await ben.rest.delete(`/messages/${gone.id}`));
	expect((await forward([targets[0].id], {}, gone.id)).status).toBeGreaterThanOrEqual(400);
});

test("deleting the first leaves what was forwarded", async () => {
	const gone = await ben.say(from.id, "kept elsewhere");
	const [kept] = ok<{ items: Message[] }>(await forward([targets[0].id], {}, gone.id)).items;
	ok(await ben.rest.delete(`/messages/${gone.id}`));
	expect(ok(await carol.rest.get(`/messages/${kept?.id}`))).toMatchObject({ content: "kept elsewhere" });
});
