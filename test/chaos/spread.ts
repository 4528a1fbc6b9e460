/** The largest share of some moments that fall into one stretch of `withinMs`: 1 where all come together. One that is not known leaves it open. */
export function busiestShare(momentsMs: readonly number[], withinMs: number): number {
	if (momentsMs.some(Number.isNaN)) return Number.NaN;
	const sorted = momentsMs.toSorted((a, b) => a - b);
	let [first, most] = [0, 0];
	for (const [last, at] of sorted.entries()) {
		while (at - (sorted[first] as number) >= withinMs) first++;
		most = Math.max(most, last - first + 1);
	}
	return most / sorted.length;
}
