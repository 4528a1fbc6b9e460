/** Who should have heard what, and what they did hear: loss, repeats, order, delay. */
import type { Delivered } from "./client.ts";

export interface Result {
	sent: number;
	acknowledged: number;
	refused: number;
	expected: number;
	delivered: number;
	lost: number;
	doubled: number;
	misordered: number;
	/** Milliseconds from sending to delivery. */
	p50: number;
	p95: number;
	p99: number;
	seconds: number;
}

/** At most so many delays are kept; beyond, each further one takes a random place (reservoir sampling). */
const SAMPLE_MAX = 200_000;

export class Tally {
	#sent = 0;
	#acknowledged = 0;
	#refused = 0;
	#delivered = 0;
	#doubled = 0;
	#misordered = 0;
	readonly #delays: number[] = [];
	/** Per client and chat: the highest `seq` heard. */
	readonly #heard: Map<string, number>[];
	readonly #startedAt = performance.now();

	constructor(clients: number) {
		this.#heard = Array.from({ length: clients }, () => new Map());
	}

	get inFlight(): number {
		return this.#sent - this.#acknowledged - this.#refused;
	}

	get deliveredSoFar(): number {
		return this.#delivered;
	}

	get acknowledgedSoFar(): number {
		return this.#acknowledged;
	}

	sent(): void {
		this.#sent++;
	}

	answered(ok: boolean): void {
		if (ok) this.#acknowledged++;
		else this.#refused++;
	}

	/** The content begins with the time of sending, on this process's own clock. */
	heard(client: number, { chatId, seq, content }: Delivered): void {
		const marks = this.#heard[client] as Map<string, number>;
		const last = marks.get(chatId) ?? 0;
		if (seq === last) this.#doubled++;
		else if (seq < last) this.#misordered++;
		else marks.set(chatId, seq);
		this.#delivered++;
		const delay = performance.now() - Number.parseFloat(content);
		if (this.#delays.length < SAMPLE_MAX) this.#delays.push(delay);
		else if (Math.random() < SAMPLE_MAX / this.#delivered)
			this.#delays[Math.floor(Math.random() * SAMPLE_MAX)] = delay;
	}

	/** @param audience how many clients should hear each message */
	result(audience: number): Result {
		const delays = this.#delays.sort((a, b) => a - b);
		const at = (share: number) =>
			delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? Number.NaN;
		const expected = this.#acknowledged * audience;
		return {
			sent: this.#sent,
			acknowledged: this.#acknowledged,
			refused: this.#refused,
			expected,
			delivered: this.#delivered,
			lost: Math.max(0, expected - (this.#delivered - this.#doubled)),
			doubled: this.#doubled,
			misordered: this.#misordered,
			p50: at(0.5),
			p95: at(0.95),
			p99: at(0.99),
			seconds: (performance.now() - this.#startedAt) / 1_000,
		};
	}
}
