/**
 * An HTTP client on one kept connection that costs next to nothing: one request at a time, of its answer only the
 * status is read. It takes answers that say their length, as both servers' do.
 */
import { connect, type Socket } from "node:net";

const HEAD_END = "\r\n\r\n";
const LENGTH = "content-length: ";

export class HttpLine {
	readonly #socket: Socket;
	#waiting: { done: (status: number) => void; fail: (err: Error) => void } | null = null;
	#read = "";

	private constructor(socket: Socket) {
		this.#socket = socket;
		socket.setNoDelay(true);
		socket.on("data", chunk => this.#take(chunk.toString("latin1")));
		socket.on("error", err => this.#waiting?.fail(err));
		socket.on("close", () => this.#waiting?.fail(new Error("The server closed the connection.")));
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
		if (this.#read.length < headEnd + HEAD_END.length + Number.parseInt(head.slice(at + LENGTH.length), 10))
			return;
		const waiting = this.#waiting;
		this.#waiting = null;
		this.#read = "";
		waiting?.done(Number(head.slice(9, 12)));
	}
}
