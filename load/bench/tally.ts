/** Who should have heard what, and what they did hear: loss, repeats, order, delay. */
import { Delays } from "../stage/delays.ts";
import { type Marker, now } from "./marker.ts";

export interface Result {
	/** Messages a second. */
	offered: number;
	/** Messages that were to be sent, and that were. */
	wanted: number;
	sent: number;
	acknowledged: number;
	refused: number;
	/** Messages whose answer never came, where there are answers. */
	unanswered: number;
	/** Deliveries in all. */
	delivered: number;
	/** Deliveries of acknowledged messages that never came; of all that was sent, where nothing is acknowledged. */
	lost: number;
	doubled: number;
	/** Deliveries out of their sender's order, and members who heard their room in another order than the first. */
	misordered: number;
	/** Milliseconds from sending to delivery. */
	p50: number;
	p99: number;
	/** From the first send to the last delivery. */
	seconds: number;
}

/** What a run of the crowd did wrong, in words. */
export const wrongOf = (label: string, result: Result): string[] =>
	wrongCounts(result).map(count => `${label}: ${count}`);

export function wrongCounts({ lost, doubled, misordered, refused, unanswered }: Result): string[] {
	return Object.entries({ lost, doubled, misordered, refused, unanswered })
		.filter(([, count]) => count > 0)
		.map(([what, count]) => `${count} ${what}`);
}

/**
 * Whether a promise was broken that no rate excuses: a server that is offered too much may be late, and may refuse, but
 * what it has stored and acknowledged is heard by all.
 * @param stores whether it promises that
 */
export const isBroken = ({ doubled, misordered, lost }: Result, stores: boolean): boolean =>
	doubled + misordered > 0 || (stores && lost > 0);

const SENT_FIRST = 1;
const NUMBERS_MAX = 1e9;

/** One number for what a client sent. */
const nameOf = (client: number, number: number): number => client * NUMBERS_MAX + number;

export class Tally {
	readonly #members: number;
	readonly #beganMicros = now();
	/** For each client and sender of its room, the number that comes next. */
	readonly #next: Int32Array;
	/** What a sender was refused: nobody hears it, and it is missing in nobody's order. */
	readonly #refusedOnes = new Set<number>();
	/** What some member had not heard when it heard something later of the same sender. */
	readonly #leftOut: number[] = [];
	/** For each client, all that it heard in the order of hearing, as one number. */
	readonly #order: Int32Array;
	readonly #delays = new Delays();
	readonly #sentBy: Int32Array;
	#sent = 0;
	#acknowledged = 0;
	#refused = 0;
	#delivered = 0;
	#doubled = 0;
	#firstMicros = 0;
	#lastMicros = 0;

	/** @param members of each room; client i is in room i / members */
	constructor(clients: number, members: number) {
		this.#members = members;
		this.#next = new Int32Array(clients * members).fill(SENT_FIRST);
		this.#order = new Int32Array(clients);
		this.#sentBy = new Int32Array(clients);
	}

	get delivered(): number {
		return this.#delivered;
	}

	get sentSoFar(): number {
		return this.#sent;
	}

	get refused(): number {
		return this.#refused;
	}

	get answered(): number {
		return this.#acknowledged + this.#refused;
	}

	/** The number of what a client sends now. */
	sends(client: number, micros: number): number {
		if (this.#sent++ === 0) this.#firstMicros = micros;
		this.#sentBy[client] = (this.#sentBy[client] as number) + 1;
		return this.#sentBy[client] as number;
	}

	/** @param number what `sends` gave for it */
	answers(client: number, number: number, isOk: boolean): void {
		if (isOk) this.#acknowledged++;
		else {
			this.#refused++;
			this.#refusedOnes.add(nameOf(client, number));
		}
	}

	/** What was sent before this tally began is another's. */
	hears(client: number, { sender, number, micros }: Marker, at: number): void {
		if (micros < this.#beganMicros) return;
		const place = client * this.#members + sender;
		const next = this.#next[place] as number;
		// Of a sender, a lower number than the next was heard before, a higher one has overtaken.
		if (number < next) this.#doubled++;
		else {
			const from = client - (client % this.#members) + sender;
			for (let missed = next; missed < number; missed++) this.#leftOut.push(nameOf(from, missed));
			this.#next[place] = number + 1;
		}
		this.#order[client] = (Math.imul(this.#order[client] as number, 31) + number * 64 + sender) | 0;
		this.#delivered++;
		this.#lastMicros = at;
		this.#delays.add((at - micros) / 1_000);
	}

	/** Each room's members hear the same in the same order, where all hear all. */
	#roomsDisagree(): number {
		let wrong = 0;
		for (let client = 0; client < this.#order.length; client++) {
			const first = client - (client % this.#members);
			if (this.#order[client] !== this.#order[first]) wrong++;
		}
		return wrong;
	}

	/** @param hasAcks where none comes, all that was sent is to be delivered */
	result(offered: number, sendSeconds: number, hasAcks: boolean): Result {
		const toHear = (hasAcks ? this.#acknowledged : this.#sent) * this.#members;
		const lost = Math.max(0, toHear - (this.#delivered - this.#doubled));
		const overtaken = this.#leftOut.filter(name => !this.#refusedOnes.has(name)).length;
		return {
			offered,
			wanted: Math.floor(offered * sendSeconds),
			sent: this.#sent,
			acknowledged: this.#acknowledged,
			refused: this.#refused,
			unanswered: hasAcks ? this.#sent - this.answered : 0,
			delivered: this.#delivered,
			lost,
			doubled: this.#doubled,
			misordered: overtaken + (lost === 0 ? this.#roomsDisagree() : 0),
			p50: this.#delays.quantile(0.5),
			p99: this.#delays.quantile(0.99),
			seconds: (this.#lastMicros - this.#firstMicros) / 1e6,
		};
	}
}
