/** A value that components follow; the app's own few states. */
import { useCallback, useSyncExternalStore } from "react";

export interface Store<T> {
	get(): T;
	set(next: T): void;
	subscribe(listener: () => void): () => void;
}

export function createStore<T>(first: T): Store<T> {
	let value = first;
	const listeners = new Set<() => void>();
	return {
		get: () => value,
		set(next) {
			if (Object.is(next, value)) return;
			value = next;
			for (const listener of listeners) listener();
		},
		subscribe(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
}

/** Anything with `get` and `subscribe`: the app's stores and the SDK's snapshots. */
export function useValue<T>(source: Pick<Store<T>, "get" | "subscribe">): T {
	const subscribe = useCallback((changed: () => void) => source.subscribe(changed), [source]);
	const get = useCallback(() => source.get(), [source]);
	return useSyncExternalStore(subscribe, get);
}
