import { setTimeout as sleep } from "node:timers/promises";

interface Isolation<T> {
	attempt(items: T[]): Promise<void>;
	/** Whether the items are at fault, and not what they are handed to. */
	isOwnFault(err: unknown): boolean;
	/** What becomes of the one that is at fault. */
	bury(item: T, why: unknown): Promise<void>;
	triesMax: number;
	pauseMs: number;
}

/**
 * Handles items in order. Where some are at fault they are halved until each of those stands alone, is tried a few
 * times more, and is buried: the others do not wait. Any other error ends it.
 */
export async function isolate<T>(items: T[], how: Isolation<T>): Promise<void> {
	for (let tries = 1; items.length > 0; tries++) {
		try {
			return await how.attempt(items);
		} catch (err) {
			if (!how.isOwnFault(err)) throw err;
			if (items.length > 1) {
				const half = Math.ceil(items.length / 2);
				await isolate(items.slice(0, half), how);
				return await isolate(items.slice(half), how);
			}
			if (tries >= how.triesMax) return await how.bury(items[0] as T, err);
			await sleep(how.pauseMs * tries);
		}
	}
}
