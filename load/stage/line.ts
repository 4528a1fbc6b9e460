/**
 * A websocket client that costs next to nothing, so that one core drives thousands of them: it reads frames where they
 * lie in the buffer that all lines share, and masks with a key of zeros, which leaves the text as it is.
 */
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

const TEXT = 0x81;
const PONG = 0x8a;
const MASKED = 0x80;
const KEY_BYTES = 4;

/** What all lines read into, one after the other: what is left of a chunk is copied. */
const chunk = Buffer.allocUnsafe(256 * 1024);

/** The text of a frame lies between `start` and `end`, only until the listener returns. */
export type OnText = (bytes: Buffer, start: number, end: number, line: Line) => void;

export class Line {
	readonly #socket: Socket;
	#rest: Buffer | null = null;
	#isOpen = false;
	#onText: OnText = () => {};

	private constructor(port: number, path: string, opened: (err?: Error) => void) {
		this.#socket = connect({
			host: "127.0.0.1",
			port,
			noDelay: true,
			onread: {
				buffer: chunk,
				callback: (size, bytes) => {
					const read = (bytes as Buffer).subarray(0, size);
					if (this.#isOpen) this.#take(read);
					else this.#handshake(read, opened);
					return true;
				},
			},
		});
		this.#socket.on("error", opened);
		this.#socket.on("connect", () => {
			const key = randomBytes(16).toString("base64");
			this.#socket.write(
				`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
					`Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
			);
		});
	}

	/** Resolves once the server speaks websocket. */
	static open(port: number, path: string, onText: OnText): Promise<Line> {
		return new Promise((resolve, reject) => {
			const line = new Line(port, path, err => (err ? reject(err) : resolve(line)));
			line.#onText = onText;
		});
	}

	set onText(listener: OnText) {
		this.#onText = listener;
	}

	send(text: string): void {
		this.#socket.write(frame(TEXT, text));
	}

	/** Without a farewell. */
	close(): void {
		this.#socket.destroy();
	}

	#handshake(read: Buffer, opened: (err?: Error) => void): void {
		const bytes = this.#rest ? Buffer.concat([this.#rest, read]) : Buffer.from(read);
		const end = bytes.indexOf("\r\n\r\n");
		if (end === -1) {
			this.#rest = bytes;
			return;
		}
		this.#rest = null;
		if (!bytes.subarray(0, 12).equals(Buffer.from("HTTP/1.1 101"))) {
			opened(new Error(`No websocket: ${bytes.subarray(0, bytes.indexOf("\r\n"))}`));
			return;
		}
		this.#isOpen = true;
		opened();
		if (end + 4 < bytes.length) this.#take(bytes.subarray(end + 4));
	}

	#take(read: Buffer): void {
		const bytes = this.#rest ? Buffer.concat([this.#rest, read]) : read;
		this.#rest = null;
		let at = 0;
		while (at + 2 <= bytes.length) {
			let length = (bytes[at + 1] as number) & 0x7f;
			let start = at + 2;
			if (length === 126) {
				if (start + 2 > bytes.length) break;
				length = bytes.readUInt16BE(start);
				start += 2;
			} else if (length === 127) {
				if (start + 8 > bytes.length) break;
				length = Number(bytes.readBigUInt64BE(start));
				start += 8;
			}
			const end = start + length;
			if (end > bytes.length) break;
			if (bytes[at] === TEXT) this.#onText(bytes, start, end, this);
			else if (bytes[at] === 0x89) this.#socket.write(frame(PONG, ""));
			at = end;
		}
		if (at < bytes.length) this.#rest = Buffer.from(bytes.subarray(at));
	}
}

function frame(kind: number, text: string): Buffer {
	const length = Buffer.byteLength(text);
	if (length > 0xffff) throw new Error("A benchmark's message is shorter than 64 KiB.");
	const header = length < 126 ? 2 : 4;
	const bytes = Buffer.alloc(header + KEY_BYTES + length);
	bytes[0] = kind;
	if (length < 126) bytes[1] = MASKED | length;
	else {
		bytes[1] = MASKED | 126;
		bytes.writeUInt16BE(length, 2);
	}
	bytes.write(text, header + KEY_BYTES);
	return bytes;
}
