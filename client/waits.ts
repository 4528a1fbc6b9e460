/** Waiting: for one's turn, for a better moment, for somebody else. */
import type { Times } from "./api.ts";
import { ParleyError } from "./errors.ts";

export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

/** In ms: longer after each try, at random, and not less than the server asks for. */
export function waitMs(times: Times, tries: number, { retryAfter }: ParleyError): number {
	const { retryMinMs, retryMaxMs } = times;
	const ms = Math.min(retryMaxMs, retryMinMs * 2 ** tries) * (0.5 + Math.random() / 2);
	return Math.max(ms, (retryAfter ?? 0) * 1_000);
}

/** Asks again what may pass, while it is wanted after such a wait. The question must be one that can be repeated. */
export async function insist<T>(
	times: Times,
	ask: (tries: number) => Promise<T>,
	isWanted: (waitMs: number) => boolean,
): Promise<T> {
	for (let tries = 0; ; tries++) {
		try {
			return await ask(tries);
		} catch (err) {
			if (!(err instanceof ParleyError && err.retryable)) throw err;
			const wait = waitMs(times, tries, err);
			if (!isWanted(wait)) throw err;
			await sleep(wait);
		}
	}
}

/** Does one work after another, in the order of asking; one that fails stops nobody. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

export function inTurn(): Turns {
	let last: Promise<unknown> = Promise.resolve();
	return work => {
		const done = last.then(work);
		last = done.catch(() => {});
		return done;
	};
}

/** A promise that is kept from outside. */
export function promised<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
	let resolve: (value: T) => void = () => {};
	const promise = new Promise<T>(kept => {
		resolve = kept;
	});
	return { promise, resolve };
}
