import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { OVER_SOCKET } from "../../contracts/index.ts";
import { fail } from "../../lib/errors.ts";
import { ANN, BOB, type Echo, startGateway } from "../support/gateway.ts";
import { rawSocket } from "../support/raw-socket.ts";
import { connect, type TestSocket } from "../support/socket.ts";

type Gateway = Awaited<ReturnType<typeof startGateway>>;
let gateway: Gateway;
let roomsOf: () => unknown;
let history: unknown = { items: [], nextCursor: null };
const open: TestSocket[] = [];
const CHAT = "01900000-0000-7000-8000-0000000000c1";

beforeAll(async () => {
	roomsOf = () => ({ items: [], nextCursor: null });
	gateway = await startGateway(
		{
			"chats.rooms": () => roomsOf(),
			"chats.heads": () => ({ items: [], since: "1" }),
			"messages.history": () => history,
		},
		{ CHAT_CORS_ORIGINS: "https://app.example.com", CHAT_MAX_CONNECTIONS: "20", CHAT_RATE_LIMITS: "on" },
	);
});

afterEach(() => {
	for (const socket of open.splice(0)) socket.close();
	roomsOf = () => ({ items: [], nextCursor: null });
});

afterAll(async () => {
	await gateway.stop();
});

async function signIn(token: string | undefined, options = {}): Promise<TestSocket> {
	const socket = await connect(gateway.url, token, options);
	open.push(socket);
	return socket;
}

/** What a refused client finds. */
async function refusal(token: string | undefined, options = {}) {
	try {
		await signIn(token, options);
	} catch (err) {
		const { data, message } = err as { data?: { code: string; retryAfter?: number }; message: string };
		return data ?? message;
	}
	return "connected";
}

test("a refused connection says why", async () => {
	expect(await refusal(undefined)).toEqual({ code: "UNAUTHENTICATED" });
	expect(await refusal("nonsense")).toEqual({ code: "UNAUTHENTICATED" });
	expect(await refusal("x".repeat(10_000))).toEqual({ code: "UNAUTHENTICATED" });
	expect(await refusal(`expired:${ANN}`)).toEqual({ code: "TOKEN_EXPIRED" });
});

test("a token in the query, or in a header, opens nothing", async () => {
	const token = `user:${ANN}`;
	expect(await refusal(undefined, { query: { token, auth: token, access_token: token } })).toEqual({
		code: "UNAUTHENTICATED",
	});
	expect(await refusal(undefined, { extraHeaders: { authorization: `Bearer ${token}` } })).toEqual({
		code: "UNAUTHENTICATED",
	});
});

test("where the chats cannot be read, nobody is let in half", async () => {
	roomsOf = () => {
		throw fail("UNAVAILABLE");
	};
	expect(await refusal(`user:${BOB}`)).toEqual({ code: "UNAVAILABLE", retryAfter: 1 });
	roomsOf = () => ({ items: [], nextCursor: null });
	expect(await refusal(`user:${BOB}`)).toBe("connected");
});

test("T13: pages of other origins do not connect, by polling or by websocket", async () => {
	const { port } = gateway;
	const origins = {
		"https://app.example.com": true,
		[`http://127.0.0.1:${port}`]: true,
		"https://evil.example": false,
		null: false,
		"https://app.example.com.evil.example": false,
		"https://notapp.example.com": false,
		"http://app.example.com": false,
		"https://app.example.com:8443": false,
		[`http://127.0.0.1:${port}.evil.example`]: false,
	};
	for (const [origin, isAllowed] of Object.entries(origins)) {
		const polled = await fetch(`${gateway.url}/socket.io/?EIO=4&transport=polling`, { headers: { origin } });
		expect([origin, polled.status]).toEqual([origin, isAllowed ? 200 : 403]);
		expect(polled.headers.get("access-control-allow-origin")).toBe(
			origin === "https://app.example.com" ? origin : null,
		);
		expect(polled.headers.get("x-content-type-options")).toBe("nosniff");
		const upgraded = await rawSocket(port, undefined, { Origin: origin }).then(
			({ tcp }) => !!tcp.destroy(),
			() => false,
		);
		expect([origin, upgraded]).toEqual([origin, isAllowed]);
	}
}, 40_000);

test("there is no namespace but the one", async () => {
	for (const name of ["/admin", "/a/b/c/d/e", "/__proto__"]) {
		await expect(connect(gateway.url + name, `user:${ANN}`)).rejects.toThrow("Invalid namespace");
	}
});

