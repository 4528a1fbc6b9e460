import { type EventLoopUtilization, performance } from "node:perf_hooks";

const GATHER_MS_MAX = 80;
/** By how busy the event loop is, of 1, the time between the starts of two batches, in ms. Between two points it rises evenly. */
const CURVE = [
	{ utilization: 0.4, gatherMs: 0 },
	{ utilization: 0.8, gatherMs: 20 },
	{ utilization: 0.93, gatherMs: GATHER_MS_MAX },
] as const;
const LOOK_EVERY_MS = 100;
/** Beyond this a larger batch costs PostgreSQL as much more as it holds, so gathering on only saves writes to sockets. */
const COMMIT_GATHER_MS = 20;

/** At most so long, by the messages that a batch has for each of its chats: with one for each, no write is shared. */
export const gatherMsFor = (messagesPerChat: number): number =>
	COMMIT_GATHER_MS + Math.min(1, messagesPerChat - 1) * (GATHER_MS_MAX - COMMIT_GATHER_MS);

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
	#messagesPerChat = 1;

	/** What a batch held, in one or more chats. */
	note(messages: number, chats: number): void {
		this.#messagesPerChat = (this.#messagesPerChat + messages / chats) / 2;
	}

	/** For sends, in ms: what one batch holds for a chat goes to its sockets together. */
	get sendsGatherMs(): number {
		return Math.min(this.gatherMs, gatherMsFor(this.#messagesPerChat));
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
		return gatherMsAt(this.#utilization);
	}
}
