/**
 * `npm run test:mutants`: shows that the tests can fail. In a copy of the source it switches on one fault at a time and
 * runs the tests that name the invariant or threat; one of them, that passes without the fault, has to fail. What was
 * found goes into the table of docs/invariants.md. Words choose mutants by what they cover, or by the path of their
 * test: `npm run test:mutants -- I7 T2 unit`.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { MUTANTS, type Mutant } from "../test/mutants.ts";
import { startServers } from "../test/support/servers.ts";
import { generatedIn, replaceGenerated } from "./generated.ts";
import { type Finding, tableWith } from "./mutants/table.ts";
import { endTests, runTests } from "./mutants/tests.ts";
import { Workshop } from "./mutants/workshop.ts";
import { type Group, plan } from "./test/plan.ts";

const ROOT = path.dirname(import.meta.dirname);
const PAGE = path.join(ROOT, "docs/invariants.md");
const MUTANT_LIMIT_MS = 240_000;
const SOUND_LIMIT_MS = 20 * 60_000;

interface Verdict {
	mutant: Mutant;
	/** The title of the test that failed, or null. */
	by: string | null;
	why: string;
}

const words = process.argv.slice(2);
const mutants = MUTANTS.filter(
	({ covers, test }) => words.length === 0 || words.some(word => word === covers || test.includes(word)),
);
if (mutants.length === 0) {
	console.error(`No mutant is chosen by "${words.join(" ")}".`);
	process.exit(1);
}

const startedAt = performance.now();
const workshops = [new Workshop(ROOT), new Workshop(ROOT)];
process.on("exit", () => {
	for (const workshop of workshops) workshop.remove();
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
	process.once(signal, () => {
		endTests();
		process.exit(130); // the servers end with this process
	});
}
const servers = await startServers();
const sound = await runSound();
const verdicts = await tryAll();
await servers.stop();
report();

/** Where a mutant's test belongs: how it runs, and what it needs. */
function groupOf({ test, form }: Mutant): Group {
	const [run] = plan([test], form ?? "embedded");
	if (!run) throw new Error(`No test is in ${test}.`);
	return run.group;
}

/** Fits the titles of its tests. */
function patternOf({ covers, only }: Mutant): string {
	return `(?=.*\\b${covers}\\b)${only ? `(?=.*${only})` : ""}`;
}

/** The titles that pass without any fault: a test that fails anyway finds nothing. */
async function runSound(): Promise<Set<string>> {
	const passed = new Set<string>();
	for (const [group, some] of Map.groupBy(mutants, groupOf)) {
		const files = [...new Set(some.map(({ test }) => test))];
		const pattern = [...new Set(some.map(patternOf))].join("|");
		const { folder } = workshops[0] as Workshop;
		const outcome = await runTests({ folder, group, files, pattern, limitMs: SOUND_LIMIT_MS }, servers);
		for (const title of outcome.passed) passed.add(title);
		console.log(`Without faults (${group.name}): ${outcome.passed.length} tests pass. ${elapsed()}`);
		for (const title of outcome.failed) console.log(`  FAILS WITHOUT ANY FAULT: ${title}`);
		if (outcome.ending) console.log(`  ${outcome.ending}`);
	}
	return passed;
}

/** Two at a time, each in a copy of its own; tests that measure time come after, alone. */
async function tryAll(): Promise<Verdict[]> {
	const alone = (mutant: Mutant) => groupOf(mutant).workers === 1;
	const together = mutants.filter(mutant => !alone(mutant));
	const done: Verdict[] = [];
	const work = async (workshop: Workshop, queue: Mutant[]) => {
		for (let mutant = queue.shift(); mutant; mutant = queue.shift()) {
			const verdict = await attempt(mutant, workshop);
			done.push(verdict);
			const word = verdict.by === null ? "NOT FOUND" : "found";
			console.log(
				`${done.length}/${mutants.length} ${mutant.covers} ${word}: ${mutant.fault} ${elapsed()}${verdict.why}`,
			);
		}
	};
	await Promise.all(workshops.map(workshop => work(workshop, together)));
	await work(workshops[0] as Workshop, mutants.filter(alone));
	return done;
}

async function attempt(mutant: Mutant, workshop: Workshop): Promise<Verdict> {
	const { test } = mutant;
	const missed = (why: string): Verdict => ({ mutant, by: null, why: `\n    ${test}: ${why}` });
	let switchOff: () => void;
	try {
		switchOff = workshop.switchOn(mutant);
	} catch (err) {
		return missed((err as Error).message);
	}
	try {
		const { folder } = workshop;
		const group = groupOf(mutant);
		const wanted = { folder, group, files: [test], pattern: patternOf(mutant), limitMs: MUTANT_LIMIT_MS };
		const { failed, passed, ending } = await runTests(wanted, servers);
		const by = failed.find(title => sound.has(title));
		if (by !== undefined) return { mutant, by, why: "" };
		return missed(ending ?? `${passed.length} tests pass${failed.length > 0 ? ", others fail anyway" : ""}`);
	} finally {
		switchOff();
	}
}

function report(): void {
	const findings = verdicts.flatMap(({ mutant, by }): Finding[] => (by === null ? [] : [{ mutant, by }]));
	const old = generatedIn(readFileSync(PAGE, "utf8"), "mutants") ?? "";
	replaceGenerated(PAGE, "mutants", tableWith(old, MUTANTS, findings));
	console.log(`${findings.length} of ${verdicts.length} faults were found. ${elapsed()}`);
	if (findings.length < verdicts.length) process.exitCode = 1;
}

function elapsed(): string {
	return `(${((performance.now() - startedAt) / 60_000).toFixed(1)} min)`;
}
