/** Which batches of which writer were heard: a number that is left out, or a beat ahead, means that one was lost. Pure. */
export class Streams {
	readonly #heard = new Map<string, { n: number; at: number }>();

	/** @returns whether a batch before this one may have been lost */
	batch(stream: string, n: number, now: number): boolean {
		const last = this.#heard.get(stream)?.n ?? 0;
		this.#keep(stream, Math.max(n, last), now);
		return n > last + 1;
	}

	/** @returns whether a batch up to this one was lost */
	beat(stream: string, n: number, now: number): boolean {
		const last = this.#heard.get(stream)?.n ?? 0;
		this.#keep(stream, Math.max(n, last), now);
		return n > last;
	}

	/** Forgets writers that have not been heard for so long that they must have ended. */
	forgetSilent(before: number): void {
		for (const [stream, { at }] of this.#heard) if (at < before) this.#heard.delete(stream);
	}

	get size(): number {
		return this.#heard.size;
	}

	#keep(stream: string, n: number, at: number): void {
		const known = this.#heard.get(stream);
		if (known) {
			known.n = n;
			known.at = at;
		} else this.#heard.set(stream, { n, at });
	}
}
