import type { Finding, Kind } from "../checks/finding.ts";
import type { Limited } from "../limits.ts";

/** What one fault, or one kind of fault many times, did to the work. Times in ms, null where nobody looked. */
export interface Figures {
	/** In words. */
	fault: string;
	/** How often. */
	times: number;
	/** Seconds that it lasted, each time. */
	lasted: number | null;
	/** Sends that were acknowledged, in all. */
	sends: number;
	/** How operations ended. */
	ok: number;
	failed: number;
	unknown: number;
	/** Calls that were begun while the fault lasted, and those of them that succeeded at once; null where nothing can. */
	during: { calls: number; ok: number } | null;
	longestMs: number | null;
	/** From the end of the fault on, the longest of all: until each gateway acknowledges a send, all devices have caught up, and Kafka has all. */
	sendsAgainMs: number | null;
	caughtUpMs: number | null;
	drainedMs: number;
	/** Nodes that ended by themselves. */
	ended: number;
	found: Partial<Record<Kind, number>>;
	limits: Limited[];
}

export interface Outcome {
	figures: Figures[];
	findings: Finding[];
}

export interface Options {
	seed: number;
	nodes: number;
	/** How many kills, or for how long. */
	kills: number;
	minutes: number | null;
	/** How long a fault lasts, each time. */
	seconds: number;
	say(line: string): void;
	/** How much of it is done. */
	progress(share: number): void;
}

export interface Scenario {
	name: string;
	/** In words, for the report. */
	does: string;
	/** The invariants that its checks would find broken. */
	covers: readonly string[];
	/** What `minutes` is, unless a run is short. */
	fullMinutes?: number | undefined;
	run(options: Options): Promise<Outcome>;
}
