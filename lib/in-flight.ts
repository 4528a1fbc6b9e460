/** After so many a new Map is begun, once the one before has nothing left. */
const ADDED_MAX = 64;

/**
 * What is under way, by key: a Map for things that come and go all the time.
 *
 * A plain Map would keep them. Where entries come and go it moves to a new table again and again, and each old table
 * points to the next one (an iterator may still be on its way through it). Once V8 has moved one of them to its old
 * generation, all tables after it survive each collection of the young one, though nobody can reach them, with all that
 * they held: whole requests with their answers. Here a Map lives for some dozens of entries only.
 */
export class InFlight<K, V> {
	#newer = new Map<K, V>();
	#older = new Map<K, V>();
	#added = 0;

	get size(): number {
		return this.#newer.size + this.#older.size;
	}

	get(key: K): V | undefined {
		return this.#newer.get(key) ?? this.#older.get(key);
	}

	has(key: K): boolean {
		return this.#newer.has(key) || this.#older.has(key);
	}

	set(key: K, value: V): this {
		if (this.#older.has(key)) {
			this.#older.set(key, value);
			return this;
		}
		if (++this.#added > ADDED_MAX && this.#older.size === 0) {
			this.#older = this.#newer;
			this.#newer = new Map();
			this.#added = 1;
		}
		this.#newer.set(key, value);
		return this;
	}

	delete(key: K): boolean {
		return this.#newer.delete(key) || this.#older.delete(key);
	}

	clear(): void {
		this.#newer.clear();
		this.#older.clear();
	}

	/** Those that came first are first, but for the moment when a new Map is begun. */
	*keys(): Generator<K> {
		yield* this.#older.keys();
		yield* this.#newer.keys();
	}

	*values(): Generator<V> {
		yield* this.#older.values();
		yield* this.#newer.values();
	}

	forEach(hear: (value: V, key: K) => void): void {
		for (const [key, value] of this.#older) hear(value, key);
		for (const [key, value] of this.#newer) hear(value, key);
	}
}
