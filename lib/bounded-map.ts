/** A Map that forgets what was set or touched longest ago once it is full. */
export class BoundedMap<K, V> {
	readonly #map = new Map<K, V>();
	readonly #max: number;

	constructor(max: number) {
		this.#max = max;
	}

	get size(): number {
		return this.#map.size;
	}

	get(key: K): V | undefined {
		return this.#map.get(key);
	}

	/** Sets it, as the newest. */
	set(key: K, value: V): void {
		this.#map.delete(key);
		this.#map.set(key, value);
		if (this.#map.size > this.#max) this.#map.delete(this.#map.keys().next().value as K);
	}

	delete(key: K): void {
		this.#map.delete(key);
	}

	entries(): IterableIterator<[K, V]> {
		return this.#map.entries();
	}

	clear(): void {
		this.#map.clear();
	}
}
