import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import { goHome, ok, type Person, people } from "../support/people.ts";
import type { TestSocket } from "../support/socket.ts";
import { ackCode, acked, quietly, verdict, wrongFields } from "../support/verdict.ts";

let ann: Person;
let ben: Person;
let carol: Person;
let chat: Chat;
let socket: TestSocket;

beforeAll(async () => {
	[ann, ben, carol] = await people("ann", "ben", "carol");
	chat = await ann.group(ben);
	socket = await ann.sender();
});

afterAll(goHome);

const post = (body: Record<string, unknown>, who = ann) =>
	who.rest.post<Message>(`/chats/${chat.id}/messages`, body);

test("a message sent over either door has the same shape, and the next place", async () => {
	const { status, body: first } = await post({ content: "over REST" });
	expect(status).toBe(201);
	expect(first).toEqual({
		id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
		chatId: chat.id,
		seq: 1,
		rev: chat.rev + 1,
		senderId: ann.id,
		type: "text",
		content: "over REST",
		metadata: {},
		clientId: expect.any(String),
		replyToId: null,
		thread: null,
		mentions: [],
		attachments: [],
		reactions: [],
		editedAt: null,
		deletedAt: null,
		pinnedAt: null,
		pinnedBy: null,
		forwardedFromId: null,
		originalSenderId: null,
		isEdited: false,
		isDeleted: false,
		isPinned: false,
		isForwarded: false,
		status: "SENT",
		createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*Z$/),
	});
	const { message, status: word } = await acked(socket, "message", {
		chatId: chat.id,
		content: "over a socket",
		clientId: "my own",
	});
	expect(word).toBe("ok");
	expect(message).toEqual({
		...first,
		id: message.id,
		seq: 2,
		rev: chat.rev + 2,
		content: "over a socket",
		clientId: "my own",
		createdAt: message.createdAt,
	});
	expect(ok(await ben.rest.get(`/messages/${message.id}`))).toEqual(message);
});

test("what was sent is stored as it was sent", async () => {
	const texts = [
		"  spaces around \n\t",
		"<script>alert(1)</script>",
		"'; DROP TABLE messages; --",
		"👩‍👩‍👧‍👦 e\u0301 \u202e rtl \u0007",
		"\uFFFD\uFEFF",
		"x".repeat(16_384),
	];
	for (const content of texts) {
		const sent = ok<Message>(await post({ content }));
		expect(sent.content).toBe(content);
		expect(ok<Message>(await ben.rest.get(`/messages/${sent.id}`)).content).toBe(content);
	}
});

test("metadata and the type come back as they were sent", async () => {
	for (const type of ["text", "image", "file", "audio", "video", "custom"]) {
		const metadata = { type, list: [1, 2.5, null, true], deep: { a: { b: "ü" } } };
		expect(ok(await post({ content: "see", type, metadata }))).toMatchObject({ type, metadata });
	}
});

test("the server's own type is refused from clients", async () => {
	const answer = await post({ content: "I am the server", type: "system" });
	expect([verdict(answer), wrongFields(answer)]).toEqual(["422 VALIDATION_ERROR", ["type"]]);
	expect(await ackCode(socket, "message", { chatId: chat.id, content: "x", type: "system" })).toBe(
		"VALIDATION_ERROR",
	);
});

test("every sender's socket and every member's devices hear the message once, and it is the acknowledged one", async () => {
	const sockets = [socket, await ann.receiver(), await ben.sender(), await ben.receiver()];
	const stranger = await carol.receiver();
	const { message } = await acked(socket, "message", { chatId: chat.id, content: "hear me" });
	for (const each of sockets) {
		expect(await each.waitFor("message", ({ id }) => id === message.id)).toEqual(message);
	}
	await quietly();
	for (const each of sockets)
		expect(each.of("message").filter(({ id }) => id === message.id)).toHaveLength(1);
	expect(stranger.of("message")).toEqual([]);
});

test("many send at once by every node: the places are dense, and all hear them in order", async () => {
	const group = await ann.group(ben, carol);
	const listeners = [await ann.receiver(), await ben.receiver(), await carol.sender()];
	const senders = await Promise.all([ann.sender(), ben.receiver(), carol.sender()]);
	const sent = await Promise.all(
		Array.from({ length: 90 }, (_, i) =>
			i % 10 === 0
				? post({ content: `${i}` }, ann).then(() => null)
				: acked(senders[i % 3] as TestSocket, "message", { chatId: group.id, content: `${i}` }),
		),
	);
	const seqs = sent.flatMap(ack => (ack ? [ack.message.seq as number] : [])).sort((a, b) => a - b);
	const dense = Array.from({ length: 81 }, (_, i) => i + 1);
	expect(seqs).toEqual(dense);
	for (const listener of listeners) {
		await listener.waitFor("message", ({ chatId, seq }) => chatId === group.id && seq === 81);
		const heard = listener.of("message").filter(({ chatId }) => chatId === group.id);
		expect(heard.map(({ seq }) => seq)).toEqual(dense);
		expect(heard.map(({ rev }) => rev)).toEqual(dense.map(seq => group.rev + seq));
	}
});

