import { useSyncExternalStore } from "react";

const MINUTE_MS = 60_000;

let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;
const listeners = new Set<() => void>();

/** The time, once a minute: so that "5 minutes ago" does not stay. One clock for all who ask. */
export function useNow(): number {
	return useSyncExternalStore(
		subscribe,
		() => now,
		() => now,
	);
}

function subscribe(listener: () => void): () => void {
	listeners.add(listener);
	now = Date.now();
	timer ??= setInterval(() => {
		now = Date.now();
		for (const each of listeners) each();
	}, MINUTE_MS);
	return () => {
		listeners.delete(listener);
		if (listeners.size > 0) return;
		clearInterval(timer);
		timer = undefined;
	};
}
