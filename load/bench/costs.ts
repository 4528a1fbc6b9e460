/** What a message cost in a step, beside the least that it can. */
import { type Least, leastOf } from "./least.rules.ts";
import { CONTENT_BYTES } from "./marker.ts";
import type { Step } from "./steps.ts";
import type { Scenario } from "./targets.ts";

export interface Cost {
	/** For each message. */
	what: string;
	measured: number;
	/** Null where there is no arithmetic for it. */
	least: number | null;
}

const NAMES: Record<keyof Least, string> = {
	reads: "read calls of the server",
	writes: "write calls of the server",
	bytesRead: "bytes read by the server",
	bytesWritten: "bytes written by the server",
	commits: "commits of PostgreSQL that wrote",
	walBytes: "bytes of its WAL",
	records: "records on Kafka",
};

/** @returns nothing where the step's traffic was not looked at */
export function costsOf(scenario: Scenario, { cpuPerDelivery: cpu, ...step }: Step): Cost[] {
	const { traffic, sent, delivered, seconds } = step;
	if (!traffic || sent === 0) return [];
	const isParley = traffic.commits !== null;
	const least = leastOf(scenario, sent / seconds, CONTENT_BYTES);
	return [
		{ what: "CPU of the server, µs", measured: (cpu.server * delivered) / sent, least: null },
		{ what: "CPU of PostgreSQL, µs", measured: (cpu.postgres * delivered) / sent, least: null },
		...(Object.keys(NAMES) as (keyof Least)[]).flatMap(key => {
			const count = traffic[key];
			if (count === null) return [];
			return [{ what: NAMES[key], measured: count / sent, least: isParley ? least[key] : null }];
		}),
	];
}
