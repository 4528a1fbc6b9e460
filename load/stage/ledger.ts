/** Who must hear which message, and who did: loss, repeats, order, delay. */
import type { Heard, Member } from "./member.ts";

/** Whoever has not heard a message so long after it was acknowledged has lost it. */
const LOST_AFTER_MS = 5_000;

/** What is told to whoever counts. */
export interface Counts {
	/** One member heard one message, so many ms after it was sent. */
	delivered(ms: number): void;
	/** So many members did not hear it in time. */
	lost(deliveries: number): void;
	/** A member heard a place of a chat again, or one before those that it had heard. */
	repeated(): void;
}

interface Flight {
	sentAt: number;
	left: number;
	/** Whoever waits for the end of it. */
	over: (() => void) | null;
}

export class Ledger {
	readonly #chats: number;
	readonly #counts: Counts;
	readonly #lostAfterMs: number;
	readonly #flights = new Map<number, Flight>();
	readonly #next: Int32Array;

	constructor(chats: number, counts: Counts, lostAfterMs = LOST_AFTER_MS) {
		this.#lostAfterMs = lostAfterMs;
		this.#chats = chats;
		this.#counts = counts;
		this.#next = new Int32Array(chats);
	}

	/** A number for the next message of a chat, which says the chat too. */
	numberFor(chat: number): number {
		const turn = this.#next[chat] as number;
		this.#next[chat] = turn + 1;
		return turn * this.#chats + chat;
	}

	/** Call it in the moment of sending: so many members are to hear it. */
	sends(number: number, listeners: number): void {
		this.#flights.set(number, { sentAt: performance.now(), left: listeners, over: null });
	}

	/** Call it when the message was acknowledged. Resolves when all have heard it, or it is too late for the others. */
	heard(number: number): Promise<void> {
		const flight = this.#flights.get(number);
		if (!flight) return Promise.resolve();
		return new Promise(resolve => {
			const timer = setTimeout(() => {
				this.#flights.delete(number);
				this.#counts.lost(flight.left);
				resolve();
			}, this.#lostAfterMs);
			flight.over = () => {
				clearTimeout(timer);
				resolve();
			};
		});
	}

	/** It was refused: nobody is to hear it. */
	forget(number: number): void {
		this.#flights.delete(number);
	}

	hears({ number, seq }: Heard, { places }: Member): void {
		if (number < 0) return;
		const chat = number % this.#chats;
		if (seq <= (places.get(chat) ?? 0)) {
			this.#counts.repeated();
			return;
		}
		places.set(chat, seq);
		const flight = this.#flights.get(number);
		if (!flight) return;
		this.#counts.delivered(performance.now() - flight.sentAt);
		if (--flight.left > 0) return;
		this.#flights.delete(number);
		flight.over?.();
	}
}
