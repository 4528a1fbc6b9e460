import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat, Member } from "../../contracts/chats.ts";
import { ERRORS } from "../../contracts/errors.ts";
import { type Answer, answerOf, api } from "../support/http.ts";
import { goHome, ok, type Person, people, urls } from "../support/people.ts";
import type { TestSocket } from "../support/socket.ts";
import { quietly, verdict } from "../support/verdict.ts";

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

const url = () => urls()[0] as string;

/** One of each refusal that a client can bring about by itself. */
async function refusals(): Promise<[string, Answer][]> {
	const messages = `/chats/${chat.id}/messages`;
	const text = { "content-type": "text/plain" };
	return [
		["401 UNAUTHENTICATED", await api(url()).get("/users/me")],
		["401 UNAUTHENTICATED", await api(url(), "x").get("/users/me")],
		["403 FORBIDDEN", await ben.rest.patch(`/chats/${chat.id}`, { name: "x" })],
		["404 NOT_FOUND", await ann.rest.get(`/chats/${randomUUID()}`)],
		["404 NOT_FOUND", await ann.rest.get("/no/such/path")],
		["405 METHOD_NOT_ALLOWED", await ann.rest.put("/users/me", {})],
		["409 CONFLICT", await ann.rest.post(`/chats/${chat.id}/leave`)],
		["413 PAYLOAD_TOO_LARGE", await ann.rest.post(messages, { content: "x".repeat(70_000) })],
		["415 UNSUPPORTED_MEDIA_TYPE", await ann.rest.ask("POST", messages, "content=x", text)],
		["422 VALIDATION_ERROR", await ann.rest.post(messages, {})],
		["422 VALIDATION_ERROR", await ann.rest.get("/chats/not-an-id")],
		["400 VALIDATION_ERROR", await ann.rest.post(messages, '{"content":')],
	];
}

test("T37: every refusal is a problem of one shape, and shows nothing of the inside", async () => {
	for (const [expected, answer] of await refusals()) {
		expect(verdict(answer)).toBe(expected);
		expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
		const { errors, retryAfter, ...problem } = answer.body;
		expect(problem).toEqual({
			type: expect.any(String),
			title: expect.any(String),
			status: answer.status,
			code: expect.any(String),
			detail: expect.any(String),
			traceId: expect.any(String),
		});
		expect(Object.keys(ERRORS)).toContain(problem.code);
		for (const error of errors ?? [])
			expect(error).toEqual({ field: expect.any(String), message: expect.any(String) });
		expect(retryAfter).toBeUndefined();
		expect(JSON.stringify(answer.body)).not.toMatch(
			/\bat \S+:\d+|\.ts\b|SELECT |INSERT |node_modules|127\.0\.0\.1|localhost|moleculer|nodeID|stack/i,
		);
	}
});

test("every answer says nosniff, is not kept, and does not name the framework", async () => {
	const answers = [
		...(await refusals()).map(([, answer]) => answer),
		await ann.rest.get("/users/me"),
		await ann.rest.post(`/chats/${chat.id}/messages`, { content: "x" }),
		await answerOf(await fetch(`${url()}/health`)),
		await answerOf(await fetch(`${url()}/`)),
		await answerOf(await fetch(`${url()}/socket.io/?EIO=4&transport=polling`)),
	];
	for (const { headers, body } of answers) {
		expect(headers.get("x-content-type-options")).toBe("nosniff");
		expect(headers.get("x-powered-by")).toBeNull();
		expect(headers.get("server")).toBeNull();
		expect(JSON.stringify([...headers]) + JSON.stringify(body)).not.toMatch(/moleculer|express/i);
	}
});

test("what is sent as JSON is said to be JSON, and a page of HTML never", async () => {
	const { headers } = await ann.rest.post(`/chats/${chat.id}/messages`, { content: "<b>x</b>" });
	expect(headers.get("content-type")).toMatch(/^application\/json/);
	expect(headers.get("cache-control")).toContain("no-store");
});

