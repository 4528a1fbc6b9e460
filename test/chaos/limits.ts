/** Figures that an invariant has a limit for: a run in which one is not kept has failed. */

interface Unit {
	write(value: number): string;
}

const UNITS = {
	ms: { write: value => `${(value / 1_000).toFixed(1)} s` },
	share: { write: value => `${(value * 100).toFixed(2)} %` },
	count: { write: value => value.toLocaleString("en-US", { maximumFractionDigits: 2 }) },
} satisfies Record<string, Unit>;

export interface Limited {
	/** The invariant. */
	id: string;
	/** In words. */
	what: string;
	value: number;
	unit: keyof typeof UNITS;
	most?: number;
	least?: number;
}

/** What could not be measured (null in a file, NaN here) is not kept. */
export const isKept = ({
	value,
	most = Number.POSITIVE_INFINITY,
	least = Number.NEGATIVE_INFINITY,
}: Limited) => value !== null && value <= most && value >= least;

/** `I30 longest answer 4.5 s (at most 5.0 s)`, in bold and marked where it is not kept. */
export function writeLimited(limited: Limited): string {
	const { id, what, value, unit, most, least } = limited;
	const { write } = UNITS[unit];
	const bound = most !== undefined ? `at most ${write(most)}` : `at least ${write(least ?? 0)}`;
	const text = `${id} ${what} ${value === null ? "?" : write(value)} (${bound})`;
	return isKept(limited) ? text : `**NOT KEPT: ${text}**`;
}

/** Of figures of the same meaning those that come closest to their limit, or are furthest beyond it. */
export function worstOf(all: readonly Limited[]): Limited[] {
	const byMeaning = Map.groupBy(all, ({ id, what }) => `${id} ${what}`);
	return [...byMeaning.values()].map(some =>
		some.reduce((worst, one) => (isWorse(one, worst) ? one : worst)),
	);
}

function isWorse(one: Limited, than: Limited): boolean {
	if (isKept(one) !== isKept(than)) return !isKept(one);
	return one.most === undefined ? one.value < than.value : one.value > than.value;
}

export const atMost = (id: string, what: string, value: number, most: number, unit: Limited["unit"] = "ms") =>
	({ id, what, value, unit, most }) satisfies Limited;

export const atLeast = (id: string, what: string, value: number, least: number, unit: Limited["unit"]) =>
	({ id, what, value, unit, least }) satisfies Limited;
