import { type EventLoopUtilization, performance } from "node:perf_hooks";

/** How busy the event loop must be before batches are spread, and from where on they are spread the most, of 1. */
const BUSY_FROM = 0.4;
const BUSY_FULL = 0.75;
/** Between the starts of two batches at most: what it adds to an acknowledgement. */
const GATHER_MAX_MS = 30;
const LOOK_EVERY_MS = 100;

/**
 * How far apart batches should start. Each batch has its fixed price, at PostgreSQL and in one write to each socket of a
 * room: an idle process pays it to be quick, a busy one gathers and pays it less often.
 */
export function gatherMsAt(utilization: number): number {
	const share = (utilization - BUSY_FROM) / (BUSY_FULL - BUSY_FROM);
	return GATHER_MAX_MS * Math.min(1, Math.max(0, share));
}

/** Looks at the event loop of this process now and then. */
export class Pace {
	#last: EventLoopUtilization = performance.eventLoopUtilization();
	#at = performance.now();
	#utilization = 0;

	/** In ms; 0 where nobody need wait. */
	get gatherMs(): number {
		const now = performance.now();
		if (now - this.#at >= LOOK_EVERY_MS) {
			const current = performance.eventLoopUtilization();
			const lately = performance.eventLoopUtilization(current, this.#last).utilization;
			// After a silence the past says nothing.
			this.#utilization = now - this.#at > 10 * LOOK_EVERY_MS ? lately : (this.#utilization + lately) / 2;
			this.#last = current;
			this.#at = now;
		}
		return gatherMsAt(this.#utilization);
	}
}
