/** How much a server carries: the rate is stepped up until something is lost or late, and the last good one repeated. */
import type { Crowd } from "./crowd.ts";
import type { Result } from "./tally.ts";

/** The p99 of delivery that is still good, in ms. */
export const P99_MAX_MS = 200;
/** Of what was to be sent, what the driver must have sent. */
const KEPT_UP = 0.97;
const STEP_UP = 1.25;
const STEP_DOWN = 1.6;
const STEPS_MAX = 18;
/** One stall of a neighbour's ends a step, and is no limit of the server's: a rate is too high that failed so often in a row. */
const TRIES = 3;
const PAUSE_MS = 300;

export interface Climb {
	/** The highest rate that was good twice; the worse of the two. Null where none was. */
	best: Result | null;
	/** At half of that rate. */
	half: Result | null;
	/** All that was tried. */
	steps: Result[];
}

type Runner = Pick<Crowd, "run">;
type Heard = (result: Result, good: boolean) => void;

export const isCorrect = ({ doubled, misordered }: Result): boolean => doubled + misordered === 0;

const isGood = (result: Result): boolean =>
	isCorrect(result) &&
	result.lost + result.refused === 0 &&
	result.p99 < P99_MAX_MS &&
	result.sent >= result.wanted * KEPT_UP;

/** One rate alone. */
export async function stay(crowd: Runner, rate: number, seconds: number, heard: Heard): Promise<Climb> {
	const result = await crowd.run(rate, seconds);
	heard(result, isGood(result));
	return { best: isGood(result) ? result : null, half: null, steps: [result] };
}

/** @param from messages a second that the first step offers @param pauseMs between two steps */
export async function climb(
	crowd: Runner,
	from: number,
	seconds: number,
	heard: Heard,
	pauseMs = PAUSE_MS,
): Promise<Climb> {
	const steps: Result[] = [];
	const once = async (rate: number): Promise<Result | null> => {
		const result = await crowd.run(Math.round(rate), seconds);
		await new Promise(done => setTimeout(done, pauseMs));
		steps.push(result);
		heard(result, isGood(result));
		return isGood(result) ? result : null;
	};
	const at = async (rate: number): Promise<Result | null> => {
		for (let tries = 0; tries < TRIES; tries++) {
			const good = await once(rate);
			if (good) return good;
		}
		return null;
	};
	let good = await once(from);
	while (!good && steps.length < STEPS_MAX) good = await once((steps.at(-1) as Result).offered / STEP_DOWN);
	const goods: Result[] = [];
	while (good) {
		goods.push(good);
		good = steps.length < STEPS_MAX ? await at(good.offered * STEP_UP) : null;
	}
	let best: Result | null = null;
	while (!best && steps.length < STEPS_MAX + 3 * TRIES) {
		const first = goods.pop();
		if (!first) break;
		const again = await at(first.offered);
		if (again) best = again.p99 > first.p99 ? again : first;
	}
	const half = best ? await at(best.offered / 2) : null;
	return { best, half, steps };
}
