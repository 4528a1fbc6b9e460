/** Does `work` for each of `items`, so many at a time. @param progress told the share that is done */
export async function inTurns<T>(
	items: readonly T[],
	work: (item: T, i: number) => Promise<unknown>,
	atOnce: number,
	progress: (share: number) => void = () => {},
): Promise<void> {
	let next = 0;
	let done = 0;
	const lane = async () => {
		while (next < items.length) {
			const i = next++;
			await work(items[i] as T, i);
			progress(++done / items.length);
		}
	};
	await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
}
