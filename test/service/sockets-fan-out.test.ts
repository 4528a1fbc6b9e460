import { createServer, type Server as HttpServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { Server, type Socket } from "socket.io";
import { keepAckOrder } from "../../services/gateway/sockets/acks.ts";
import { BOUNDS } from "../../services/gateway/sockets/bounds.ts";
import { eventFrame, Frame } from "../../services/gateway/sockets/frames.ts";
import { type FanOut, Writer } from "../../services/gateway/sockets/writer.ts";
import { type RawSocket, rawSocket } from "../support/raw-socket.ts";
import { connect, type TestSocket } from "../support/socket.ts";

let http: HttpServer;
let io: Server;
let port: number;
let writer: Writer;
let cut: Socket[];
let sockets: Socket[];
const clients: (TestSocket | RawSocket)[] = [];

beforeEach(async () => {
	http = createServer();
	io = new Server(http, { perMessageDeflate: false, httpCompression: false });
	await new Promise<void>(resolve => http.listen(0, "127.0.0.1", resolve));
	port = (http.address() as AddressInfo).port;
	take("turn");
});

afterEach(async () => {
	for (const client of clients.splice(0)) "tcp" in client ? client.tcp.destroy() : client.close();
	await io.close();
});

/** From here on sockets are written to by a new writer. */
function take(fanOut: FanOut) {
	sockets = [];
	cut = [];
	writer = new Writer(fanOut, socket => cut.push(socket));
	io.removeAllListeners("connection");
	io.on("connection", socket => {
		sockets.push(socket);
		writer.add(socket);
		keepAckOrder(socket, writer);
		socket.on("ask", (n, answer) => answer({ status: "ok", n }));
	});
}

async function client(options = {}): Promise<{ heard: TestSocket; socket: Socket }> {
	const heard = await connect(`http://127.0.0.1:${port}`, undefined, options);
	clients.push(heard);
	return { heard, socket: sockets.find(({ id }) => id === heard.id) as Socket };
}

async function raw(): Promise<{ heard: RawSocket; socket: Socket }> {
	const before = sockets.length;
	const heard = await rawSocket(port, {});
	clients.push(heard);
	return { heard, socket: sockets[before] as Socket };
}

const tcpOf = (socket: Socket) =>
	(socket.conn as unknown as { transport: { socket: { _socket: Duplex } } }).transport.socket._socket;
const turn = () => new Promise<void>(resolve => setImmediate(resolve));
const wait = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));
const frame = (n: number, text = "") => new Frame(`2${JSON.stringify(["n", { n, text }])}`);
const numbers = ({ events }: TestSocket) =>
	events.filter(({ name }) => name === "n").map(({ data }) => data.n);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

test("what a turn gathers is, byte for byte, what plain Socket.IO sends one by one", async () => {
	const one = await raw();
	const other = await raw();
	const start = [one.heard.bytes().length, other.heard.bytes().length] as const;
	const texts = ["", "short", "ünïcödé 👍 \u2028", "x".repeat(126), "y".repeat(70_000), '"\\\n'];
	for (const text of texts) {
		const data = { chatId: text, userId: "u", isTyping: true };
		writer.send(one.socket, eventFrame("typing", data));
		other.socket.emit("typing", data);
	}
	await turn();
	await one.heard.waitFor(text => text.includes('\\"'));
	await other.heard.waitFor(text => text.includes('\\"'));
	const [gathered, plain] = [one.heard.bytes().subarray(start[0]), other.heard.bytes().subarray(start[1])];
	expect(gathered.equals(plain)).toBe(true);
});

test("what one turn produces for a room leaves in one write for each socket", async () => {
	const members = [await raw(), await raw(), await raw()];
	const written: Buffer[] = [];
	for (const { socket } of members) {
		const tcp = tcpOf(socket);
		const write = tcp.write.bind(tcp);
		tcp.write = ((data: Buffer) => {
			written.push(data);
			return write(data);
		}) as never;
	}
	for (const n of upTo(20)) {
		const shared = frame(n);
		for (const { socket } of members) writer.send(socket, shared);
	}
	await turn();
	expect(written).toHaveLength(3);
	expect(written[1]).toBe(written[0]);
	for (const { heard } of members) await heard.waitFor(text => text.includes('"n":19'));
});

test("who is behind hears no typing, and all else in its order", async () => {
	const { heard, socket } = await raw();
	heard.tcp.pause();
	const typing = eventFrame("typing", { chatId: "c", userId: "u", isTyping: true });
	const large = frame(0, "x".repeat(10_000));
	while (tcpOf(socket).writableLength <= BOUNDS.volatileBytesMax) {
		writer.send(socket, large);
		await turn();
	}
	writer.sendVolatile(socket, typing);
	writer.send(socket, frame(1));
	await turn();
	heard.tcp.resume();
	await heard.waitFor(text => text.includes('"n":1,'));
	expect(heard.bytes().toString()).not.toContain("typing");
	writer.sendVolatile(socket, typing);
	await heard.waitFor(text => text.includes("typing"));
	expect(cut).toEqual([]);
});

test("one emit for each event is there to compare with, and tells the same", async () => {
	take("each");
	const { heard, socket } = await client();
	for (const n of upTo(50)) writer.send(socket, frame(n));
	await heard.waitFor("n", (data: unknown) => (data as { n: number }).n === 49);
	expect(numbers(heard)).toEqual(upTo(50));
});

