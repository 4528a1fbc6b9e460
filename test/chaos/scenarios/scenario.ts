import type { Finding, Kind } from "../checks/finding.ts";
import type { Deed } from "../record.ts";

/** What one fault, or one kind of fault many times, did to the work. Times in ms. */
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
	/** Calls that were made while the fault lasted, and those of them that succeeded; null where nothing can. */
	during: { calls: number; ok: number } | null;
	longestMs: number;
	/** From the end of the fault on, the longest of all: until each node acknowledges a send, all devices have caught up, and Kafka has all. */
	sendsAgainMs: number;
	caughtUpMs: number;
	drainedMs: number;
	/** Nodes that ended by themselves. */
	ended: number;
	found: Partial<Record<Kind, number>>;
}

export interface Outcome {
	figures: Figures[];
	findings: Finding[];
}

export interface Options {
	seed: number;
	nodes: number;
	/** For `kill`: how many, or for how long. */
	kills: number;
	minutes: number | null;
	/** For `outage`: how long each server is away. */
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
	run(options: Options): Promise<Outcome>;
}

/** Within 30 s a lost event is noticed, as the contract has it. */
export const GRACE_MS = 32_000;

/** What can be counted in a record. */
export function countDeeds(deeds: readonly Deed[]) {
	const count = (outcome: Deed["outcome"]) => deeds.filter(deed => deed.outcome === outcome).length;
	return {
		sends: deeds.filter(({ does, outcome }) => does === "send" && outcome === "ok").length,
		ok: count("ok"),
		failed: count("failed"),
		unknown: count("unknown"),
		longestMs: Math.round(deeds.reduce((most, { ms }) => Math.max(most, ms), 0)),
	};
}
