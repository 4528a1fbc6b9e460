import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import { PUBLISHED } from "../../contracts/index.ts";
import { doorsOf, overSocket, restRequest } from "../support/doors.ts";
import { api } from "../support/http.ts";
import { goHome, type Person, people, urls } from "../support/people.ts";
import type { TestSocket } from "../support/socket.ts";
import { ackCode, acked, verdict, wrongFields } from "../support/verdict.ts";

let ann: Person;
let ben: Person;
let chat: Chat;
let socket: TestSocket;

beforeAll(async () => {
	[ann, ben] = await people("ann", "ben");
	chat = await ann.group(ben);
	socket = await ann.sender();
});

afterAll(goHome);

const nested = (levels: number): Record<string, unknown> => (levels === 1 ? {} : { a: nested(levels - 1) });
const bytes = (count: number) => ({ a: "x".repeat(count - '{"a":""}'.length) });
const ids = (count: number) => Array.from({ length: count }, () => randomUUID());

test.each<[string, Record<string, unknown>, string | null]>([
	["a letter", { content: "x" }, null],
	["16,384 units", { content: "x".repeat(16_384) }, null],
	["16,384 units of which two are a letter each", { content: "😀".repeat(8_192) }, null],
	["16,385 units", { content: "x".repeat(16_385) }, "content"],
	["nothing", { content: "" }, "content"],
	["blanks", { content: " \t\n\u00a0\u2003" }, "content"],
	["a number", { content: 5 }, "content"],
	["a NUL", { content: "a\0b" }, "content"],
	["a lone high surrogate", { content: "a\ud800b" }, "content"],
	["a lone low surrogate", { content: "\udc00" }, "content"],
	["metadata of 4,096 bytes", { content: "x", metadata: bytes(4_096) }, null],
	["metadata of 4,097 bytes", { content: "x", metadata: bytes(4_097) }, "metadata"],
	[
		"metadata of 4,096 bytes in fewer letters",
		{ content: "x", metadata: { a: "ü".repeat(2_045) } },
		"metadata",
	],
	["metadata of 8 levels", { content: "x", metadata: nested(8) }, null],
	["metadata of 9 levels", { content: "x", metadata: nested(9) }, "metadata"],
	["metadata of 1,000 levels", { content: "x", metadata: nested(1_000) }, "metadata"],
	["metadata with a NUL in a key", { content: "x", metadata: { "a\0": 1 } }, "metadata"],
	["metadata with a lone surrogate", { content: "x", metadata: { a: ["\ud800"] } }, "metadata"],
	["metadata that is a list", { content: "x", metadata: [1] }, "metadata"],
	["metadata that is a text", { content: "x", metadata: "a" }, "metadata"],
	["51 mentions", { content: "x", mentions: ids(51) }, "mentions"],
	["an unknown type", { content: "x", type: "poll" }, "type"],
])("a message of %s, over both doors", async (_, body, field) => {
	const answer = await ann.rest.post(`/chats/${chat.id}/messages`, body);
	const ack = await socket.emit("message", { chatId: chat.id, ...body });
	if (field === null) {
		expect([verdict(answer), ack.status]).toEqual(["201", "ok"]);
		return;
	}
	expect(verdict(answer)).toBe("422 VALIDATION_ERROR");
	expect(wrongFields(answer)[0]).toMatch(new RegExp(`^${field}`));
	expect(ack).toMatchObject({ status: "error", code: "VALIDATION_ERROR" });
	expect(ack.details.errors[0].field).toMatch(new RegExp(`^${field}`));
});

test.each<[string, Record<string, unknown>, string | null]>([
	["a name of 100", { name: "x".repeat(100) }, null],
	["a name of 101", { name: "x".repeat(101) }, "name"],
	["an empty name", { name: "" }, "name"],
	["a name with a NUL", { name: "a\0" }, "name"],
	["a description of 1,000", { description: "x".repeat(1_000) }, null],
	["a description of 1,001", { description: "x".repeat(1_001) }, "description"],
	["metadata of 9 levels", { metadata: nested(9) }, "metadata"],
	["an avatar that is no address", { avatarUrl: "data:text/html,x" }, "avatarUrl"],
	["501 participants", { participantIds: ids(501) }, "participantIds"],
	["a participant that is no id", { participantIds: ["ann"] }, "participantIds"],
	["a type that nobody makes", { type: "thread" }, "type"],
])("a chat of %s", async (_, body, field) => {
	const answer = await ann.rest.post("/chats", { type: "group", participantIds: [], ...body });
	if (field === null) expect(verdict(answer)).toBe("201");
	else {
		expect(verdict(answer)).toBe("422 VALIDATION_ERROR");
		expect(wrongFields(answer)[0]).toMatch(new RegExp(`^${field}`));
	}
	if (field === "participantIds" || field === "type") return;
	const edit = await ann.rest.patch(`/chats/${chat.id}`, body);
	expect(verdict(edit)).toBe(field === null ? "200" : "422 VALIDATION_ERROR");
});

