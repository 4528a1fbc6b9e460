import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Group } from "./plan.ts";

export interface TestOutcome {
	file: string;
	name: string;
	status: "passed" | "failed" | "skipped";
	ms: number;
	/** Why it failed, in short. */
	why?: string;
}

export interface RunOptions {
	group: Group;
	files: string[];
	/** Only tests with such a name. */
	pattern: string | undefined;
	env: Record<string, string>;
	/** Where this run of the tests keeps its own files. */
	folder: string;
	/** In front of each line that it prints, where other groups print beside it. */
	prefix: string;
}

interface JestFile {
	name: string;
	status: string;
	message: string;
	assertionResults: {
		fullName: string;
		status: string;
		duration: number | null;
		failureMessages: string[];
	}[];
}

const ROOT = path.resolve(import.meta.dirname, "../..");
const GROUP_LIMIT_MS = 20 * 60_000;
/** Beyond the limit of its longest file, which may be asked for more than its share. */
const GROUP_MARGIN_MS = 60_000;

/** What tests have counted, in the run's folder. */
export const FIGURES = "figures.jsonl";

const running = new Set<ChildProcess>();

export function endJest(signal: NodeJS.Signals): void {
	for (const child of running) child.kill(signal);
}

/** Runs Jest over the files of one group; what it prints is the progress, what it counts is the answer. */
export async function runJest({
	group,
	files,
	pattern,
	env,
	folder,
	prefix,
}: RunOptions): Promise<TestOutcome[]> {
	const results = path.join(folder, `${group.name.replaceAll(/\W+/g, "-")}.json`);
	rmSync(results, { force: true }); // of the first try
	const args = [
		"--experimental-vm-modules",
		"--disable-warning=ExperimentalWarning",
		"--disable-warning=TimeoutNegativeWarning", // of kafkajs, harmless
		path.join(ROOT, "node_modules/jest/bin/jest.js"),
		`--maxWorkers=${group.workers}`,
		"--json",
		`--outputFile=${results}`,
		...(pattern ? [`--testNamePattern=${pattern}`] : []),
		"--runTestsByPath",
		...files,
	];
	const child = spawn(process.execPath, args, {
		cwd: ROOT,
		// With --outputFile the JSON goes there, and only a note of that to stdout.
		stdio: ["ignore", "ignore", prefix ? "pipe" : "inherit"],
		env: {
			...withoutOwnSettings(process.env),
			...env,
			...(group.form && { PARLEY_FORM: group.form }),
			...(group.buildsWeb && { PARLEY_BUILD_WEB: "1" }),
			...(group.freshProcess && { PARLEY_TEST_FRESH_PROCESS: "1" }),
			PARLEY_TEST_MS: String(group.testMs),
			PARLEY_TEST_FILE_MS: String(group.fileMs),
			PARLEY_TEST_RUN_FOLDER: folder,
			PARLEY_TEST_FIGURES: path.join(folder, FIGURES),
			// Hundreds of nodes start in a run, from the same sources.
			NODE_COMPILE_CACHE: path.join(folder, "compiled"),
		},
	});
	running.add(child);
	if (child.stderr) createInterface({ input: child.stderr }).on("line", line => console.error(prefix + line));
	const limitMs = Math.max(GROUP_LIMIT_MS, group.fileMs + GROUP_MARGIN_MS);
	const limit = setTimeout(() => child.kill("SIGKILL"), limitMs);
	const ending = await new Promise<string>(resolve => {
		child.on("error", err => resolve(err.message));
		child.on("exit", (code, signal) => resolve(`it ended with ${code ?? signal}`));
	});
	clearTimeout(limit);
	running.delete(child);

	if (!existsSync(results)) {
		return [failure(`test (${group.name})`, "Jest itself", `Jest did not finish: ${ending}.`)];
	}
	const { testResults } = JSON.parse(readFileSync(results, "utf8")) as { testResults: JestFile[] };
	const outcomes = testResults.flatMap(outcomesOf);
	const missing = files.filter(file => !testResults.some(result => relative(result) === file));
	return [...outcomes, ...missing.map(file => failure(file, "the file", "Jest did not run it."))];
}

function outcomesOf(result: JestFile): TestOutcome[] {
	const file = relative(result);
	const outcomes = result.assertionResults.map<TestOutcome>(
		({ fullName, status, duration, failureMessages }) => ({
			file,
			name: fullName,
			status: status === "passed" || status === "failed" ? status : "skipped",
			ms: duration ?? 0,
			...(failureMessages[0] && { why: failureMessages[0] }),
		}),
	);
	// A file that does not load or does not end cleanly has failed, even if none of its tests has.
	const unexplained = result.status === "failed" && !outcomes.some(({ status }) => status === "failed");
	return unexplained ? [...outcomes, failure(file, "the file", result.message)] : outcomes;
}

function failure(file: string, name: string, why: string): TestOutcome {
	return { file, name, status: "failed", ms: 0, why };
}

function relative(result: JestFile): string {
	return path.relative(ROOT, result.name);
}

/** What a developer has set for their own node is not for the nodes under test. */
function withoutOwnSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	const entries = Object.entries(env).filter(([name]) => !name.startsWith("CHAT_") && name !== "SERVICES");
	return Object.fromEntries(entries);
}
