import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import { ERRORS } from "../../contracts/errors.ts";
import { ANN, startGateway } from "../support/gateway.ts";
import { answerOf } from "../support/http.ts";

type Gateway = Awaited<ReturnType<typeof startGateway>>;
let gateway: Gateway;

const LISTED = "https://app.example.com";

/** A call that runs until a test ends it. */
const begun = Promise.withResolvers<void>();
const ended = Promise.withResolvers<void>();

beforeAll(async () => {
	gateway = await startGateway(
		{
			"users.me": async () => {
				begun.resolve();
				await ended.promise;
				return { done: true };
			},
		},
		{ CHAT_CORS_ORIGINS: LISTED, CHAT_TRUSTED_PROXIES: "10.0.0.0/8" },
	);
});
afterAll(() => gateway?.stop());

const ask = async (
	origin: string,
	method = "GET",
	path = "/api/inbox",
	headers: Record<string, string> = {},
) =>
	answerOf(
		await fetch(`${gateway.url}${path}`, {
			method,
			headers: { origin, authorization: `Bearer user:${ANN}`, ...headers },
		}),
	);

/** Sends bytes as they are, and answers with all that comes back until the server closes. */
async function raw(bytes: string | Buffer): Promise<{ status: number; head: string; body: string }> {
	const socket = connect(gateway.port, "127.0.0.1");
	socket.write(bytes);
	const [head = "", body = ""] = (await text(socket)).split("\r\n\r\n");
	return { status: Number(head.split(" ")[1]), head, body };
}

test("T13: a page of a listed origin reads answers, and sees when to come again", async () => {
	const { status, headers } = await ask(LISTED);
	expect(status).toBe(200);
	expect(headers.get("access-control-allow-origin")).toBe(LISTED);
	expect(headers.get("access-control-expose-headers")).toContain("Retry-After");
	expect(headers.get("vary")).toContain("Origin");
});

test("T13: a listed origin is told beforehand what it may send", async () => {
	const preflight = {
		"access-control-request-method": "POST",
		"access-control-request-headers": "authorization",
	};
	const { status, headers } = await ask(LISTED, "OPTIONS", "/api/chats", preflight);
	expect(status).toBe(204);
	expect(headers.get("access-control-allow-methods")).toContain("PATCH");
	expect(headers.get("access-control-allow-headers")).toContain("Idempotency-Key");
});

test.each([
	"https://evil.example",
	"null",
	`${LISTED}.evil.example`,
	"https://evilapp.example.com",
	"https://app.example.com:8443",
	"http://app.example.com",
	"https://app.example.com/",
	"HTTPS://APP.EXAMPLE.COM",
	"*",
	"file://",
])("T13: a page of %s is refused, with no word to its browser", async origin => {
	for (const method of ["GET", "POST", "OPTIONS"]) {
		const { status, body, headers } = await ask(origin, method, "/api/chats", {
			"access-control-request-method": "POST",
		});
		expect([status, body.code]).toEqual([403, "FORBIDDEN"]);
		expect([...headers.keys()].filter(name => name.startsWith("access-control"))).toEqual([]);
	}
});

test("T13: pages that the server itself serves may call", async () => {
	const { status, headers } = await ask(gateway.url);
	expect([status, headers.get("access-control-allow-origin")]).toEqual([200, null]);
});

test("every answer is marked as what it is, and names no framework", async () => {
	for (const path of [
		"/health/liveness",
		"/docs",
		"/api/openapi.json",
		"/api/inbox",
		"/api/nowhere",
		"/",
		"/favicon.ico",
	]) {
		const { headers } = await answerOf(await fetch(gateway.url + path));
		expect(headers.get("x-content-type-options")).toBe("nosniff");
		expect(headers.get("content-security-policy")).toContain("default-src 'none'");
		expect(JSON.stringify([...headers]).toLowerCase()).not.toMatch(/x-powered-by|moleculer|express|"server"/);
	}
});

