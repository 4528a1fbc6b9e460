import { unavailable } from "./errors.ts";
import { within } from "./within.ts";

/** A server of which nobody has had an answer for so long does not answer; one slow statement is no silence. */
const SILENT_MS = 4_000;

/** Whoever finds out may have waited their time already, behind another call of theirs: they hear so soon, and it goes on. */
const FINDS_WITHIN_MS = 300;
/** Work that has all the time may never hear: then the next one tries. */
const FINDING_MS = 5_000;

/**
 * Whether a server answers. While it does not, one call at a time finds out, and all others hear so at once: each would wait
 * out its own time, and an action of several steps several times.
 */
export class Silence {
	#answeredAt = performance.now();
	#isSilent = false;
	/** Until when whoever finds out is waited for. */
	#askingUntil = 0;

	/** Runs `ask`, which the server has to answer. @throws UNAVAILABLE where it is known not to; whatever `ask` throws else */
	async around<T>(ask: () => Promise<T>, isAway: (err: unknown) => boolean): Promise<T> {
		if (!this.#isSilent) return this.#watched(ask, isAway);
		const now = performance.now();
		if (now < this.#askingUntil) throw unavailable();
		const until = now + FINDING_MS;
		this.#askingUntil = until;
		const found = this.#watched(ask, isAway).finally(() => {
			if (this.#askingUntil === until) this.#askingUntil = 0;
		});
		return within(FINDS_WITHIN_MS, found, unavailable);
	}

	async #watched<T>(ask: () => Promise<T>, isAway: (err: unknown) => boolean): Promise<T> {
		try {
			const answer = await ask();
			this.#answered();
			return answer;
		} catch (err) {
			if (!isAway(err)) this.#answered();
			else if (performance.now() - this.#answeredAt > SILENT_MS) this.#isSilent = true;
			throw err;
		}
	}

	#answered(): void {
		this.#answeredAt = performance.now();
		this.#isSilent = false;
	}
}
