/**
 * A Map of at most `max` entries: of those set since, the newest half at least. It is two Maps, and the older one goes
 * whole, since a Map from which something is deleted for each thing that comes in keeps all that it held from being
 * collected young: see `InFlight`.
 */
export class BoundedMap<K, V> {
	readonly #halfMax: number;
	#newer = new Map<K, V>();
	#older = new Map<K, V>();
	#added = 0;

	constructor(max: number) {
		this.#halfMax = Math.max(1, Math.floor(max / 2));
	}

	get(key: K): V | undefined {
		return this.#newer.get(key) ?? this.#older.get(key);
	}

	/** Sets it, as the newest. */
	set(key: K, value: V): void {
		if (!this.#newer.has(key) && ++this.#added > this.#halfMax) {
			this.#older = this.#newer;
			this.#newer = new Map();
			this.#added = 1;
		}
		this.#newer.set(key, value);
	}

	delete(key: K): void {
		this.#newer.delete(key);
		this.#older.delete(key);
	}

	*entries(): Generator<[K, V]> {
		yield* this.#newer;
		for (const entry of this.#older) if (!this.#newer.has(entry[0])) yield entry;
	}

	clear(): void {
		this.#newer.clear();
		this.#older.clear();
	}
}
