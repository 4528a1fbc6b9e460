/** What a soak looks at, and how it is drawn. */
import type { Chart } from "../print/chart.ts";
import type { Sample } from "./samples.ts";

/** The most that a node has, `CHAT_DATABASE_POOL`. */
const POOL_MAX = 10;

/** Judged by its slope; below `floor` it is too little to be judged by shares of itself. I42 is about what is held. */
export const LOOKED_AT: { key: keyof Sample; name: string; floor: number; isHeld?: true }[] = [
	{ key: "rss", name: "memory of the process, MiB", floor: 0 },
	{ key: "heap", name: "heap after its collection, MiB", floor: 0, isHeld: true },
	{ key: "handles", name: "file handles", floor: 0, isHeld: true },
	{ key: "connections", name: "connections of clients", floor: 0 },
	// A pool goes up and down by what waits at the moment: a leak would fill it.
	{ key: "databaseConnections", name: "connections to PostgreSQL", floor: POOL_MAX, isHeld: true },
	{ key: "listeners", name: "listeners that stay", floor: 0, isHeld: true },
	{ key: "outbox", name: "events that wait for Kafka", floor: 1_000 },
	{ key: "loopP99", name: "event loop delay p99, ms", floor: 20 },
	{ key: "deliveryP99", name: "delivery p99, ms", floor: 20 },
];

type Named = readonly (readonly [key: keyof Sample, name: string])[];

export function chartsOf(samples: readonly Sample[]): (readonly [name: string, chart: Chart])[] {
	const chart = (title: string, unit: string, lines: Named): Chart => ({
		title,
		x: { label: "minutes" },
		y: { label: unit },
		dense: true,
		series: lines.map(([key, name]) => ({
			name,
			points: samples
				.filter(sample => Number.isFinite(sample[key]))
				.map(sample => [sample.second / 60, sample[key]] as const),
		})),
	});
	return [
		[
			"soak-memory",
			chart("Memory of a node under mixed work", "MiB", [
				["rss", "process"],
				["heap", "heap after its collection"],
			]),
		],
		[
			"soak-handles",
			chart("What a node holds open", "open", [
				["handles", "file handles"],
				["connections", "connections of clients"],
				["databaseConnections", "connections to PostgreSQL"],
			]),
		],
		[
			"soak-loop",
			chart("Event loop delay", "ms", [
				["loopP99", "p99 of 5 s"],
				["loopP50", "p50"],
			]),
		],
		[
			"soak-delivery",
			chart("Delivery", "ms", [
				["deliveryP99", "p99 of 5 s"],
				["deliveryP50", "p50"],
			]),
		],
		["soak-outbox", chart("Events that wait for Kafka", "rows", [["outbox", "outbox"]])],
	];
}
