/** What is gross loss: far below what a ratio to bare Socket.IO has to be, beyond what a noisy machine does to it. */

export interface Bound {
	scenario: string;
	/** What the ratio has to reach. */
	floor: number;
}

/** Below that share of a floor something is broken, and not only slower. */
const GROSS = 1 / 2;

export const BOUNDS: readonly Bound[] = [
	{ scenario: "room40", floor: 3 },
	{ scenario: "room4", floor: 5 },
	{ scenario: "direct", floor: 0.3 },
];

export const limitOf = ({ floor }: Bound): number => floor * GROSS;

/** Whether a ratio is far below its floor. A figure that is none is. */
export const isLost = (bound: Bound, ratio: number): boolean => !(ratio >= limitOf(bound));

/** What a server used for one delivery, with its PostgreSQL, in microseconds of CPU. */
export interface Pair {
	bare: number;
	own: number;
}

/** How many deliveries Parley makes where bare Socket.IO makes one, in the pair that was disturbed least. */
export function ratioOf(pairs: readonly Pair[]): number {
	return Math.max(
		Number.NEGATIVE_INFINITY,
		...pairs.map(({ bare, own }) => bare / own).filter(Number.isFinite),
	);
}
