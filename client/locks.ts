import { entryOf } from "./tables.ts";
import { inTurn, type Turns } from "./waits.ts";

/** Locks within one page or process, for where the platform has none: work under one name runs one after another. */
export function localLock(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
	const turns = new Map<string, Turns>();
	return (name, work) => entryOf(turns, name, inTurn)(work);
}
