/** Rejects where a promise takes too long; what it was waiting for goes on unheard. */
export async function within<T>(ms: number, what: string, work: Promise<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	work.catch(() => {});
	try {
		return await Promise.race([
			work,
			new Promise<never>((_, reject) => {
				timer = setTimeout(() => reject(new Error(`${what} took more than ${ms} ms.`)), ms);
			}),
		]);
	} finally {
		clearTimeout(timer);
	}
}
