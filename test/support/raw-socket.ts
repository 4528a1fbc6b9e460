/** A client that speaks websocket by hand over TCP: it sees the very bytes, and may stop reading. */
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

export interface RawSocket {
	readonly tcp: Socket;
	/** All that came after the HTTP answer. */
	bytes(): Buffer;
	/** Text messages that came, as engine.io wrote them. */
	texts(): string[];
	/** Sends an engine.io packet. */
	send(text: string): void;
	/** Waits until a text has come that fits. */
	waitFor(fits: (text: string) => boolean, timeoutMs?: number): Promise<void>;
	/** When the server has said goodbye, or hung up. */
	readonly closed: Promise<void>;
}

/** Upgrades to a websocket of engine.io; with `auth` it signs in and waits for the answer. */
export async function rawSocket(
	port: number,
	auth?: object,
	headers: Record<string, string> = {},
): Promise<RawSocket> {
	const tcp = connect(port, "127.0.0.1");
	tcp.on("error", () => {});
	const lines = [
		"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
		`Host: 127.0.0.1:${port}`,
		"Upgrade: websocket",
		"Connection: Upgrade",
		"Sec-WebSocket-Version: 13",
		`Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
		...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
	];
	tcp.write(`${lines.join("\r\n")}\r\n\r\n`);
	let bytes = Buffer.alloc(0);
	let isOpen = false;
	tcp.on("data", data => {
		bytes = Buffer.concat([bytes, data]);
		const end = isOpen ? -1 : bytes.indexOf("\r\n\r\n");
		if (end < 0) return;
		isOpen = true;
		bytes = bytes.subarray(end + 4);
	});
	const raw: RawSocket = {
		tcp,
		bytes: () => bytes,
		texts: () => textsIn(bytes),
		send: text => void tcp.write(masked(text)),
		async waitFor(fits, timeoutMs = 15_000) {
			const deadline = Date.now() + timeoutMs;
			while (!textsIn(bytes).some(fits)) {
				if (Date.now() > deadline || tcp.destroyed)
					throw new Error(`It did not come; what came: ${textsIn(bytes).join("\n")}`);
				await new Promise(resolve => setTimeout(resolve, 5));
			}
		},
		closed: new Promise<void>(resolve => {
			tcp.once("close", () => resolve());
			tcp.on("data", () => {
				if (isOpen && hasGoodbye(bytes)) tcp.destroy();
			});
		}),
	};
	await raw.waitFor(text => text.startsWith("0"));
	if (!auth) return raw;
	raw.send(`40${JSON.stringify(auth)}`);
	await raw.waitFor(text => text.startsWith("40") || text.startsWith("44"));
	return raw;
}

/** A client masks what it sends. */
export function masked(text: string): Buffer {
	const data = Buffer.from(text);
	const mask = randomBytes(4);
	const head = Buffer.alloc(data.length < 126 ? 2 : data.length < 65_536 ? 4 : 10);
	head[0] = 0x81;
	if (data.length < 126) head[1] = 0x80 | data.length;
	else if (data.length < 65_536) {
		head[1] = 0x80 | 126;
		head.writeUInt16BE(data.length, 2);
	} else {
		head[1] = 0x80 | 127;
		head.writeBigUInt64BE(BigInt(data.length), 2);
	}
	for (let i = 0; i < data.length; i++) data[i] = (data[i] as number) ^ (mask[i % 4] as number);
	return Buffer.concat([head, mask, data]);
}

/** The whole text frames at the beginning of some bytes. */
export const textsIn = (bytes: Buffer): string[] =>
	[...framesIn(bytes)].flatMap(({ opcode, data }) => (opcode === TEXT ? [data.toString()] : []));

const hasGoodbye = (bytes: Buffer) => [...framesIn(bytes)].some(({ opcode }) => opcode === CLOSE);

const TEXT = 1;
const CLOSE = 8;

function* framesIn(bytes: Buffer): Generator<{ opcode: number; data: Buffer }> {
	for (let at = 0; at + 2 <= bytes.length; ) {
		const short = (bytes[at + 1] as number) & 0x7f;
		const head = short < 126 ? 2 : short === 126 ? 4 : 10;
		if (at + head > bytes.length) return;
		const size =
			head === 2 ? short : head === 4 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2));
		if (at + head + size > bytes.length) return;
		yield { opcode: (bytes[at] as number) & 0x0f, data: bytes.subarray(at + head, at + head + size) };
		at += head + size;
	}
}
