import { type EventLoopUtilization, performance } from "node:perf_hooks";

/** By how busy the event loop is, of 1, the time between the starts of two batches, in ms. Between two points it rises evenly. */
const CURVE = [
	{ utilization: 0.4, gatherMs: 0 },
	{ utilization: 0.8, gatherMs: 20 },
	{ utilization: 0.93, gatherMs: 80 },
] as const;
const LOOK_EVERY_MS = 100;

/**
 * How far apart batches should start. Each batch has its fixed price, at PostgreSQL and in one write to each socket of a
 * room: an idle process pays it to be quick, a busy one gathers and pays it less often.
 */
export function gatherMsAt(utilization: number): number {
	let from: { utilization: number; gatherMs: number } = CURVE[0];
	for (const to of CURVE) {
		if (utilization < to.utilization) {
			const share = (utilization - from.utilization) / (to.utilization - from.utilization);
			return from.gatherMs + Math.max(0, share || 0) * (to.gatherMs - from.gatherMs);
		}
		from = to;
	}
	return from.gatherMs;
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
