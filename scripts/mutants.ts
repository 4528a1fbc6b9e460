/**
 * `npm run test:mutants`: proves that the tests can fail. In a copy of the source it switches on one fault at a time,
 * runs the test that names the invariant or threat, and expects it to fail. The table goes to docs/invariants.md.
 * Words after `--` choose mutants by what they cover: `npm run test:mutants -- I7 T2`.
 */
import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { MUTANTS, type Mutant } from "../test/mutants.ts";
import { startServers } from "../test/support/servers.ts";
import { replaceGenerated } from "./generated.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TEST_TIMEOUT_MS = 180_000;

interface Verdict {
	mutant: Mutant;
	found: boolean;
	/** The title of the test that failed. */
	by: string;
	seconds: number;
	why: string;
}

const chosen = process.argv.slice(2);
const mutants = MUTANTS.filter(({ covers }) => chosen.length === 0 || chosen.includes(covers));
const copy = copySource();
const servers = await startServers({ postgres: true, redis: true, kafka: true });
const verdicts: Verdict[] = [];
try {
	for (const [i, mutant] of mutants.entries()) {
		const verdict = await attempt(mutant);
		verdicts.push(verdict);
		const word = verdict.found ? "found" : "NOT FOUND";
		console.log(
			`${i + 1}/${mutants.length} ${mutant.covers} ${word} after ${verdict.seconds.toFixed(0)} s: ${mutant.fault}${verdict.why}`,
		);
	}
} finally {
	await servers.stop();
	rmSync(copy, { recursive: true, force: true });
}
const missed = verdicts.filter(({ found }) => !found);
if (chosen.length === 0) replaceGenerated(join(ROOT, "docs/invariants.md"), "mutants", tableOf(verdicts));
console.log(`${verdicts.length - missed.length} of ${verdicts.length} faults were found.`);
process.exit(missed.length > 0 ? 1 : 0);

function copySource(): string {
	const target = mkdtempSync(join(tmpdir(), "parley-mutants-"));
	const files = execFileSync("git", ["ls-files", "-co", "--exclude-standard"], {
		cwd: ROOT,
		encoding: "utf8",
	})
		.trim()
		.split("\n");
	for (const file of files) cpSync(join(ROOT, file), join(target, file), { recursive: true });
	symlinkSync(join(ROOT, "node_modules"), join(target, "node_modules"));
	return target;
}

async function attempt(mutant: Mutant): Promise<Verdict> {
	const path = join(copy, mutant.file);
	const original = readFileSync(path, "utf8");
	const startedAt = performance.now();
	const verdict = (found: boolean, by: string, why = ""): Verdict => ({
		mutant,
		found,
		by,
		why: why && `\n    ${why}`,
		seconds: (performance.now() - startedAt) / 1_000,
	});
	if (original.split(mutant.find).length !== 2)
		return verdict(false, "", `its place in ${mutant.file} is not there exactly once`);
	writeFileSync(
		path,
		original.replace(mutant.find, () => mutant.replace),
	);
	try {
		const { failed, passed } = await runTest(mutant);
		const by = failed.find(title => title.includes(mutant.covers));
		if (by) return verdict(true, by);
		return verdict(false, "", failed.length > 0 ? `others failed: ${failed[0]}` : `${passed} tests passed`);
	} finally {
		writeFileSync(path, original);
	}
}

/** Runs the tests of one file whose titles name what the mutant covers. */
async function runTest({ covers, test, form }: Mutant): Promise<{ failed: string[]; passed: number }> {
	const report = join(copy, `${dirname(test).replaceAll("/", "-")}.json`);
	rmSync(report, { force: true });
	const child = spawn(
		process.execPath,
		[
			"--experimental-vm-modules",
			"--no-warnings",
			"node_modules/jest/bin/jest.js",
			"--runInBand",
			"--forceExit",
			`--testNamePattern=\\b${covers}\\b`,
			"--json",
			`--outputFile=${report}`,
			test,
		],
		{
			cwd: copy,
			stdio: "ignore",
			env: {
				...process.env,
				TEST_DATABASE_URL: servers.databaseUrl,
				TEST_REDIS_URL: servers.redisUrl,
				TEST_KAFKA_BROKERS: servers.kafkaBrokers,
				...(form ? { PARLEY_FORM: form } : {}),
			},
		},
	);
	const timer = setTimeout(() => child.kill("SIGKILL"), TEST_TIMEOUT_MS);
	await new Promise(done => child.once("exit", done));
	clearTimeout(timer);
	try {
		return resultsOf(JSON.parse(readFileSync(report, "utf8")));
	} catch {
		return { failed: [], passed: 0 };
	}
}

interface JestReport {
	testResults: { assertionResults: { status: string; fullName: string }[] }[];
}

function resultsOf({ testResults }: JestReport) {
	const all = testResults.flatMap(({ assertionResults }) => assertionResults);
	return {
		failed: all.filter(({ status }) => status === "failed").map(({ fullName }) => fullName),
		passed: all.filter(({ status }) => status === "passed").length,
	};
}

function tableOf(all: Verdict[]): string {
	const rows = all.map(
		({ mutant, found, by }) =>
			`| ${mutant.covers} | ${mutant.fault} | \`${mutant.file}\` | ${found ? `found by “${by}”, \`${mutant.test}\`` : "**not found**"} |`,
	);
	return ["| covers | the fault that was switched on | where | |", "|---|---|---|---|", ...rows].join("\n");
}