test("T13: a foreign origin gets no credentials", async () => {
	for (const origin of ["https://evil.example", "null", `${url()}.evil.example`]) {
		const { headers } = await ann.rest.get("/users/me", { origin });
		expect(headers.get("access-control-allow-credentials")).toBeNull();
		expect(headers.get("access-control-allow-origin")).not.toBe(origin);
		const preflight = await fetch(`${url()}/api/users/me`, {
			method: "OPTIONS",
			headers: { origin, "access-control-request-method": "PATCH" },
		});
		expect(preflight.headers.get("access-control-allow-origin")).not.toBe(origin);
	}
});

test("a path with another method says which it takes", async () => {
	const { headers } = await ann.rest.put("/users/me", {});
	const allowed = (headers.get("allow") ?? "").split(", ");
	expect(allowed).toEqual(expect.arrayContaining(["GET", "PATCH"]));
	expect(allowed).not.toContain("PUT");
});

test("what was made is 201, what was changed 200, both with the resource, and what has ended 204, with nothing", async () => {
	const group = await ann.group(ben);
	const path = `/chats/${group.id}`;
	const message = await ann.say(group.id, "x");
	const statuses = {
		send: await ann.rest.post(`${path}/messages`, { content: "x" }),
		edit: await ann.rest.patch(`/messages/${message.id}`, { content: "y" }),
		rename: await ann.rest.patch(path, { name: "y" }),
		mute: await ann.rest.put(`${path}/mute`, { until: null }),
		read: await ann.rest.post(`${path}/read`, {}),
		remove: await ann.rest.delete(`/messages/${message.id}`),
		member: await ann.rest.delete(`${path}/members/${ben.id}`),
		end: await ann.rest.delete(path),
	};
	expect(Object.fromEntries(Object.entries(statuses).map(([name, { status }]) => [name, status]))).toEqual({
		send: 201,
		edit: 200,
		rename: 200,
		mute: 200,
		read: 200,
		remove: 200,
		member: 204,
		end: 204,
	});
	for (const { status, body } of Object.values(statuses)) expect(body === undefined).toBe(status === 204);
	expect(statuses.edit.body).toMatchObject({ id: message.id, content: "y" });
});

test("lists are items and a cursor", async () => {
	for (const path of [
		`/chats/${chat.id}/members`,
		`/chats/${chat.id}/messages`,
		`/chats/${chat.id}/pins`,
		"/users",
		"/channels",
		"/auth/sessions",
	]) {
		const page = ok<object>(await ann.rest.get(path));
		expect([path, Object.keys(page).sort()]).toEqual([path, ["items", "nextCursor"]]);
	}
});

test("a socket event that nobody knows is not found, and one without a callback fails as the event `error`", async () => {
	const ack = await socket.emit("message:explode", { a: 1 });
	expect(ack).toEqual({ status: "error", code: "NOT_FOUND", message: expect.any(String) });
	socket.io.emit("message", { chatId: chat.id });
	expect(await socket.waitFor("error")).toEqual({
		code: "VALIDATION_ERROR",
		message: expect.any(String),
	});
	socket.forget();
	socket.io.emit("message", { chatId: chat.id, content: "no answer needed" });
	await socket.waitFor("message", ({ content }) => content === "no answer needed");
	await quietly(100);
	expect(socket.of("error")).toEqual([]);
});

test("a payload that is no object is not valid, and the socket goes on", async () => {
	for (const payload of [null, 7, "text", [], [{ chatId: chat.id }], Buffer.from("x")])
		expect(await socket.emit("message", payload)).toMatchObject({ code: "VALIDATION_ERROR" });
	const twice = await socket.io
		.timeout(10_000)
		.emitWithAck("message", { chatId: chat.id, content: "x" }, "more");
	expect(twice).toMatchObject({ code: "VALIDATION_ERROR" });
	expect(await socket.emit("heartbeat")).toMatchObject({ status: "ok" });
});

test("an id is taken in any case, and answers as one", async () => {
	const upper = ok<Chat>(await ann.rest.get(`/chats/${chat.id.toUpperCase()}`));
	expect(upper.id).toBe(chat.id);
	const { items } = ok<{ items: Member[] }>(await ann.rest.get(`/chats/${chat.id.toUpperCase()}/members`));
	expect(items.map(({ userId }) => userId)).toContain(ann.id);
	expect(await socket.emit("chat:join", { chatId: chat.id.toUpperCase() })).toMatchObject({
		status: "ok",
		chat: { id: chat.id },
	});
});
