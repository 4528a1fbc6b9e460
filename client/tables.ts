/** Maps, with what platforms older than ES2024 lack or what several parts need. */

/** In the order of the items. */
export function groupBy<K, T>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
	const groups = new Map<K, T[]>();
	for (const item of items) entryOf(groups, keyOf(item), () => []).push(item);
	return groups;
}

/** What stands under a key, made where nothing does. */
export function entryOf<K, T>(entries: Map<K, T>, key: K, make: () => T): T {
	const found = entries.get(key) ?? make();
	entries.set(key, found);
	return found;
}

/** Forgets the oldest entries beyond `max` that nobody needs. */
export function evict<T>(entries: Map<string, T>, max: number, isNeeded?: (entry: T) => boolean): void {
	for (const [key, entry] of entries) {
		if (entries.size <= max) return;
		if (!isNeeded?.(entry)) entries.delete(key);
	}
}
