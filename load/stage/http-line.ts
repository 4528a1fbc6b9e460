/**
 * An HTTP client on one kept connection that costs next to nothing: one request at a time, of its answer only the
 * status and the length are read. It takes answers that say their length, as all servers measured do.
 */
import { connect, type Socket } from "node:net";

const HEAD_END = "\r\n\r\n";
const LENGTH = "content-length: ";
const SILENT_MS = 30_000;

export class HttpLine {
	readonly #socket: Socket;
	#waiting: { done: (status: number) => void; fail: (err: Error) => void } | null = null;
	#read = "";
	#body = "";
	#isClosed = false;

	private constructor(socket: Socket) {
		this.#socket = socket;
		socket.setNoDelay(true);
		socket.on("data", chunk => this.#take(chunk.toString("latin1")));
		socket.setTimeout(SILENT_MS, () => socket.destroy(new Error("no answer over HTTP")));
		socket.on("error", err => this.#waiting?.fail(err));
		socket.on("close", () => {
			this.#isClosed = true;
			this.#waiting?.fail(new Error("The connection was closed."));
		});
	}

	static open(port: number): Promise<HttpLine> {
		return new Promise((resolve, reject) => {
			const socket = connect({ host: "127.0.0.1", port });
			socket.once("connect", () => resolve(new HttpLine(socket)));
			socket.once("error", reject);
		});
	}

	/** @returns the status */
	ask(request: string): Promise<number> {
		return new Promise((done, fail) => {
			this.#waiting = { done, fail };
			this.#socket.write(request);
		});
	}

	get isClosed(): boolean {
		return this.#isClosed;
	}

	/** Of the last answer, byte by byte (latin1). */
	get body(): string {
		return this.#body;
	}

	close(): void {
		this.#waiting = null;
		this.#socket.destroy();
	}

	#take(text: string): void {
		this.#read += text;
		const headEnd = this.#read.indexOf(HEAD_END);
		if (headEnd === -1) return;
		const head = this.#read.slice(0, headEnd).toLowerCase();
		const at = head.indexOf(LENGTH);
		if (at === -1) {
			this.#waiting?.fail(new Error(`An answer without a length: ${head}`));
			return;
		}
		const bodyAt = headEnd + HEAD_END.length;
		if (this.#read.length < bodyAt + Number.parseInt(head.slice(at + LENGTH.length), 10)) return;
		this.#body = this.#read.slice(bodyAt);
		const waiting = this.#waiting;
		this.#waiting = null;
		this.#read = "";
		waiting?.done(Number(head.slice(9, 12)));
	}
}
