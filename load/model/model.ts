/**
 * `npm run model`: what 1 million connections and 100,000 messages a second need, by arithmetic, and beside it the same
 * installation played message by message. `-- --messages 10000` is another size, `-- --charts docs/img/scaling` draws.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { lineChart } from "../print/chart.ts";
import { progressBar } from "../print/progress.ts";
import { table } from "../print/table.ts";
import { LARGEST, limitsTable, shardsOf, sizesTable, steps, workloadOf } from "./arithmetic.ts";
import { chartsOf } from "./charts.ts";
import { compare } from "./compare.ts";
import { MEASURED } from "./costs.ts";
import { type Bus, planFor } from "./model.rules.ts";
import { simulate } from "./simulate.rules.ts";

const CHATS = 50_000;
const SEED = 22;

const { values: options } = parseArgs({
	options: {
		messages: { type: "string", default: String(LARGEST) },
		seconds: { type: "string", default: "1" },
		charts: { type: "string" },
	},
});
const messages = Math.min(LARGEST, Math.max(100, Number(options.messages) || 0));
const seconds = Math.min(10, Math.max(0.1, Number(options.seconds) || 0));

console.log(`${sizesTable()}\n\n${limitsTable()}\n`);
for (const bus of ["each", "one", "by chat"] as Bus[]) {
	console.log(`${steps(bus, messages)}\n`);
	const workload = workloadOf(messages);
	const plan = planFor(MEASURED, workload, bus, shardsOf(messages));
	if (!plan) continue;
	const bar = progressBar(`${seconds} s of ${messages} messages/s, bus: ${bus}`);
	const seen = simulate(MEASURED, workload, plan, { seed: SEED, seconds, chats: CHATS });
	bar.end();
	const rows = compare(MEASURED, workload, plan, seen).map(({ what, model, played }) => [
		what,
		model.toPrecision(4),
		played.toPrecision(4),
		(played / model).toFixed(3),
	]);
	console.log(`${table([`bus: ${bus}`, "model", "played", "ratio"], rows)}\n`);
	const delay = ({ p50, p99 }: { p50: number; p99: number }) =>
		`p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`;
	console.log(`Stored: ${delay(seen.stored)}. Heard by the last one: ${delay(seen.heard)}.`);
	const uneven = (["gateways", "workers", "postgres"] as const).map(
		what => `${what} ${(seen[what].most / seen[what].mean).toFixed(2)}`,
	);
	console.log(`The busiest beside the mean: ${uneven.join(", ")}.\n`);
}
if (options.charts) {
	mkdirSync(options.charts, { recursive: true });
	for (const [name, chart] of chartsOf(MEASURED))
		writeFileSync(path.join(options.charts, `${name}.svg`), lineChart(chart));
}
