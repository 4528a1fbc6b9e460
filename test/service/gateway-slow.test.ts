import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Proxies } from "../../services/gateway/client-address.ts";
import { HttpServer, PATIENCE } from "../../services/gateway/http-server.ts";
import { Origins } from "../../services/gateway/origins.ts";
import { send } from "../../services/gateway/rest/answer.ts";

/** Twenty times as impatient as a real one. */
const IMPATIENT = Object.fromEntries(
	Object.entries(PATIENCE).map(([name, ms]) => [name, ms / 20]),
) as typeof PATIENCE;
/** With what a busy machine adds; who is not cut off goes on for half an hour. */
const MS_MAX = 45_000 / 20 + 5_000;

let http: HttpServer;
let port: number;

beforeAll(async () => {
	const handle: ConstructorParameters<typeof HttpServer>[1] = (req, res) => {
		req.resume();
		req.on("end", () => send(res, 200, "{}"));
	};
	http = new HttpServer(new Origins([], new Proxies([])), handle, IMPATIENT);
	await http.listen(0, "127.0.0.1");
	({ port } = http.server.address() as { port: number });
});
afterAll(async () => {
	http.drain();
	await http.finish(100);
});

/** Sends `first`, then a byte now and then, and tells how long the server put up with it. */
async function drip(first: string): Promise<{ ms: number; answer: string }> {
	const socket: Socket = connect(port, "127.0.0.1");
	socket.on("error", () => {});
	socket.write(first);
	const startedAt = Date.now();
	const timer = setInterval(() => socket.writable && socket.write("a"), 20);
	const answer = await text(socket).catch(() => "");
	clearInterval(timer);
	return { ms: Date.now() - startedAt, answer };
}

test("T16: whoever sends headers or a body byte by byte is cut off, and others are served meanwhile", async () => {
	await fetch(`http://127.0.0.1:${port}/`);
	const slow = [
		...Array.from({ length: 50 }, () => drip("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")),
		...Array.from({ length: 50 }, () => drip("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")),
	];
	const startedAt = Date.now();
	expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
	expect(Date.now() - startedAt).toBeLessThan(MS_MAX);
	for (const { ms, answer } of await Promise.all(slow)) {
		expect(ms).toBeLessThan(MS_MAX);
		// It may be lost where the client is just writing when the connection ends.
		if (answer) expect(answer).toMatch(/^HTTP\/1\.1 400 (.|\s)*VALIDATION_ERROR/);
	}
});

test("T16: a connection on which nothing comes is closed", async () => {
	const silent = connect(port, "127.0.0.1");
	const afterOne = connect(port, "127.0.0.1");
	afterOne.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
	const startedAt = Date.now();
	await Promise.all([text(silent), text(afterOne)]);
	// Node adds a second to what it announced, so that a request under way is not cut.
	expect(Date.now() - startedAt).toBeLessThan(MS_MAX + 1_000);
});
