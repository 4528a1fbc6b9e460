/** Does `work` for each of `items`, so many at a time. */
export async function inTurns<T>(
	items: readonly T[],
	work: (item: T) => Promise<unknown>,
	atOnce: number,
): Promise<void> {
	let next = 0;
	const lane = async () => {
		while (next < items.length) await work(items[next++] as T);
	};
	await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
}
