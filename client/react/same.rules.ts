/** The same one level deep. */
export function isSame(a: unknown, b: unknown): boolean {
	if (Object.is(a, b)) return true;
	if (typeof a !== "object" || typeof b !== "object" || !a || !b) return false;
	const [left, right] = [Object.entries(a), b as Record<string, unknown>];
	return (
		left.length === Object.keys(right).length &&
		left.every(([key, value]) => Object.hasOwn(right, key) && Object.is(value, right[key]))
	);
}