test("T14: a user who connects too often is told when to come again", async () => {
	const mallory = "01900000-0000-7000-8000-0000000000aa";
	const answers: unknown[] = [];
	for (let i = 0; i < 32; i++) {
		answers.push(await refusal(`user:${mallory}`));
		for (const socket of open.splice(0)) socket.close();
	}
	expect(answers.slice(0, 30)).toEqual(Array(30).fill("connected"));
	expect(answers[30]).toEqual({ code: "RATE_LIMITED", retryAfter: expect.any(Number) });
	expect(await refusal(`user:${BOB}`)).toBe("connected");
});

test("a full server says so, and takes the next when somebody has gone", async () => {
	const users = Array.from({ length: 20 }, (_, i) => `user:01900000-0000-7000-8000-0000000001${i + 10}`);
	await Promise.all(users.map(token => signIn(token)));
	expect(await refusal(`user:${BOB}`)).toEqual({ code: "SERVER_FULL", retryAfter: 1 });
	open.shift()?.close();
	let answer: unknown;
	// The server hears of it a moment later. So many tries are not too many.
	for (let tries = 0; answer !== "connected" && tries < 20; tries++) {
		await new Promise(resolve => setTimeout(resolve, 250));
		answer = await refusal(`user:${BOB}`);
	}
	expect(answer).toBe("connected");
});

test("each declared event reaches its action, with who asks", async () => {
	const socket = await signIn(`user:${ANN}`);
	const sent = await socket.emit("message", { chatId: CHAT, content: "hello" });
	const echo = sent.message as Echo;
	expect(sent.status).toBe("ok");
	expect(echo).toMatchObject({
		action: "messages.send",
		params: { chatId: CHAT, content: "hello", clientId: expect.any(String) },
		meta: { user: { id: ANN } },
	});
	const edited = await socket.emit("message:update", { messageId: CHAT, content: "hello" });
	expect(edited.message).toMatchObject({
		action: "messages.update",
		meta: { user: { id: ANN, admin: false }, sessionId: null, socketId: socket.id },
	});
	const own = await socket.emit("message", { chatId: CHAT, content: "hello", clientId: "mine" });
	expect((own.message as Echo).params.clientId).toBe("mine");
	for (const { socket: event } of OVER_SOCKET) {
		const { code } = await socket.emit(event as string, { nothing: "of this" });
		expect([event, code]).toEqual([event, "VALIDATION_ERROR"]);
	}
});

test("what no contract declares is not found, and without a callback an event says so", async () => {
	const socket = await signIn(`user:${ANN}`);
	for (const name of ["call", "nope", "error", "__proto__", "constructor", "chats.rooms"])
		expect((await socket.emit(name, {})).code).toBe("NOT_FOUND");
	socket.io.emit("nope", {});
	socket.io.emit("message", { chatId: CHAT });
	await socket.waitFor("error", ({ code }) => code === "VALIDATION_ERROR");
	expect(socket.of("error")).toEqual([
		{ code: "NOT_FOUND", message: "There is no such event." },
		{ code: "VALIDATION_ERROR", message: expect.stringContaining("content") },
	]);
});

test("calls that cannot be right are refused by field, and the socket stays", async () => {
	const socket = await signIn(`user:${ANN}`);
	expect(await socket.emit("message", { chatId: "x", content: "", extra: 1 })).toMatchObject({
		status: "error",
		code: "VALIDATION_ERROR",
		details: { errors: [{ field: "extra" }] },
	});
	for (const payload of [null, 3, "text", [], Buffer.from("x")])
		expect((await socket.emit("message", payload)).code).toBe("VALIDATION_ERROR");
	expect((await socket.emit("inbox:list")).status).toBe("ok");
});

test("T14: who sends too much is told when to go on", async () => {
	const socket = await signIn("user:01900000-0000-7000-8000-0000000000bb");
	const acks = await Promise.all(
		Array.from({ length: 70 }, () => socket.emit("message", { chatId: CHAT, content: "spam" })),
	);
	expect(acks.filter(({ status }) => status === "ok")).toHaveLength(60);
	expect(acks.at(-1)).toMatchObject({ code: "RATE_LIMITED", details: { retryAfter: expect.any(Number) } });
});

test("T14: more calls at once than are kept are refused", async () => {
	const socket = await signIn("user:01900000-0000-7000-8000-0000000000cc");
	let answer = (_: unknown) => {};
	history = new Promise(resolve => {
		answer = resolve;
	});
	const acks = Array.from({ length: 150 }, () => socket.emit("chat:messages", { chatId: CHAT }));
	expect(await acks[149]).toMatchObject({ code: "RATE_LIMITED", details: { retryAfter: 1 } });
	answer({ items: [], nextCursor: null });
	const codes = (await Promise.all(acks)).map(({ status, code }) => code ?? status);
	expect(codes).toEqual([...Array(128).fill("ok"), ...Array(22).fill("RATE_LIMITED")]);
});
