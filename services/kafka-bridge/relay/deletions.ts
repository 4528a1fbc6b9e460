/** Rows that are on Kafka and still in the outbox: deleted some at a time, while nobody waits. */
import type { OutboxPlace, OutboxStore } from "./outbox.store.ts";

const ROWS_MAX = 500;
const AFTER_MS = 250;
/** Beyond that publishing waits for PostgreSQL. */
const WAITING_MAX = 4_000;

export class Deletions {
	readonly #outbox: OutboxStore;
	#waiting: OutboxPlace[] = [];
	#since = 0;
	#running: Promise<void> | null = null;

	constructor(outbox: OutboxStore) {
		this.#outbox = outbox;
	}

	/** Ms until some are due; Infinity where none wait, or where others are being deleted first. */
	get dueInMs(): number {
		if (this.#waiting.length === 0 || this.#running) return Number.POSITIVE_INFINITY;
		return this.#since + AFTER_MS - performance.now();
	}

	add(places: readonly OutboxPlace[]): void {
		if (this.#waiting.length === 0) this.#since = performance.now();
		for (const place of places) this.#waiting.push(place);
	}

	/**
	 * Begins to delete where it is time to.
	 * @param failed told where it came to nothing: then the rows are still there, and come again
	 */
	async tend(failed: (err: unknown) => void): Promise<void> {
		const { length } = this.#waiting;
		if (length >= WAITING_MAX) await this.#running?.catch(() => {});
		if (!this.#running && length > 0 && (length >= ROWS_MAX || this.dueInMs <= 0))
			this.#begin().catch(failed);
	}

	/** Deletes all of them. Who reads the outbox next finds only what is not on Kafka. */
	async flush(): Promise<void> {
		await this.#running;
		if (this.#waiting.length > 0) await this.#begin();
	}

	#begin(): Promise<void> {
		const places = this.#waiting;
		this.#waiting = [];
		this.#running = this.#outbox.remove(places).finally(() => {
			this.#running = null;
		});
		return this.#running;
	}
}
