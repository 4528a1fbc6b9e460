/**
 * Whether something grows: the slope of its samples, without those of the warm-up, as Theil and Sen have it: the median
 * of the slopes between any two. One look at a bad moment does not bend it, as it would a line of least squares.
 */

/** Of the run. */
const WARM_UP = 1 / 3;
/** What may be added within the rest of the run, of the level that it has; noise does that much. */
const GROWTH_MAX = 0.1;
/** Of so many samples each is held against each; of more, every second, third, … */
const SAMPLES_MAX = 1_000;

export interface Slope {
	/** In the samples' unit. */
	mean: number;
	perHour: number;
	/** As a share of the mean. */
	inTenMinutes: number;
	/** From the end of the warm-up to the end of the run, as a share of the mean. */
	growth: number;
	grows: boolean;
}

/** @param samples seconds since the start, and the value then. @param floor below which a mean is too little to judge by shares */
export function slopeOf(samples: readonly (readonly [second: number, value: number])[], floor = 0): Slope {
	const end = Math.max(...samples.map(([second]) => second));
	const late = samples.filter(([second]) => second >= end * WARM_UP);
	const mean = late.reduce((sum, [, y]) => sum + y, 0) / late.length;
	const perSecond = medianSlope(late);
	const share = perSecond / Math.max(mean, floor, Number.MIN_VALUE);
	const growth = share * (end - end * WARM_UP);
	return {
		mean,
		perHour: perSecond * 3_600,
		inTenMinutes: share * 600,
		growth,
		grows: growth > GROWTH_MAX,
	};
}

function medianSlope(samples: readonly (readonly [second: number, value: number])[]): number {
	const step = Math.ceil(samples.length / SAMPLES_MAX);
	const some = samples.filter((_, i) => i % step === 0);
	const slopes = some.flatMap(([x, y], i) => some.slice(i + 1).map(([x2, y2]) => (y2 - y) / (x2 - x)));
	slopes.sort((a, b) => a - b);
	const middle = Math.floor(slopes.length / 2);
	const [a = 0, b = 0] = [slopes[middle - 1 + (slopes.length % 2)], slopes[middle]];
	return (a + b) / 2;
}
