/** Delays in buckets, each 2 % wider than the one before, from 10 µs on. */
const GROWTH = 1.02;
const FIRST_MS = 0.01;
const LOG_GROWTH = Math.log(GROWTH);
const BUCKETS = 900;

export class Delays {
	readonly #buckets = new Float64Array(BUCKETS);
	#count = 0;

	get count(): number {
		return this.#count;
	}

	add(ms: number): void {
		const bucket = Math.ceil(Math.log(Math.max(1, ms / FIRST_MS)) / LOG_GROWTH);
		const index = Math.min(BUCKETS - 1, bucket);
		this.#buckets[index] = (this.#buckets[index] as number) + 1;
		this.#count++;
	}

	/** Milliseconds; NaN where there are none. */
	quantile(share: number): number {
		let seen = 0;
		for (let i = 0; i < BUCKETS; i++) {
			seen += this.#buckets[i] as number;
			if (this.#count > 0 && seen >= this.#count * share) return FIRST_MS * GROWTH ** i;
		}
		return Number.NaN;
	}

	clear(): void {
		this.#buckets.fill(0);
		this.#count = 0;
	}
}
