import { type EventLoopUtilization, performance } from "node:perf_hooks";

/** By how busy the event loop is, of 1, how far apart two of the same should be, in ms. Between two points it rises evenly. */
const CURVE = [
	{ utilization: 0.5, gatherMs: 0 },
	{ utilization: 0.85, gatherMs: 20 },
	{ utilization: 0.95, gatherMs: 80 },
] as const;
const LOOK_EVERY_MS = 100;

/**
 * How far apart two commits, or two writes to a socket, should be. Each has its fixed price: an idle process pays it to
 * be quick, a busy one gathers and pays it less often.
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
	readonly #atMostMs: number;

	constructor(atMostMs: number) {
		this.#atMostMs = atMostMs;
	}

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
		return Math.min(gatherMsAt(this.#utilization), this.#atMostMs);
	}
}
