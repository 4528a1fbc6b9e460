import type { Readable } from "./api.ts";

/** Functions that are called one after another; one that throws is reported and stops neither the others nor the caller. */
export class Listeners<T extends unknown[]> {
	readonly #all = new Set<(...args: T) => void>();

	get size(): number {
		return this.#all.size;
	}

	/** The answer ends it. The same function may be added more than once, and is then called as often. */
	add(listener: (...args: T) => void): () => void {
		const own = (...args: T) => listener(...args);
		this.#all.add(own);
		return () => void this.#all.delete(own);
	}

	call(...args: T): void {
		for (const listener of [...this.#all]) {
			try {
				listener(...args);
			} catch (err) {
				console.error(err);
			}
		}
	}
}

/** A snapshot that is followed. What is set must not be changed afterwards. */
export class Store<T> implements Readable<T> {
	#value: T;
	readonly #listeners = new Listeners<[]>();

	constructor(value: T) {
		this.#value = value;
	}

	// Both are fields, so that they can be handed on without their object, as `useSyncExternalStore` wants them.
	readonly get = (): T => this.#value;

	readonly subscribe = (listener: () => void): (() => void) => this.#listeners.add(listener);

	/** Whether anybody follows it. */
	get isFollowed(): boolean {
		return this.#listeners.size > 0;
	}

	/** What says the same, one level deep, leaves the old object where it is, and calls nobody. */
	set(value: T): void {
		const next = same(this.#value, value);
		if (Object.is(next, this.#value)) return;
		this.#value = next;
		this.#listeners.call();
	}
}

/** A new object or list, or the old one where both say the same, one level deep. */
export function same<T>(old: T | undefined, next: T): T {
	if (typeof old !== "object" || typeof next !== "object" || !old || !next) return next;
	const keys = Object.keys(next) as (keyof T)[];
	const isSame = keys.length === Object.keys(old).length && keys.every(key => Object.is(next[key], old[key]));
	return isSame ? old : next;
}

/** Resolves when `holds` does, or rejects with what it throws. */
export function reached<T>(state: Readable<T>, holds: (value: T) => boolean): Promise<void> {
	return new Promise((resolve, reject) => {
		const look = () => {
			try {
				if (!holds(state.get())) return;
				resolve();
			} catch (err) {
				reject(err);
			}
			end();
		};
		const end = state.subscribe(look);
		look();
	});
}
