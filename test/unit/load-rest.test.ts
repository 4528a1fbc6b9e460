/** The HTTP client of the load: cheap, and yet each call has its own answer. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { call } from "../../load/stage/rest.ts";

let server: Server;
let port: number;
let connections = 0;

beforeEach(async () => {
	connections = 0;
	server = createServer(async (request, response) => {
		const chunks: Buffer[] = [];
		for await (const chunk of request) chunks.push(chunk as Buffer);
		const { method, url, headers } = request;
		const said = { method, url, token: headers.authorization, key: headers["idempotency-key"] };
		const text = JSON.stringify({ ...said, body: Buffer.concat(chunks).toString() });
		if (url === "/api/crash") request.socket.destroy();
		else response.writeHead(201, { "content-length": Buffer.byteLength(text) }).end(text);
	});
	server.on("connection", () => connections++);
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	port = (server.address() as AddressInfo).port;
});

afterEach(() => {
	server.closeAllConnections();
	server.close();
});

test("a call brings its method, path, token, headers and body, and takes status and text", async () => {
	const { status, text } = await call(
		port,
		"POST",
		"/chats",
		"abc",
		{ content: "é" },
		{ "idempotency-key": "k" },
	);
	expect(status).toBe(201);
	expect(JSON.parse(Buffer.from(text, "latin1").toString())).toEqual({
		method: "POST",
		url: "/api/chats",
		token: "Bearer abc",
		key: "k",
		body: '{"content":"é"}',
	});
});

test("of many at once each gets its own answer, on few connections", async () => {
	const answers = await Promise.all(Array.from({ length: 1_000 }, (_, i) => call(port, "GET", `/${i}`, "t")));
	expect(answers.map(({ text }) => JSON.parse(text).url)).toEqual(answers.map((_, i) => `/api/${i}`));
	expect(connections).toBeLessThanOrEqual(256);
});

test("a connection that was closed fails its call, and is not used again", async () => {
	await expect(call(port, "GET", "/crash", "t")).rejects.toThrow("closed");
	expect((await call(port, "GET", "/again", "t")).status).toBe(201);
	expect((await call(port, "GET", "/again", "t")).status).toBe(201);
	expect(connections).toBe(2);
});
