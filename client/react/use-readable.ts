import type { Readable } from "@parley/client";
import { useCallback, useRef, useSyncExternalStore } from "react";
import { isSame } from "./same.rules.ts";

/** The present snapshot of `readable`; the component is drawn again when it changes. */
export function useReadable<T>(readable: Readable<T>): T {
	const subscribe = useCallback((changed: () => void) => readable.subscribe(changed), [readable]);
	const snapshot = useCallback(() => readable.get(), [readable]);
	return useSyncExternalStore(subscribe, snapshot, snapshot);
}

/** Part of a snapshot: drawn again only when what `select` gives is another, one level deep. */
export function useSelected<T, Part>(readable: Readable<T>, select: (state: T) => Part): Part {
	const subscribe = useCallback((changed: () => void) => readable.subscribe(changed), [readable]);
	const last = useRef<Part | undefined>(undefined);
	const snapshot = () => {
		const next = select(readable.get());
		if (last.current === undefined || !isSame(last.current, next)) last.current = next;
		return last.current as Part;
	};
	return useSyncExternalStore(subscribe, snapshot, snapshot);
}

/** A `Readable` that never changes: for hooks that have nothing to follow. */
export function constant<T>(value: T): Readable<T> {
	return { get: () => value, subscribe: () => () => undefined };
}
