import type { Readable } from "../api.ts";
import type { Store } from "../readable.ts";

/** A store seen from outside, which says when the first one begins to follow it and when the last one has gone. */
export function followed<T>(store: Store<T>, began: () => void, ended: () => void): Readable<T> {
	return {
		get: store.get,
		subscribe(listener) {
			const isFirst = !store.isFollowed;
			let end: (() => void) | null = store.subscribe(listener);
			if (isFirst) began();
			return () => {
				if (!end) return;
				end();
				end = null;
				if (!store.isFollowed) ended();
			};
		},
	};
}
