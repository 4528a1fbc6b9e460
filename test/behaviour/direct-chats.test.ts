import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat, Member } from "../../contracts/chats.ts";
import { goHome, ok, type Person, people } from "../support/people.ts";
import { acked, told, verdict, wrongFields } from "../support/verdict.ts";

let ann: Person;
let ben: Person;
let carol: Person;

beforeAll(async () => {
	[ann, ben, carol] = await people("ann", "ben", "carol");
});

afterAll(goHome);

test("one participant and no type make a direct chat, which is there once for the two", async () => {
	const first = await ann.rest.post<Chat>("/chats", { participantIds: [ben.id] });
	expect(first.status).toBe(201);
	expect(first.body).toMatchObject({
		type: "direct",
		name: null,
		announceOnly: false,
		parentChatId: null,
		lastSeq: 0,
		rev: 2,
		memberCount: 2,
		lastMessage: null,
		minDeliveredSeq: 0,
		minReadSeq: 0,
		createdBy: ann.id,
	});
	const again = await ann.rest.post<Chat>("/chats", { participantIds: [ben.id] });
	expect([again.status, again.body.id]).toEqual([200, first.body.id]);
	const other = await ben.rest.post<Chat>("/chats", { type: "direct", participantIds: [ann.id] });
	expect([other.status, other.body.id]).toEqual([200, first.body.id]);
});

test("both ask for it at once, at every door: it is one chat, told once to each", async () => {
	const [dan, eve] = await people("dan", "eve");
	const [danSocket, eveSocket] = await Promise.all([dan.sender(), eve.receiver()]);
	const asked = Array.from({ length: 4 }, () => [
		dan.rest.post<Chat>("/chats", { participantIds: [eve.id] }).then(({ body }) => body.id),
		eve.rest.post<Chat>("/chats", { participantIds: [dan.id] }).then(({ body }) => body.id),
		acked(danSocket, "chat:create", { participantIds: [eve.id] }).then(({ chat }) => chat.id as string),
		acked(eveSocket, "chat:create", { participantIds: [dan.id] }).then(({ chat }) => chat.id as string),
	]);
	const ids = new Set(await Promise.all(asked.flat()));
	expect(ids.size).toBe(1);
	const [chatId] = [...ids] as [string];
	const { content } = await dan.say(chatId, "hello");
	for (const socket of [danSocket, eveSocket]) {
		await socket.waitFor("message", message => message.content === content);
		expect(told(socket, chatId)).toEqual(["chat:created", "message"]);
	}
});

test.each([
	["nobody", () => [], "participantIds"],
	["two others", () => [ben.id, carol.id], "participantIds"],
	["a user that is not there", () => [randomUUID()], "participantIds"],
])("no direct chat is made with %s", async (_, participantIds, field) => {
	const answer = await ann.rest.post("/chats", { type: "direct", participantIds: participantIds() });
	expect(verdict(answer)).toBe("422 VALIDATION_ERROR");
	expect(wrongFields(answer)[0]).toMatch(new RegExp(`^${field}`));
});

test("in a direct chat both may pin, and only delete what is their own", async () => {
	const chat = await ann.direct(ben);
	const message = await ann.say(chat.id, "pin me");
	for (const who of [ann, ben]) {
		expect(ok(await who.rest.put(`/messages/${message.id}/pin`))).toMatchObject({ isPinned: true });
		expect(ok(await who.rest.delete(`/messages/${message.id}/pin`))).toMatchObject({ isPinned: false });
	}
	expect(verdict(await ben.rest.delete(`/messages/${message.id}`))).toBe("403 FORBIDDEN");
	expect(verdict(await ann.rest.delete(`/messages/${message.id}`))).toBe("200");
});

test("in a direct chat nobody is added, removed or silenced, and it is neither left nor deleted", async () => {
	const chat = await ann.direct(ben);
	const path = `/chats/${chat.id}`;
	const later = new Date(Date.now() + 60_000).toISOString();
	for (const who of [ann, ben]) {
		const other = who === ann ? ben : ann;
		const answers = [
			await who.rest.post(`${path}/members`, { userIds: [carol.id] }),
			await who.rest.delete(`${path}/members/${other.id}`),
			await who.rest.delete(`${path}/members/${who.id}`),
			await who.rest.patch(`${path}/members/${other.id}`, { silencedUntil: later }),
			await who.rest.patch(`${path}/members/${other.id}`, { role: "admin" }),
			await who.rest.post(`${path}/leave`),
			await who.rest.delete(path),
		];
		expect(answers.map(verdict)).toEqual(Array(7).fill("403 FORBIDDEN"));
	}
	const { items } = ok<{ items: Member[] }>(await ann.rest.get(`${path}/members`));
	expect(items.map(({ userId }) => userId).sort()).toEqual([ann.id, ben.id].sort());
	expect(verdict(await carol.rest.get(path))).toBe("404 NOT_FOUND");
});
