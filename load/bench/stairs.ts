/** How much a server carries: the rate is stepped up until something is lost or late, and the last good one repeated. */
import { type Result, wrongCounts } from "./tally.ts";

/** The p99 of delivery that is still good, in ms. */
export const P99_MAX_MS = 200;
/** Of what was to be sent, what the driver must have sent. */
const KEPT_UP = 0.97;
const STEP_UP = 1.25;
/** Below this p99 two steps are taken at once, up to what has once been too much. */
const EASY_P99_MS = P99_MAX_MS / 2;
const STEP_DOWN = 1.6;
const STEPS_MAX = 18;
/** One stall of a neighbour's ends a step, and is no limit of the server's: a rate is too high that failed so often in a row. */
const TRIES = 3;
const PAUSE_MS = 300;

export interface Climb<T extends Result> {
	/** The highest rate that was good twice; the worse of the two. Null where none was. */
	best: T | null;
	/** At half of that rate. */
	half: T | null;
	/** All that was tried. */
	steps: T[];
}

/** Who makes a step. */
export interface Runner<T extends Result> {
	/** @param rate messages a second */
	run(rate: number, seconds: number): Promise<T>;
}

type Heard<T> = (result: T, good: boolean) => void;

const isGood = (result: Result): boolean =>
	wrongCounts(result).length === 0 && result.p99 < P99_MAX_MS && result.sent >= result.wanted * KEPT_UP;

/** One rate alone. */
export async function stay<T extends Result>(
	crowd: Runner<T>,
	rate: number,
	seconds: number,
	heard: Heard<T>,
): Promise<Climb<T>> {
	const result = await crowd.run(rate, seconds);
	heard(result, isGood(result));
	return { best: isGood(result) ? result : null, half: null, steps: [result] };
}

/** @param from messages a second that the first step offers @param pauseMs between two steps */
export async function climb<T extends Result>(
	crowd: Runner<T>,
	from: number,
	seconds: number,
	heard: Heard<T>,
	pauseMs = PAUSE_MS,
): Promise<Climb<T>> {
	const steps: T[] = [];
	let tooMuch = Number.POSITIVE_INFINITY;
	const once = async (rate: number): Promise<T | null> => {
		const result = await crowd.run(Math.round(rate), seconds);
		await new Promise(done => setTimeout(done, pauseMs));
		steps.push(result);
		heard(result, isGood(result));
		if (isGood(result)) return result;
		tooMuch = Math.min(tooMuch, result.offered);
		return null;
	};
	const at = async (rate: number): Promise<T | null> => {
		for (let tries = 0; tries < TRIES; tries++) {
			const good = await once(rate);
			if (good) return good;
		}
		return null;
	};
	let good = await once(from);
	while (!good && steps.length < STEPS_MAX) good = await once((steps.at(-1) as T).offered / STEP_DOWN);
	const goods: T[] = [];
	while (good) {
		goods.push(good);
		const { offered, p99 }: T = good;
		const two = offered * STEP_UP ** 2;
		good = steps.length < STEPS_MAX && p99 < EASY_P99_MS && two < tooMuch ? await once(two) : null;
		good ??= steps.length < STEPS_MAX ? await at(offered * STEP_UP) : null;
	}
	let best: T | null = null;
	while (!best && steps.length < STEPS_MAX + 3 * TRIES) {
		const first = goods.pop();
		if (!first) break;
		const again = await at(first.offered);
		if (again) best = again.p99 > first.p99 ? again : first;
	}
	const half = best ? await at(best.offered / 2) : null;
	return { best, half, steps };
}
