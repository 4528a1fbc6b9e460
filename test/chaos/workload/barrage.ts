/** Sends on raw sockets, as many a second as are wanted and whatever is answered, and notes what became of each. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Line } from "../../../load/stage/line.ts";
import { helloWith, messageWith, signIn } from "../../../load/stage/sign-in.ts";
import { inTurns } from "../../../load/stage/turns.ts";
import type { Operation } from "../../support/record.ts";
import type { Ack } from "../../support/socket.ts";
import { mayHaveHappened } from "./bare.ts";

export interface Shot extends Operation {
	/** As `performance.now()`: when it was to be sent. */
	at: number;
	/** Until its answer; null while there is none. */
	ms: number | null;
	/** Of a refusal. */
	code?: string;
	retryAfter?: number;
}

interface Sender {
	token: string;
	chatId: string;
}

const CONNECTS_AT_ONCE = 32;
const STEP_MS = 5;
/** Of a second: what is counted before it only warms up. */
const WARM_SHARE = 0.3;

export class Barrage {
	readonly shots: Shot[] = [];
	readonly #senders: readonly Sender[];
	readonly #lines: Line[] = [];
	#answered = 0;

	private constructor(senders: readonly Sender[]) {
		this.#senders = senders;
	}

	/** A connection for each sender, to the node at that port. */
	static async on(port: number, senders: readonly Sender[]): Promise<Barrage> {
		const barrage = new Barrage(senders);
		await inTurns(
			senders,
			async ({ token }, n) => {
				const take = (bytes: Buffer, start: number, end: number, line: Line) =>
					barrage.#take(bytes.toString("utf8", start, end), line);
				barrage.#lines[n] = await signIn(port, helloWith({ token }), take);
			},
			CONNECTS_AT_ONCE,
		);
		return barrage;
	}

	/** Keeps so many under way. @returns how many were acknowledged a second */
	async saturate(underWay: number, seconds: number): Promise<number> {
		const from = performance.now();
		await this.#run(seconds, () => this.#answered + underWay);
		const warmAt = from + seconds * 1_000 * WARM_SHARE;
		const counted = this.shots.filter(
			({ at, ms, outcome }) => outcome === "ok" && at + (ms ?? 0) > warmAt && at >= from,
		);
		return counted.length / (seconds * (1 - WARM_SHARE));
	}

	/** Sends so many a second, whatever is answered. @returns what was sent */
	async fire(rate: number, seconds: number): Promise<readonly Shot[]> {
		const first = this.shots.length;
		await this.#run(seconds, elapsed => first + Math.floor(elapsed * rate));
		return this.shots.slice(first);
	}

	/** Waits for answers, at most so long. */
	async settle(withinMs: number): Promise<void> {
		const deadline = performance.now() + withinMs;
		while (this.#answered < this.shots.length && performance.now() < deadline) await sleep(STEP_MS);
	}

	end(): void {
		for (const line of this.#lines) line.close();
	}

	/** @param due how many are to have been sent by now, of all that ever were; `elapsed` is in seconds */
	async #run(seconds: number, due: (elapsed: number) => number): Promise<void> {
		const startedAt = performance.now();
		for (;;) {
			const elapsed = (performance.now() - startedAt) / 1_000;
			if (elapsed >= seconds) return;
			for (let left = due(elapsed) - this.shots.length; left > 0; left--) this.#shoot();
			await sleep(STEP_MS);
		}
	}

	#shoot(): void {
		const number = this.shots.length;
		const n = number % this.#lines.length;
		const chatId = this.#senders[n]?.chatId ?? "";
		const clientId = randomUUID();
		this.shots.push({ chatId, clientId, outcome: "unknown", at: performance.now(), ms: null });
		this.#lines[n]?.send(messageWith(number, { chatId, clientId, content: `said ${clientId}` }));
	}

	#take(text: string, line: Line): void {
		if (text === "2") line.send("3"); // a ping
		const [, number, json] = /^43(\d+)(\[.*\])$/s.exec(text) ?? [];
		const shot = this.shots[Number(number)];
		if (!shot || !json || shot.ms !== null) return;
		shot.ms = performance.now() - shot.at;
		this.#answered++;
		const [{ status, code = "", details, message }] = JSON.parse(json) as [Ack];
		if (status === "ok") Object.assign(shot, { outcome: "ok", id: message.id, seq: message.seq });
		else {
			const outcome = mayHaveHappened(code) ? "unknown" : "failed";
			Object.assign(shot, { code, outcome, retryAfter: details?.retryAfter });
		}
	}
}
