import { unavailable } from "./errors.ts";

/** A server of which nobody has had an answer for so long does not answer; one slow statement is no silence. */
const SILENT_MS = 4_000;

/**
 * Whether a server answers. While it does not, one call at a time finds out, and all others hear so at once: each would wait
 * out its own time, and an action of several steps several times.
 */
export class Silence {
	#answeredAt = performance.now();
	#isSilent = false;
	#isAsking = false;

	/** Runs `ask`, which the server has to answer. @throws UNAVAILABLE where it is known not to; whatever `ask` throws else */
	async around<T>(ask: () => Promise<T>, isAway: (err: unknown) => boolean): Promise<T> {
		const finds = this.#isSilent;
		if (finds && this.#isAsking) throw unavailable();
		if (finds) this.#isAsking = true;
		try {
			const answer = await ask();
			this.#answered();
			return answer;
		} catch (err) {
			if (!isAway(err)) this.#answered();
			else if (performance.now() - this.#answeredAt > SILENT_MS) this.#isSilent = true;
			throw err;
		} finally {
			if (finds) this.#isAsking = false;
		}
	}

	#answered(): void {
		this.#answeredAt = performance.now();
		this.#isSilent = false;
	}
}
