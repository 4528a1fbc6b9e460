/**
 * `npm run test:chaos [-- <words>] [--short] [--kills 50] [--minutes 10] [--seconds 30]`: the long faults (tier B), and the
 * checker proved on seeded ones. Words choose scenarios by the beginning of their names: `checker`, `kill`, `outage`,
 * `outage-redis`, …; after `checker` they choose faults. Results go to test/chaos/results, with a report in Markdown.
 * Fails where anything was found that must not be, and where a limit was not kept.
 */
import { parseArgs } from "node:util";
import { progressBar } from "../../load/print/progress.ts";
import { proveChecker } from "./checker.ts";
import { isKept, writeLimited } from "./limits.ts";
import { reportOf } from "./report.ts";
import { readChecker, readScenarios, runOf, writeChecker, writeReport, writeScenario } from "./results.ts";
import { brokers } from "./scenarios/brokers.ts";
import { clock } from "./scenarios/clock.ts";
import { crowd } from "./scenarios/crowd.ts";
import { diskFull } from "./scenarios/disk-full.ts";
import { freeze } from "./scenarios/freeze.ts";
import { join } from "./scenarios/join.ts";
import { kill } from "./scenarios/kill.ts";
import { links } from "./scenarios/links.ts";
import { outages } from "./scenarios/outage.ts";
import { overload } from "./scenarios/overload.ts";
import { restore } from "./scenarios/restore.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { services } from "./scenarios/services.ts";
import { slowReaders } from "./scenarios/slow-readers.ts";
import { soak } from "./scenarios/soak.ts";
import { tables } from "./scenarios/tables.ts";
import { upgrades } from "./scenarios/upgrade.ts";

const SCENARIOS: readonly Scenario[] = [
	kill,
	...outages,
	diskFull,
	brokers,
	services,
	...upgrades,
	join,
	freeze,
	links,
	clock,
	overload,
	crowd,
	slowReaders,
	restore,
	tables,
	soak,
];

const { positionals: words, values } = parseArgs({
	allowPositionals: true,
	options: {
		/** Half an hour in place of two: 5 kills in place of 50, 10 s a fault in place of 30, no hour of soak. */
		short: { type: "boolean", default: false },
		kills: { type: "string" },
		/** Kills for so long, however many that are. */
		minutes: { type: "string" },
		/** How long each fault lasts. */
		seconds: { type: "string" },
		nodes: { type: "string", default: "2" },
		seed: { type: "string", default: String(Date.now() % 1_000_000) },
	},
});
const seed = Number(values.seed);
const asked = (["short", "kills", "minutes", "seconds"] as const)
	.flatMap(name => (values[name] === true ? `--${name}` : values[name] ? `--${name} ${values[name]}` : []))
	.join(" ");

// What was started ends with this process, by the watchdog.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

console.log(`Seed ${seed}.`);
const isChecker = words.length === 0 || words[0] === "checker";
if (isChecker) await runChecker(words.slice(1));
const wanted = words[0] === "checker" ? [] : SCENARIOS.filter(isWanted);
if (!isChecker && wanted.length === 0) fail(`No scenario is chosen by "${words.join(" ")}".`);
for (const scenario of wanted)
	await runScenario(scenario).catch(err => {
		console.error(err);
		fail(`${scenario.name} could not be carried out.`);
	});
console.log(`The report is in ${writeReport(reportOf(readScenarios(), readChecker()))}.`);
process.exit(); // a client that is given up may still wait for something

function isWanted({ name }: Scenario): boolean {
	return words.length === 0 || words.some(word => name.startsWith(word));
}

async function runChecker(faults: readonly string[]): Promise<void> {
	const startedAt = Date.now();
	const rows = await proveChecker({
		words: faults,
		seed,
		say: line => console.log(line),
		keep: row => writeChecker({ ...runOf(startedAt, seed, asked), rows: [row] }),
	});
	if (rows.some(({ isRight }) => !isRight)) fail("The checker is not proved.");
}

async function runScenario({ name, does, covers, fullMinutes, run }: Scenario): Promise<void> {
	console.log(`${name}: ${does}.`);
	const startedAt = Date.now();
	const bar = progressBar(name);
	const isWhole = !values.short && !values.seconds;
	const minutes = values.minutes ?? (isWhole ? fullMinutes : undefined);
	const outcome = await run({
		seed,
		nodes: Number(values.nodes),
		kills: Number(values.kills ?? (values.short ? 5 : 50)),
		minutes: minutes === undefined ? null : Number(minutes),
		seconds: Number(values.seconds ?? (values.short ? 10 : 30)),
		say(line) {
			bar.end();
			console.log(line);
		},
		progress: share => bar.at(share),
	});
	bar.end();
	const { figures, findings } = outcome;
	writeScenario({
		...runOf(startedAt, seed, asked),
		name,
		does,
		covers,
		figures,
		findings,
	});
	for (const { kind, what } of findings.slice(0, 10)) console.log(`  ${kind}: ${what}`);
	const ended = figures.reduce((sum, of) => sum + of.ended, 0);
	const over = figures.flatMap(({ fault, limits }) =>
		limits.filter(limited => !isKept(limited)).map(limited => `  ${fault}: ${writeLimited(limited)}`),
	);
	for (const line of over) console.log(line);
	if (findings.length > 0 || ended > 0 || over.length > 0)
		fail(
			`${name}: ${findings.length} findings, ${ended} nodes that ended, ${over.length} limits that were not kept.`,
		);
}

function fail(why: string): void {
	console.error(why);
	process.exitCode = 1;
}
