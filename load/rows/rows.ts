/**
 * `npm run bench:rows [-- <word>]`: the figures that are no stairs, each beside its floor, on real PostgreSQL, Redis and
 * Kafka; with a word, only those whose name has it. As in `npm run bench`, the server has one core with PostgreSQL, and
 * clients, Redis and Kafka have the other.
 */
import { parseArgs } from "node:util";
import { progressBar } from "../print/progress.ts";
import { keepResults } from "../print/results.ts";
import { table } from "../print/table.ts";
import { type CoresUse, settleServers, watchCores } from "../stage/cores.ts";
import { type Machine, machineOf } from "../stage/facts.ts";
import { profiledBy } from "../stage/parley.ts";
import { startMeasured } from "../stage/servers.ts";
import { bus } from "./bus.ts";
import { connects } from "./connects.ts";
import { ephemeral } from "./ephemeral.ts";
import { group } from "./group.ts";
import { heads } from "./heads.ts";
import { idle } from "./idle.ts";
import { lag } from "./lag.ts";
import { nodes } from "./nodes.ts";
import { quiet } from "./quiet.ts";
import { rest } from "./rest.ts";
import { type Figures, isReached, type Row } from "./row.ts";
import { start } from "./start.ts";
import { still } from "./still.ts";

const ROWS: Row[] = [quiet, rest, idle, still, ephemeral, connects, group, lag, nodes, bus, heads, start];

interface Outcome extends Omit<Row, "measure">, Figures {
	verdict: "aim reached" | "floor reached" | "not reached" | "does not count";
	seconds: number;
	cores: CoresUse;
}

const { positionals, values: options } = parseArgs({
	allowPositionals: true,
	options: {
		/** As of `npm run bench`. */
		profile: { type: "string", default: "" },
	},
});
const [word = ""] = positionals;
const wanted = ROWS.filter(({ name }) => name.includes(word));
if (wanted.length === 0) throw new Error(`No row has "${word}" in its name: ${ROWS.map(row => row.name)}.`);

const outcomes: Outcome[] = [];
const failed: string[] = [];
const servers = await startMeasured();
try {
	settleServers(servers);
	for (const row of wanted) await measure(row);
	report(await machineOf(servers));
} finally {
	await servers.stop();
}

/** A row that fails does not take the others with it. */
async function measure(row: Row): Promise<void> {
	const bar = progressBar(`${row.name}: ${row.what}`);
	const startedAt = performance.now();
	const cores = watchCores();
	try {
		const figures = await row.measure({ servers, env: profiledBy(options.profile) }, bar.at);
		const { measure: _, ...said } = row;
		outcomes.push({
			...said,
			...figures,
			verdict: verdictOf(row, figures),
			seconds: (performance.now() - startedAt) / 1_000,
			cores: cores(),
		});
		bar.end();
		console.log(`${row.name}: ${tidy(figures.figure)} ${row.unit}`);
		for (const [what, value] of Object.entries(figures.details))
			console.log(`  ${what}: ${typeof value === "number" ? tidy(value) : value}`);
	} catch (err) {
		bar.end();
		console.error(`${row.name} failed:`, err);
		failed.push(row.name);
	}
}

function verdictOf(row: Row, { figure, wrong }: Figures): Outcome["verdict"] {
	if (wrong.length > 0) return "does not count";
	if (isReached(row, figure, row.aim)) return "aim reached";
	return isReached(row, figure, row.floor) ? "floor reached" : "not reached";
}

function report(machine: Machine): void {
	const lines = outcomes.map(({ name, what, figure, unit, better, floor, aim, verdict }) => {
		const bound = better === "less" ? "≤" : "≥";
		return [name, what, `${tidy(figure)} ${unit}`, `${bound} ${floor}`, `${bound} ${aim}`, verdict];
	});
	console.log(`\n${table(["row", "what", "figure", "floor", "aim", ""], lines)}\n`);
	for (const { name, cores } of outcomes) {
		const stolen = (cores.server.stolen + cores.load.stolen) / 2;
		if (stolen >= 1)
			console.log(`${name}: ${stolen.toFixed(0)} % of the cores' time was not given to this machine.`);
	}
	const wrong = outcomes.flatMap(({ name, wrong }) => wrong.map(text => `${name}: ${text}`));
	for (const text of wrong) console.error(text);
	const results = [...outcomes.map(row => [row.name, row]), ...failed.map(name => [name, { failed: true }])];
	keepResults("load/results/rows.json", Object.fromEntries(results), machine);
	if (wrong.length + failed.length > 0) process.exitCode = 1;
}

/** Three digits that say something. */
function tidy(value: number): string {
	if (!Number.isFinite(value)) return "–";
	return Math.abs(value) >= 100
		? Math.round(value).toLocaleString("en")
		: String(Number(value.toPrecision(3)));
}
