/**
 * `npm run growth`: whether anything grows faster than its work, as chats, members, stored messages and a user's inbox
 * grow by powers of ten. `-- chats` is one part alone, `-- --full` goes to ten million messages. What was measured
 * stands in load/results/growth, with a chart of each.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { lineChart } from "../print/chart.ts";
import { startStage } from "../stage/stage.ts";
import { chartsOf } from "./charts.ts";
import { PARTS, type Row } from "./parts.ts";

const { positionals, values } = parseArgs({
	allowPositionals: true,
	options: {
		full: { type: "boolean", default: false },
		/** Where the charts go. */
		charts: { type: "string", default: "load/results/growth" },
	},
});

const RESULTS = "load/results/growth";
const FILE = path.join(RESULTS, "growth.json");

const wanted = positionals.length > 0 ? positionals : Object.keys(PARTS);
const unknown = wanted.filter(name => !PARTS[name]);
if (unknown.length > 0)
	throw new Error(`There is no ${unknown.join(", ")}: ${Object.keys(PARTS).join(", ")}.`);

mkdirSync(RESULTS, { recursive: true });
mkdirSync(values.charts, { recursive: true });
// Parts that were measured before stay.
const results: Record<string, Row[]> = existsSync(FILE) ? JSON.parse(readFileSync(FILE, "utf8")) : {};
for (const name of wanted) {
	const stage = await startStage();
	try {
		const rows = await PARTS[name]?.(stage, row => console.log(`${name}: ${inWords(row)}`), values.full);
		results[name] = rows ?? [];
	} finally {
		await stage.stop();
	}
	writeFileSync(FILE, `${JSON.stringify(results, null, "\t")}\n`);
}
for (const [name, chart] of chartsOf(results))
	writeFileSync(path.join(values.charts, `${name}.svg`), lineChart(chart));
if (wanted.some(name => results[name]?.some(({ wrong = 0 }) => wrong > 0))) process.exitCode = 1;

function inWords({
	size,
	online,
	node,
	postgres,
	idle = 0,
	p50,
	p99,
	sockets,
	deliveries,
	wrong,
	history,
	changes,
	inbox,
}: Row): string {
	const page = (name: string, times: Row["inbox"]) =>
		times && `${name} p50 ${times.p50.toFixed(1)} ms, p99 ${times.p99.toFixed(1)} ms`;
	return [
		`${size}`,
		online && `${online} online`,
		node !== undefined &&
			`CPU a message: node ${node.toFixed(0)} µs, PostgreSQL ${postgres?.toFixed(0)} µs; ${(idle * 100).toFixed(0)} % of a core when idle`,
		deliveries !== undefined &&
			`${deliveries.toFixed(0)} deliveries/s to ${sockets} sockets, p50 ${p50?.toFixed(1)} ms, p99 ${p99?.toFixed(1)} ms`,
		wrong ? `${wrong} went wrong` : "",
		page("history", history),
		page("changes", changes),
		page("inbox", inbox),
	]
		.filter(Boolean)
		.join("; ");
}