test("a socket's sends to one chat have their places in the order of sending, and are acknowledged in it", async () => {
	const group = await ann.group(ben);
	const answered: number[] = [];
	const acks = await Promise.all(
		Array.from({ length: 40 }, async (_, i) => {
			const ack = await acked(socket, "message", { chatId: group.id, content: `${i}` });
			answered.push(i);
			return ack;
		}),
	);
	expect(acks.map(({ message }) => message.seq)).toEqual(acks.map((_, i) => i + 1));
	expect(answered).toEqual(acks.map((_, i) => i));
});

test("a socket's events for one chat are handled in order: a send, its edit, its deletion", async () => {
	const group = await ann.group(ben);
	const { message } = await acked(socket, "message", { chatId: group.id, content: "first" });
	const acks = await Promise.all([
		socket.emit("message:update", { messageId: message.id, content: "second" }),
		socket.emit("message:update", { messageId: message.id, content: "third" }),
		socket.emit("message:react", { messageId: message.id, emoji: "👍" }),
		socket.emit("message:delete", { messageId: message.id }),
	]);
	expect(acks.map(ack => ack.message?.rev)).toEqual([1, 2, 3, 4].map(n => message.rev + n));
	expect(acks.at(-1)?.message).toMatchObject({ isDeleted: true, content: null, reactions: [] });
});

test("I1: of what several people send at the same moment, each is answered for itself", async () => {
	const secret = await carol.group();
	const senders = await Promise.all([ann.sender(), ben.sender(), carol.sender()]);
	const [ofAnn, ofBen, ofCarol] = senders as [TestSocket, TestSocket, TestSocket];
	const acks = await Promise.all([
		ofAnn.emit("message", { chatId: chat.id, content: "fine" }),
		ofBen.emit("message", { chatId: secret.id, content: "not theirs" }),
		ofCarol.emit("message", { chatId: secret.id, content: "fine" }),
		ofAnn.emit("message", { chatId: secret.id, content: "not theirs" }),
		ofBen.emit("message", { chatId: chat.id, content: "to nobody", mentions: [carol.id] }),
		ofBen.emit("message", { chatId: chat.id, content: " " }),
		ofBen.emit("message", { chatId: chat.id, content: "fine" }),
	]);
	expect(acks.map(ack => ack.code ?? ack.message.senderId)).toEqual([
		ann.id,
		"NOT_FOUND",
		carol.id,
		"NOT_FOUND",
		"VALIDATION_ERROR",
		"VALIDATION_ERROR",
		ben.id,
	]);
	expect(acks[4]?.details?.errors).toEqual([{ field: "mentions", message: expect.any(String) }]);
	expect(acks[1]?.details).toBeUndefined();
});

test("a reply names a message of the same chat", async () => {
	const first = ok<Message>(await post({ content: "question" }));
	expect(ok(await post({ content: "answer", replyToId: first.id }))).toMatchObject({ replyToId: first.id });
	const elsewhere = await ann.group();
	const foreign = await ann.say(elsewhere.id, "elsewhere");
	for (const replyToId of [foreign.id, randomUUID(), "nonsense"]) {
		const answer = await post({ content: "answer", replyToId });
		expect([400, 404, 422]).toContain(answer.status);
	}
});

test("mentions are of members only, and each once", async () => {
	expect(ok(await post({ content: "you", mentions: [ben.id] }))).toMatchObject({ mentions: [ben.id] });
	expect(ok(await post({ content: "me", mentions: [ann.id, ben.id] }))).toMatchObject({
		mentions: expect.arrayContaining([ann.id, ben.id]),
	});
});

test("T5: a mention of who is no member and of who is not there are one answer", async () => {
	const answers = [];
	for (const mentions of [[carol.id], [randomUUID()]]) {
		const answer = await post({ content: "you", mentions });
		expect([verdict(answer), wrongFields(answer)]).toEqual(["422 VALIDATION_ERROR", ["mentions"]]);
		const { traceId: _, ...body } = answer.body as unknown as Record<string, unknown>;
		answers.push(body);
	}
	expect(answers[0]).toEqual(answers[1]);
});

test("T9: what only the server says is refused", async () => {
	const forged = { seq: 1, senderId: ben.id, id: randomUUID(), createdAt: "2020-01-01T00:00:00Z", rev: 1 };
	for (const [field, value] of Object.entries({ ...forged, status: "READ", attachmentIds: [] })) {
		const answer = await post({ content: "forged", [field]: value });
		expect([verdict(answer), wrongFields(answer)]).toEqual(["422 VALIDATION_ERROR", [field]]);
		const ack = await socket.emit("message", { chatId: chat.id, content: "forged", [field]: value });
		expect(ack).toMatchObject({ code: "VALIDATION_ERROR", details: { errors: [{ field }] } });
	}
	const body = await post({ content: "in the body", clientId: "c" });
	expect([verdict(body), wrongFields(body)]).toEqual(["422 VALIDATION_ERROR", ["clientId"]]);
});
