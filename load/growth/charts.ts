/** How the growth is drawn. */
import type { Chart } from "../print/chart.ts";
import type { Row } from "./parts.ts";

type Line = readonly [name: string, value: (row: Row) => number | undefined];

const COSTS: Line[] = [
	["node", row => row.node],
	["PostgreSQL", row => row.postgres],
];

/** What a core that does nothing else carries: its second by what a message takes of it. */
const RATE: Line[] = [
	[
		"messages a second",
		({ node, postgres }) =>
			node === undefined || postgres === undefined ? undefined : 1e6 / (node + postgres),
	],
];

export function chartsOf(parts: Record<string, readonly Row[]>): (readonly [name: string, chart: Chart])[] {
	const { chats = [], members = [], messages = [], inbox = [] } = parts;
	const few = members.filter(({ online }) => online === 10);
	return [
		["growth-chats", chart("CPU of a message, by active chats", "chats", "µs", chats, COSTS)],
		[
			"growth-chats-rate",
			chart("Messages/s of one core, by active chats", "chats", "messages/s", chats, RATE),
		],
		[
			"growth-members",
			chart("CPU of a message, by members of its chat", "members, 10 of them online", "µs", few, COSTS),
		],
		[
			"growth-members-rate",
			chart(
				"Messages/s of one core, by members of the chat",
				"members, 10 of them online",
				"messages/s",
				few,
				RATE,
			),
		],
		[
			"growth-messages",
			chart("CPU of a message, by messages stored", "messages in its chat", "µs", messages, COSTS),
		],
		[
			"growth-pages",
			chart("Pages of 50, by messages stored", "messages in the chat", "ms", messages, [
				["history p99", row => row.history?.p99],
				["changes p99", row => row.changes?.p99],
				["history p50", row => row.history?.p50],
				["changes p50", row => row.changes?.p50],
			]),
		],
		[
			"growth-inbox",
			chart("A page of the inbox, by chats of its user", "chats", "ms", inbox, [
				["p99", row => row.inbox?.p99],
				["p50", row => row.inbox?.p50],
			]),
		],
	].filter((named): named is [string, Chart] =>
		(named[1] as Chart).series.every(({ points }) => points.length > 0),
	);
}

function chart(title: string, x: string, y: string, rows: readonly Row[], lines: readonly Line[]): Chart {
	return {
		title,
		x: { label: x, log: true },
		y: { label: y },
		series: lines.map(([name, value]) => ({
			name,
			points: rows.flatMap(row => {
				const high = value(row);
				return high === undefined ? [] : [[row.size, high] as const];
			}),
		})),
	};
}
