import { unavailable } from "./errors.ts";

/** What became of one item of a batch. */
export type Outcome<Result> = { value: Result } | { error: unknown };

export interface BatcherOptions<Item, Result> {
	/** Gives one outcome for each item, in their order. What it throws becomes of all of them. */
	run(items: Item[]): Promise<Outcome<Result>[]>;
	/** Items that run together at most. */
	batchMax: number;
	/** Items that wait at most; one more is UNAVAILABLE at once. */
	queueMax: number;
	/** How long after the start of a batch the next one may start, in ms, unless it is full; without it, at once. */
	gatherMs?: () => number;
	/** All batches ask the same server: who waits behind one that it was slow to fail hears the same at once. */
	failsTogether?: boolean;
	/** Once items wait longer than this, in ms, batch after batch, one more is UNAVAILABLE at once; without it, none is. */
	waitMaxMs?: number;
}

/** What failed after so long was waiting for somebody who does not answer. */
export const SLOW_FAILURE_MS = 1_000;

interface Waiting<Item, Result> {
	item: Item;
	since: number;
	resolve(result: Result): void;
	reject(err: unknown): void;
}

/**
 * Group commit: whatever gathers while one batch runs is the next batch. One is in flight, and the first of a row starts
 * with the turn of the event loop that follows: alone an item waits for nobody, and under load the batches grow by
 * themselves, and by the time that a busy process gives them.
 */
export class Batcher<Item, Result> {
	readonly #options: BatcherOptions<Item, Result>;
	#queue: Waiting<Item, Result>[] = [];
	#running = false;
	#startedAt = Number.NEGATIVE_INFINITY;
	#closed = false;
	/** Whether the first of the last batch had waited for too long. One that did is no overload: a process may stand still. */
	#wasLate = false;
	#whenIdle: (() => void)[] = [];

	constructor(options: BatcherOptions<Item, Result>) {
		this.#options = options;
	}

	/**
	 * Puts an item into the next batch.
	 * @throws UNAVAILABLE where the queue is full, too slow or closed; whatever became of the item else
	 */
	add(item: Item): Promise<Result> {
		const isFull = this.#queue.length >= this.#options.queueMax;
		if (this.#closed || isFull || (this.#wasLate && this.#isLate())) return Promise.reject(unavailable());
		return new Promise((resolve, reject) => {
			this.#queue.push({ item, since: performance.now(), resolve, reject });
			if (this.#running) return;
			this.#running = true;
			this.#next();
		});
	}

	/** Takes nothing more, and waits for what was taken. */
	async close(): Promise<void> {
		this.#closed = true;
		if (this.#running) await new Promise<void>(resolve => this.#whenIdle.push(resolve));
	}

	#isLate(): boolean {
		const { waitMaxMs = Number.POSITIVE_INFINITY } = this.#options;
		const [first] = this.#queue;
		return first !== undefined && performance.now() - first.since > waitMaxMs;
	}

	#next(): void {
		const { gatherMs, batchMax } = this.#options;
		const wait = this.#startedAt + (gatherMs?.() ?? 0) - performance.now();
		if (wait < 1 || this.#closed || this.#queue.length >= batchMax) setImmediate(() => this.#turn());
		else setTimeout(() => this.#turn(), wait);
	}

	async #turn(): Promise<void> {
		this.#startedAt = performance.now();
		this.#wasLate = this.#isLate();
		await this.#run(this.#queue.splice(0, this.#options.batchMax));
		if (this.#queue.length > 0) return this.#next();
		this.#running = false;
		for (const idle of this.#whenIdle.splice(0)) idle();
	}

	async #run(batch: Waiting<Item, Result>[]): Promise<void> {
		let outcomes: Outcome<Result>[];
		const startedAt = performance.now();
		try {
			outcomes = await this.#options.run(batch.map(({ item }) => item));
		} catch (error) {
			outcomes = batch.map(() => ({ error }));
			if (this.#options.failsTogether && performance.now() - startedAt > SLOW_FAILURE_MS)
				for (const { reject } of this.#queue.splice(0)) reject(error);
		}
		for (const [i, { resolve, reject }] of batch.entries()) {
			const outcome = outcomes[i] ?? { error: new Error("A batch lost one of its items.") };
			if ("value" in outcome) resolve(outcome.value);
			else reject(outcome.error);
		}
	}
}
