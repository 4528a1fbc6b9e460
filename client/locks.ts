/** Locks within one page or process, for where the platform has none: work under one name runs one after another. */
export function localLock(): <T>(name: string, work: () => Promise<T>) => Promise<T> {
	const last = new Map<string, Promise<unknown>>();
	return (name, work) => {
		const done = (last.get(name) ?? Promise.resolve()).then(work);
		const settled = done
			.catch(() => {})
			.then(() => {
				if (last.get(name) === settled) last.delete(name);
			});
		last.set(name, settled);
		return done;
	};
}