test("100 users are added by a call, 200 looked at, 20 chats forwarded to, and no more", async () => {
	const members = `/chats/${chat.id}/members`;
	for (const userIds of [[], ids(101), [ben.id, ben.id]]) {
		const answer = await ann.rest.post(members, { userIds });
		expect([verdict(answer), wrongFields(answer)]).toEqual(["422 VALIDATION_ERROR", ["userIds"]]);
	}
	expect(verdict(await ann.rest.post("/presence/batch", { userIds: ids(200) }))).toBe("200");
	expect(verdict(await ann.rest.post("/presence/batch", { userIds: ids(201) }))).toBe("422 VALIDATION_ERROR");
	expect(await ackCode(socket, "presence:subscribe", { userIds: ids(201) })).toBe("VALIDATION_ERROR");
});

test("a REST body of more than 64 KB is too large", async () => {
	const body = (size: number) => JSON.stringify({ content: "x", metadata: {}, x: "y".repeat(size) });
	expect(verdict(await ann.rest.post(`/chats/${chat.id}/messages`, body(60_000)))).toBe(
		"422 VALIDATION_ERROR",
	);
	for (const size of [65_536, 500_000])
		expect(verdict(await ann.rest.post(`/chats/${chat.id}/messages`, body(size)))).toBe(
			"413 PAYLOAD_TOO_LARGE",
		);
});

test("T15: a packet of more than 64 KB reaches nobody, and disturbs no other socket", async () => {
	const own = await ann.sender();
	const packet = { chatId: chat.id, content: "x", metadata: { a: "y".repeat(70_000) } };
	const outcome = await Promise.race([
		own.closed.then(() => "closed"),
		own.emit("message", packet).then(
			ack => ack.code,
			() => "no answer",
		),
	]);
	expect(["closed", "VALIDATION_ERROR", "PAYLOAD_TOO_LARGE"]).toContain(outcome);
	expect(await acked(socket, "message", { chatId: chat.id, content: "still here" })).toMatchObject({
		status: "ok",
	});
});

test("T18: no payload reaches an object's prototype", async () => {
	const poison = '{"content":"x","metadata":{"__proto__":{"polluted":1}}}';
	expect(verdict(await ann.rest.post(`/chats/${chat.id}/messages`, poison))).toBe("422 VALIDATION_ERROR");
	const outer = '{"content":"x","__proto__":{"polluted":1}}';
	const answer = await ann.rest.post(`/chats/${chat.id}/messages`, outer);
	expect(JSON.stringify(answer.body)).not.toContain("polluted");
	for (const metadata of [{ constructor: { prototype: { polluted: 1 } } }, { prototype: 1, toString: "x" }]) {
		const { body } = await ann.rest.post(`/chats/${chat.id}/messages`, { content: "x", metadata });
		expect(body.metadata).toEqual(metadata);
	}
	expect((await ann.rest.get("/users/me")).body.polluted).toBeUndefined();
});

describe("a field that nobody knows", () => {
	const anId = randomUUID();
	test.each(
		PUBLISHED.flatMap(contract => doorsOf(contract).map(door => [contract.action, door, contract] as const)),
	)("is refused by %s over %s, by name", async (_, door, contract) => {
		const inPath = Object.fromEntries(
			[...(contract.rest ?? "").matchAll(/:(\w+)/g)].map(([, name]) => [name, anId]),
		);
		if (door === "Socket.IO") {
			const { code, body } = await overSocket(socket, contract, { surprise: 1 });
			// An administrator's action says first that one is none.
			expect(code).toBe(contract.auth === "admin" ? "FORBIDDEN" : "VALIDATION_ERROR");
			if (contract.auth !== "admin")
				expect(body.details.errors.map(({ field }: { field: string }) => field)).toContain("surprise");
			return;
		}
		const { method, path, body } = restRequest(contract, { ...inPath, surprise: 1 });
		const inQuery = method === "DELETE" ? `${path}?surprise=1` : path;
		const answer = await api(urls()[0] as string, ann.token).ask(
			method,
			inQuery,
			method === "DELETE" ? undefined : body,
		);
		if (contract.auth === "admin") expect(verdict(answer)).toBe("403 FORBIDDEN");
		else {
			expect(verdict(answer)).toBe("422 VALIDATION_ERROR");
			expect(wrongFields(answer)).toContain("surprise");
		}
	});
});
