/** What is gross loss: far below what a ratio to bare Socket.IO has to be, beyond what a noisy machine does to it. */

export interface Bound {
	scenario: string;
	/** What the ratio has to reach. */
	floor: number;
	/** Only where half of the floor is not reached yet: half of what was measured, which has to hold until then. */
	holds?: number;
}

/** Below that share of a floor something is broken, and not only slower. */
const GROSS = 1 / 2;

export const BOUNDS: readonly Bound[] = [
	{ scenario: "room40", floor: 3 },
	// Measured: 1.9 to 2.9 on a machine that others used.
	{ scenario: "room4", floor: 5, holds: 0.95 },
	{ scenario: "direct", floor: 0.3 },
];

/** "not yet": below half of the floor, as it was when `holds` was written down. */
export type Verdict = "holds" | "not yet" | "lost";

export const limitOf = ({ floor }: Bound): number => floor * GROSS;

/** A figure that is none has lost. */
export function verdictOf(bound: Bound, ratio: number): Verdict {
	if (ratio >= limitOf(bound)) return "holds";
	return bound.holds !== undefined && ratio >= bound.holds ? "not yet" : "lost";
}

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
