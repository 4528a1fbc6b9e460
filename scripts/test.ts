import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { needProgram } from "../test/support/servers/install.ts";
import { type Servers, startServers } from "../test/support/servers.ts";
import { buildWeb } from "./node/web.ts";
import { againOf, type Done, secondTry } from "./test/again.ts";
import { keepFigures } from "./test/figures.ts";
import { compareForms, type Differences } from "./test/forms.ts";
import { endJest, FIGURES, runJest, type TestOutcome } from "./test/jest.ts";
import { type Form, type Group, isWanted, plan } from "./test/plan.ts";
import { heading, reportFailures, reportForms, reportSecondTries, reportSlowest } from "./test/report.ts";
import { runTypeTests } from "./test/types.ts";

const USAGE = `npm test -- [word…] [--form embedded|cluster] [-t name]
  word    only test files whose path has it; a folder of test/ (unit, behaviour, faults, …) means that folder
  --form  behaviours in one form only
  -t      only tests whose name matches`;

const { values, positionals: words } = parseArgs({
	allowPositionals: true,
	options: {
		form: { type: "string" },
		name: { type: "string", short: "t" },
		help: { type: "boolean", short: "h" },
	},
});
if (values.help || (values.form && values.form !== "embedded" && values.form !== "cluster")) {
	console.log(USAGE);
	process.exit(values.help ? 0 : 1);
}

const ROOT = path.dirname(import.meta.dirname);
const DIFFERENCES = path.join(ROOT, "test/behaviour/differences.json");
const form = values.form as Form | undefined;
const folder = mkdtempSync(path.join(tmpdir(), "parley-run-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"] as const) {
	process.once(signal, () => {
		endJest(signal);
		process.exit(130); // the servers end with this process
	});
}

const files = globSync("test/**/*.test.{ts,tsx}", { cwd: ROOT }).sort();
const wanted = files.filter(file => isWanted(file, words));
const runs = plan(wanted, form);
const needServers = runs.some(({ group }) => group.servers);
// They come up while the tests that need none are running. A failure is seen by the first group that waits.
const servers = needServers ? startServers() : undefined;
servers?.catch(() => {});
// Installed here, once: tests in several processes would be in each other's way.
const chromium =
	runs.some(({ group }) => group.browser) && !process.env.CHROMIUM_PATH
		? needProgram("chromium", ["chromium"]).catch(err => console.error(String(err)))
		: undefined;
// Once too, for the groups that would meet at it.
const web = runs.some(({ group }) => group.buildsWeb) ? buildWeb(console.error) : undefined;

const types: TestOutcome[] = [];
const done: Done[] = [];

if (!values.name && globSync("test/types/**/*.{ts,tsx}", { cwd: ROOT }).some(file => isWanted(file, words))) {
	await timed("types", async () => types.push(...runTypeTests()));
}
const { alone = [], ...others } = Object.groupBy(runs, ({ group }) => group.lane);
const lanes = Object.values(others);
await Promise.all(lanes.map(runLane));
await runLane(alone);
const failedOnce = words.length === 0 && !values.name && !form ? await tryAgain() : [];
await (await servers?.catch(() => undefined))?.stop();

const outcomes = [...types, ...done.flatMap(({ outcomes }) => outcomes)];
const byForm = { embedded: behavioursIn("embedded"), cluster: behavioursIn("cluster") };
const problems = form || values.name || byForm.embedded.length === 0 ? [] : compare();
const failed = outcomes.filter(({ status }) => status === "failed");
const passed = outcomes.filter(({ status }) => status === "passed").length;
const skipped = outcomes.length - passed - failed.length;
keepFigures(path.join(folder, FIGURES), outcomes);
reportSlowest(outcomes);
reportSecondTries(failedOnce);
reportFailures(failed);
if (skipped > 0) console.log(`\n${skipped} skipped`);
if (passed + failed.length === 0)
	console.log(`\nNo test ran${words.length > 0 ? ` for "${words.join(" ")}"` : ""}.`);
const failures = failed.length + problems.length;
console.log(`\n${passed} passed, ${failures} failed`);
process.exitCode = failures > 0 || passed === 0 ? 1 : 0;

async function runLane(lane: typeof runs): Promise<void> {
	for (const { group, files } of lane) {
		await timed(`${group.name}, ${files.length === 1 ? "1 file" : `${files.length} files`}`, async () => {
			done.push({ group, outcomes: await runGroup(group, files) });
		});
	}
}

/** @returns what failed while others were at work beside it, and passed by itself */
async function tryAgain(): Promise<TestOutcome[]> {
	const failedOnce: TestOutcome[] = [];
	for (const { run, files } of againOf(done)) {
		await timed(`${run.group.name}, once more`, async () => {
			const { outcomes, passedNow } = secondTry(run.outcomes, files, await runGroup(run.group, files));
			run.outcomes = outcomes;
			failedOnce.push(...passedNow);
		});
	}
	return failedOnce;
}

function behavioursIn(form: Form): TestOutcome[] {
	return done
		.filter(({ group }) => group.form === form && group.folders.includes("behaviour"))
		.flatMap(({ outcomes }) => outcomes);
}

async function runGroup(group: Group, files: string[]): Promise<TestOutcome[]> {
	let env = {};
	if (group.browser) await chromium;
	if (group.buildsWeb) await web;
	if (group.servers) {
		try {
			env = addresses(await (servers as Promise<Servers>));
		} catch (err) {
			const why = err instanceof Error ? err.message : String(err);
			return [
				{ file: "test/support/servers.ts", name: `servers for ${group.name}`, status: "failed", ms: 0, why },
			];
		}
	}
	return runJest({
		group,
		files,
		pattern: values.name,
		env,
		folder,
		prefix: lanes.length > 1 && group.lane !== "alone" ? `${group.name}: ` : "",
	});
}

function addresses({ databaseUrl, redisUrl, kafkaBrokers }: Servers): Record<string, string> {
	return { TEST_DATABASE_URL: databaseUrl, TEST_REDIS_URL: redisUrl, TEST_KAFKA_BROKERS: kafkaBrokers };
}

function compare(): string[] {
	const differences: Differences = existsSync(DIFFERENCES)
		? JSON.parse(readFileSync(DIFFERENCES, "utf8"))
		: {};
	const comparison = compareForms(byForm, differences, words.length === 0 || words.includes("behaviour"));
	reportForms(comparison);
	return comparison.problems;
}

async function timed(name: string, work: () => Promise<unknown>): Promise<void> {
	heading(name);
	const startedAt = Date.now();
	await work();
	console.log(`  ${name} took ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}