test.each([
	["no HTTP", "hello\r\n\r\n", 400],
	["no host", "GET /api/users/me HTTP/1.1\r\nConnection: close\r\n\r\n", 400],
	["headers without end", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 413],
	[
		"both lengths",
		"POST /api/chats HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		400,
	],
	[
		"two lengths",
		"POST /api/chats HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
		400,
	],
	[
		"a broken chunk",
		`POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
		400,
	],
	["NUL in a header", "GET / HTTP/1.1\r\nHost: x\r\nA: \0\r\n\r\n", 400],
	[
		"an odd expectation",
		"GET /nowhere HTTP/1.1\r\nHost: x\r\nExpect: magic\r\nConnection: close\r\n\r\n",
		404,
	],
	[
		"a whole address",
		"GET http://evil.example/api/nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
		404,
	],
	["a star", "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404],
	["an unknown method", "PROPFIND /api/users/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405],
	["TRACE", "TRACE /api/users/me HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 405],
])("T35, T37: %s is answered in the common shape", async (_, bytes, expected) => {
	const { status, head, body } = await raw(bytes);
	expect(status).toBe(expected);
	expect(head.toLowerCase()).toContain("x-content-type-options: nosniff");
	const problem = JSON.parse(body);
	expect(Object.keys(ERRORS)).toContain(problem.code);
	expect(problem).toMatchObject({ status: expected, title: expect.any(String), traceId: expect.any(String) });
});

test("T15: a body without end is dropped, answered, and its connection closed", async () => {
	const socket = connect(gateway.port, "127.0.0.1");
	socket.on("error", () => {});
	const head = `POST /api/chats HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer user:${ANN}\r\nContent-Type: application/json\r\n`;
	socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
	const chunk = `10000\r\n${" ".repeat(0x10000)}\r\n`;
	const writer = setInterval(() => socket.writable && socket.write(chunk), 2);
	const answer = await text(socket).catch(() => "");
	clearInterval(writer);
	expect(answer).toMatch(/^HTTP\/1\.1 413 /);
	expect(answer).toContain("PAYLOAD_TOO_LARGE");
});

test("T15: a body whose length is announced as far too large is not read at all", async () => {
	const { status, head } = await raw(
		`POST /api/chats HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer user:${ANN}\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{`,
	);
	expect(status).toBe(413);
	expect(head).toMatch(/connection: close/i);
});

test("a client that goes away in the middle of its body disturbs nobody", async () => {
	const socket = connect(gateway.port, "127.0.0.1");
	socket.write(
		`POST /api/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
	);
	await sleep(50);
	socket.destroy();
	await sleep(50);
	expect((await gateway.ann.get("/inbox")).status).toBe(200);
});

test("health says what is up, without naming hosts", async () => {
	const ready = await answerOf(await fetch(`${gateway.url}/health/readiness`));
	expect([ready.status, ready.body]).toEqual([
		200,
		{ status: "ok", checks: { database: "up", redis: "off", kafka: "off", services: "up" }, down: [] },
	]);
	expect((await fetch(`${gateway.url}/health/liveness`)).status).toBe(200);
});

test("a second node on the same port does not start, and says why", async () => {
	const { config } = await import("../../lib/config.ts");
	const { default: service } = await import("../../services/gateway/gateway.service.ts");
	Object.assign(config, { port: gateway.port });
	const second = new ServiceBroker({ nodeID: "second", logger: false });
	second.createService(service as unknown as ServiceSchema);
	await expect(second.start()).rejects.toMatchObject({ code: "EADDRINUSE" });
	await second.stop();
});

test("I37: a stop answers what is running, refuses what is new, and closes", async () => {
	const idle = connect(gateway.port, "127.0.0.1");
	idle.on("error", () => {});
	await once(idle, "connect");
	const running = gateway.ann.get("/users/me");
	await begun.promise;
	const stopped = gateway.broker.destroyService("gateway");
	const isRefused = () =>
		fetch(`${gateway.url}/health`).then(
			() => false,
			() => true,
		);
	while (!(await isRefused())) await sleep(10);
	ended.resolve();
	const { status, body, headers } = await running;
	expect([status, body, headers.get("connection")]).toEqual([200, { done: true }, "close"]);
	await stopped;
	expect(await isRefused()).toBe(true);
});
