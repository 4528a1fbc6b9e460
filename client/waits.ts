/** Waiting: for one's turn, for a better moment, for somebody else. */
import type { Times } from "./api.ts";
import { mayPass, type ParleyError } from "./errors.ts";

export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));

/** In ms: longer after each try, at random, and not less than the server asks for. */
export function waitMs(times: Times, tries: number, { retryAfter }: ParleyError): number {
	const { retryMinMs, retryMaxMs } = times;
	const ms = Math.min(retryMaxMs, retryMinMs * 2 ** tries) * (0.5 + Math.random() / 2);
	return Math.max(ms, (retryAfter ?? 0) * 1_000);
}

/** Asks again what may pass, while it is wanted. The question must be one that can be repeated. */
export async function insist<T>(
	times: Times,
	ask: () => Promise<T>,
	isWanted: (tries: number) => boolean,
): Promise<T> {
	for (let tries = 0; ; tries++) {
		try {
			return await ask();
		} catch (err) {
			if (!mayPass(err)) throw err;
			await sleep(waitMs(times, tries, err as ParleyError));
			if (!isWanted(tries + 1)) throw err;
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
