/** The two doors, asked over connections that stay open. */
import { Agent, request } from "node:http";
import type { Line } from "../stage/line.ts";
import { helloWith, signIn } from "../stage/sign-in.ts";

export interface Answer {
	/** On the clock of `performance.now()`: when its last byte was there. */
	at: number;
	text: string;
	isOk: boolean;
}

/** REST over so many connections; what finds none free waits, and that counts. */
export class Rest {
	readonly #agent: Agent;
	readonly #url: URL;

	constructor(url: string, connections: number) {
		this.#url = new URL(url);
		this.#agent = new Agent({ keepAlive: true, maxSockets: connections, scheduling: "fifo" });
	}

	get(path: string, token: string): Promise<Answer> {
		const { hostname: host, port } = this.#url;
		return new Promise((resolve, reject) => {
			const headers = { authorization: `Bearer ${token}` };
			request({ agent: this.#agent, host, port, path: `/api${path}`, headers }, res => {
				const chunks: Buffer[] = [];
				res.on("data", chunk => chunks.push(chunk as Buffer));
				res.on("error", reject);
				res.on("end", () => {
					const at = performance.now();
					resolve({ at, text: Buffer.concat(chunks).toString(), isOk: res.statusCode === 200 });
				});
			})
				.on("error", reject)
				.end();
		});
	}

	close(): void {
		this.#agent.destroy();
	}
}

/** Sockets that are signed in and take turns. */
export class Sockets {
	readonly #lines: Line[];
	readonly #waiting = new Map<number, (answer: Answer) => void>();
	#asked = 0;

	private constructor(lines: Line[]) {
		this.#lines = lines;
	}

	/** One for each token. */
	static async open(url: string, tokens: readonly string[]): Promise<Sockets> {
		const sockets = new Sockets([]);
		for (const token of tokens) sockets.#lines.push(await sockets.#connect(url, token));
		return sockets;
	}

	ask(event: string, payload: object): Promise<Answer> {
		const id = this.#asked++;
		return new Promise(resolve => {
			this.#waiting.set(id, resolve);
			this.#lines[id % this.#lines.length]?.send(`42${id}${JSON.stringify([event, payload])}`);
		});
	}

	close(): void {
		for (const line of this.#lines) line.close();
	}

	#connect(url: string, token: string): Promise<Line> {
		return signIn(Number(new URL(url).port), helloWith({ token }), (bytes, start, end, line) => {
			const text = bytes.toString("utf8", start, end);
			if (text === "2") line.send("3");
			else if (text.startsWith("43")) this.#answer(text);
		});
	}

	/** `43<id>[<answer>]` */
	#answer(text: string): void {
		const at = performance.now();
		const open = text.indexOf("[");
		const id = Number(text.slice(2, open));
		const answer = text.slice(open + 1, -1);
		this.#waiting.get(id)?.({ at, text: answer, isOk: answer.startsWith('{"status":"ok"') });
		this.#waiting.delete(id);
	}
}
