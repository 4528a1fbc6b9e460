/** Whether something grows: a straight line through its samples, without those of the warm-up. */

/** Of the run. */
const WARM_UP = 1 / 3;
/** What may be added within the rest of the run, of the level that it has; noise does that much. */
const GROWTH_MAX = 0.1;

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
	const n = late.length;
	const meanX = late.reduce((sum, [x]) => sum + x, 0) / n;
	const mean = late.reduce((sum, [, y]) => sum + y, 0) / n;
	const above = late.reduce((sum, [x, y]) => sum + (x - meanX) * (y - mean), 0);
	const below = late.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
	const perSecond = below > 0 ? above / below : 0;
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
