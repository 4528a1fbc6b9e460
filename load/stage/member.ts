/** A user with one connection, on a line that costs next to nothing: signs in, asks, keeps alive, hears. */
import type { Line } from "./line.ts";
import { helloWith, signIn } from "./sign-in.ts";

const HEARTBEAT_MS = 20_000;
const ANSWER_MS = 30_000;
const [TWO, THREE, FOUR, OPENING, QUOTE] = Buffer.from(`234["`);
const SEQ = Buffer.from(`"seq":`);
const MARK = 0x7e; // ~, which nothing else in an event holds
const DIGITS = 9;

/** A message that somebody hears. */
export interface Heard {
	/** What `markOf` was given; -1 where the message has none. */
	number: number;
	seq: number;
}

/** Told of each durable `message`, and of other events by name with the text that they came in. */
export interface Ears {
	message(heard: Heard, member: Member): void;
	other?(name: string, text: string, member: Member): void;
}

/** The content of a message that `Heard.number` knows again: 128 bytes. */
export const markOf = (number: number): string => `~${String(number).padStart(DIGITS, "0")}`.padEnd(128, "x");

const heard: Heard = { number: -1, seq: 0 };

export class Member {
	readonly user: number;
	/** The last place heard of each chat; the ledger's. */
	readonly places = new Map<number, number>();
	readonly #ears: Ears;
	readonly #waiting = new Map<number, (text: string) => void>();
	#line: Line | null = null;
	#nextAck = 0;
	#beat: NodeJS.Timeout | undefined;

	private constructor(user: number, ears: Ears) {
		this.user = user;
		this.#ears = ears;
	}

	/** Resolves once the server has taken the token. @throws where it refuses */
	static async connect(port: number, user: number, token: string, ears: Ears): Promise<Member> {
		const member = new Member(user, ears);
		member.#line = await signIn(port, helloWith({ token }), (...frame) => member.#hears(...frame));
		return member;
	}

	/** Sends heartbeats as clients do. @param phase from 0 to 1, so that not all do it at once */
	keepAlive(phase: number): void {
		const beat = () => this.#line?.send(`42${this.#nextAck++}["heartbeat",{}]`);
		this.#beat = setTimeout(() => {
			beat();
			this.#beat = setInterval(beat, HEARTBEAT_MS);
		}, phase * HEARTBEAT_MS);
	}

	/** @returns the acknowledgement's text. @throws where there is none in time, or it is an error */
	ask(event: string, payload: object): Promise<string> {
		const id = this.#nextAck++;
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => {
				this.#waiting.delete(id);
				reject(new Error(`no answer to ${event}`));
			}, ANSWER_MS);
			this.#waiting.set(id, text => {
				clearTimeout(timer);
				if (text.includes(`"status":"ok"`)) resolve(text);
				else reject(new Error(`${event}: ${text.slice(0, 200)}`));
			});
			this.#line?.send(`42${id}${JSON.stringify([event, payload])}`);
		});
	}

	close(): void {
		clearTimeout(this.#beat);
		this.#line?.close();
	}

	#hears(bytes: Buffer, start: number, end: number, line: Line): void {
		if (bytes[start] === TWO) line.send("3");
		else if (bytes[start] !== FOUR) return;
		else if (bytes[start + 1] === THREE) this.#answered(bytes, start, end);
		else if (bytes[start + 1] === TWO) this.#event(bytes, start, end);
	}

	#answered(bytes: Buffer, start: number, end: number): void {
		if (this.#waiting.size === 0) return;
		const opening = bytes.indexOf(OPENING as number, start);
		const id = Number(bytes.toString("latin1", start + 2, opening));
		const answer = this.#waiting.get(id);
		if (!answer) return; // a heartbeat's
		this.#waiting.delete(id);
		answer(bytes.toString("utf8", opening, end));
	}

	/** `42["message",{…}]`: read where it lies. */
	#event(bytes: Buffer, start: number, end: number): void {
		const closing = bytes.indexOf(QUOTE as number, start + 4);
		if (closing - start - 4 !== "message".length || bytes[start + 4] !== 0x6d) {
			this.#ears.other?.(
				bytes.toString("latin1", start + 4, closing),
				bytes.toString("latin1", start, end),
				this,
			);
			return;
		}
		const seq = bytes.indexOf(SEQ, closing);
		heard.seq = seq === -1 || seq >= end ? -1 : numberAt(bytes, seq + SEQ.length, end);
		const mark = bytes.indexOf(MARK, closing);
		heard.number = mark === -1 || mark >= end ? -1 : numberAt(bytes, mark + 1, mark + 1 + DIGITS);
		this.#ears.message(heard, this);
	}
}

function numberAt(bytes: Buffer, from: number, end: number): number {
	let value = 0;
	for (let at = from; at < end; at++) {
		const digit = (bytes[at] as number) - 48;
		if (digit < 0 || digit > 9) break;
		value = value * 10 + digit;
	}
	return value;
}
