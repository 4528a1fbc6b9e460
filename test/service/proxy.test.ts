import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { proxy, type TcpProxy } from "../support/proxy.ts";

let echo: Server;
let atServer: string;
let open: Socket[];
let through: TcpProxy;

beforeEach(async () => {
	atServer = "";
	open = [];
	echo = createServer(socket => {
		open.push(socket);
		socket.on("error", () => {});
		socket.on("data", data => {
			atServer += data;
			socket.write(data);
		});
	});
	echo.listen(0, "127.0.0.1");
	await once(echo, "listening");
	through = await proxy((echo.address() as AddressInfo).port);
});

afterEach(async () => {
	await through.close();
	for (const socket of open) socket.destroy();
	echo.close();
});

async function client() {
	const socket = connect(through.port, "127.0.0.1");
	open.push(socket);
	const heard = { text: "", error: "", closed: once(socket, "close").catch(() => {}) };
	socket.on("data", data => {
		heard.text += data;
	});
	socket.on("error", (err: NodeJS.ErrnoException) => {
		heard.error = err.code ?? err.message;
	});
	await once(socket, "connect");
	return { socket, heard };
}

async function until(what: () => boolean) {
	const deadline = Date.now() + 20_000;
	while (!what()) {
		if (Date.now() > deadline) throw new Error("It did not happen within 20 s.");
		await sleep(5);
	}
}

test("bytes pass both ways and are counted", async () => {
	const { socket, heard } = await client();
	socket.write("hello");
	await until(() => heard.text === "hello");
	expect(through.stats).toEqual({ connections: 1, open: 1, bytesUp: 5, bytesDown: 5, bytesDropped: 0 });
	socket.end();
	await heard.closed;
	await until(() => through.stats.open === 0);
});

test("a refused client is refused at once, an open one is reset, and both may come again", async () => {
	const { heard } = await client();
	await through.refuse();
	await heard.closed;
	expect(heard.error).toBe("ECONNRESET");
	await expect(client()).rejects.toMatchObject({ code: "ECONNREFUSED" });
	await through.pass();
	const again = await client();
	again.socket.write("back");
	await until(() => again.heard.text === "back");
});

test("what is sent into a black hole arrives after it", async () => {
	const { socket, heard } = await client();
	socket.write("one,");
	await until(() => heard.text === "one,");
	through.blackhole();
	socket.write("two,");
	await sleep(100);
	expect({ heard: heard.text, atServer }).toEqual({ heard: "one,", atServer: "one," });
	await through.pass();
	await until(() => heard.text === "one,two,");
});

test("a lost answer was a request that arrived, and its connection is cut at the end", async () => {
	const { socket, heard } = await client();
	through.dropDown();
	socket.write("do it");
	await until(() => through.stats.bytesDropped === 5);
	expect({ atServer, heard: heard.text }).toEqual({ atServer: "do it", heard: "" });
	await through.pass();
	await heard.closed;
	expect(heard.error).toBe("ECONNRESET");
});

test("delayed pieces are late and in order", async () => {
	const { socket, heard } = await client();
	through.delay(20, 60);
	const startedAt = performance.now();
	for (const piece of ["a", "b", "c", "d"]) {
		socket.write(piece);
		await sleep(1);
	}
	await until(() => heard.text === "abcd");
	expect(performance.now() - startedAt).toBeGreaterThanOrEqual(40);
});

test("cut resets every connection, and new ones pass", async () => {
	const clients = [await client(), await client()];
	through.cut();
	await Promise.all(clients.map(({ heard }) => heard.closed));
	expect(clients.map(({ heard }) => heard.error)).toEqual(["ECONNRESET", "ECONNRESET"]);
	const { socket, heard } = await client();
	socket.write("again");
	await until(() => heard.text === "again");
});

test("a connection can be cut at any byte, once", async () => {
	for (let bytes = 1; bytes <= 10; bytes++) {
		const { socket, heard } = await client();
		through.cutAfterBytes(bytes);
		socket.write("0123456789");
		await heard.closed;
		expect(heard.text).toBe("0123456789".slice(0, bytes));
	}
	const { socket, heard } = await client();
	socket.write("0123456789");
	await until(() => heard.text.length === 10);
});

test("a slow line carries so many bytes a second", async () => {
	const { socket, heard } = await client();
	through.rateBps(10_000);
	const startedAt = performance.now();
	socket.write("x".repeat(20_000));
	await until(() => heard.text.length === 20_000);
	const tookMs = performance.now() - startedAt;
	expect(tookMs).toBeGreaterThan(1_500);
	expect(tookMs).toBeLessThan(10_000);
});

test("what waits in a black hole waits with its sender, not in the proxy", async () => {
	const { socket } = await client();
	through.blackhole();
	socket.write(Buffer.alloc(32e6));
	await sleep(200);
	expect(socket.writableLength).toBeGreaterThan(16e6);
	await through.pass();
	await until(() => socket.writableLength === 0);
});

test("a client that gave up in a black hole is gone for the server only after it", async () => {
	const { socket, heard } = await client();
	await until(() => open.length === 2);
	const closed = once(open[1] as Socket, "close").catch(err => err.code);
	through.blackhole();
	socket.resetAndDestroy();
	await heard.closed;
	expect(await Promise.race([closed.then(() => "gone"), sleep(100, "there")])).toBe("there");
	await through.pass();
	expect(await closed).toBe("ECONNRESET");
});

test("the target's address is given again with the proxy's port in it", async () => {
	const other = await proxy("postgres://ann@127.0.0.1:5432/parley?x=1");
	expect(other.url).toBe(`postgres://ann@127.0.0.1:${other.port}/parley?x=1`);
	await other.close();
});