test("events, acknowledgements and whatever Socket.IO itself emits keep the order of telling", async () => {
	const { heard, socket } = await client();
	const order: unknown[] = [];
	heard.onEvery((_, data) => order.push((data as { n: number }).n));
	const acked = new Promise<void>(resolve => {
		heard.io.emit("ask", 1.5, ({ n }: { n: number }) => {
			order.push(n);
			resolve();
		});
	});
	socket.prependAny(() => {
		writer.send(socket, frame(0));
		writer.send(socket, frame(1));
		// The answer is made after this turn's ticks and before these:
		process.nextTick(() =>
			process.nextTick(() => {
				writer.send(socket, frame(2));
				socket.emit("n", { n: 3 });
				writer.send(socket, frame(4));
				socket.conn.write('2["n",{"n":5}]');
				writer.send(socket, frame(6));
			}),
		);
	});
	await acked;
	await heard.waitFor("n", (data: unknown) => (data as { n: number }).n === 6);
	expect(order.filter(n => n !== 1.5)).toEqual([0, 1, 2, 3, 4, 5, 6]);
	expect(order.indexOf(1.5)).toBeGreaterThan(order.indexOf(1));
});

test("where packets wait in engine.io, what is gathered waits behind them", async () => {
	const { heard, socket } = await raw();
	heard.tcp.pause();
	let n = 0;
	// Until the system takes no more of it:
	while (tcpOf(socket).writableLength === 0) {
		socket.emit("n", { n: n++, text: "x".repeat(100_000) });
		await wait(1);
	}
	for (let i = 0; i < 3; i++) {
		socket.emit("n", { n: n++ });
		writer.send(socket, frame(n++));
		writer.send(socket, frame(n++));
		await turn();
	}
	expect((socket.conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length).toBeGreaterThan(0);
	heard.tcp.resume();
	await heard.waitFor(text => text.includes(`"n":${n - 1}`));
	const order = heard.texts().flatMap(text => /^42\["n",\{"n":(\d+)/.exec(text)?.[1] ?? []);
	expect(order.map(Number)).toEqual(upTo(n));
	expect(cut).toEqual([]);
});

test("a client that polls hears everything in order", async () => {
	const { heard, socket } = await client({ transports: ["polling"] });
	for (const n of upTo(300)) {
		writer.send(socket, frame(n));
		if (n % 7 === 0) await turn();
	}
	await heard.waitFor("n", (data: unknown) => (data as { n: number }).n === 299);
	expect(numbers(heard)).toEqual(upTo(300));
});

test("a client that upgrades from polling to a websocket on the way hears everything in order", async () => {
	for (const round of upTo(5)) {
		const { heard, socket } = await client({ transports: ["polling", "websocket"] });
		const upgraded = new Promise<void>(resolve => socket.conn.once("upgrade", () => resolve()));
		let n = 0;
		let isOver = false;
		void upgraded.then(() => wait(50)).then(() => (isOver = true));
		while (!isOver) {
			for (let burst = 0; burst <= (n + round) % 4; burst++) writer.send(socket, frame(n++));
			if (n % 5 === 0) socket.emit("n", { n: n++ });
			await (n % 3 === 0 ? wait(1) : turn());
		}
		await heard.waitFor("n", (data: unknown) => (data as { n: number }).n === n - 1);
		expect(numbers(heard)).toEqual(upTo(n));
		expect(heard.io.io.engine.transport.name).toBe("websocket");
	}
});

test("the last words before a disconnect arrive", async () => {
	const { heard, socket } = await client();
	writer.send(socket, frame(0));
	writer.send(socket, frame(1));
	socket.disconnect(true);
	await heard.closed;
	expect(numbers(heard)).toEqual([0, 1]);
});

test("I35: who stops reading is cut off beyond the bound, and the others hear everything", async () => {
	const slow = await raw();
	const quick = await client();
	slow.heard.tcp.pause();
	const text = "x".repeat(16_000);
	let queued = 0;
	let n = 0;
	for (; n < 5_000 && cut.length === 0; n++) {
		const shared = frame(n, text);
		writer.send(slow.socket, shared);
		writer.send(quick.socket, shared);
		await turn();
		queued = Math.max(queued, tcpOf(slow.socket).writableLength);
		if (n % 20 === 0) await wait(1);
	}
	expect(cut).toEqual([slow.socket]);
	slow.heard.tcp.resume();
	await slow.heard.closed;
	await quick.heard.waitFor("n", (data: unknown) => (data as { n: number }).n === n - 1);
	expect(numbers(quick.heard)).toEqual(upTo(n));
	expect(queued).toBeGreaterThan(BOUNDS.unreadBytesMax);
	expect(queued).toBeLessThan(BOUNDS.unreadBytesMax + 2 * text.length);
});

test("I35: who polls no more is cut off as well", async () => {
	const response = await fetch(`http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling`);
	const { sid } = JSON.parse((await response.text()).slice(1)) as { sid: string };
	const url = `http://127.0.0.1:${port}/socket.io/?EIO=4&transport=polling&sid=${sid}`;
	await fetch(url, { method: "POST", body: "40" });
	while (sockets.length === 0) await wait(1);
	const [socket] = sockets as [Socket];
	const gone = new Promise<void>(resolve => socket.once("disconnect", () => resolve()));
	const text = "x".repeat(16_000);
	for (let n = 0; n < 200 && cut.length === 0; n++) {
		writer.send(socket, frame(n, text));
		await turn();
	}
	expect(cut).toEqual([socket]);
	await gone;
});
