import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import type { Servers } from "../../test/support/servers.ts";
import type { Group } from "../test/plan.ts";

export interface Wanted {
	/** The copy of the source that they run in. */
	folder: string;
	group: Group;
	files: readonly string[];
	/** Only tests whose title fits. */
	pattern: string;
	limitMs: number;
}

export interface Outcome {
	passed: string[];
	failed: string[];
	/** What became of the run where it has no results. */
	ending: string | null;
}

interface JestReport {
	testResults: { message: string; assertionResults: { status: string; fullName: string }[] }[];
}

const running = new Set<ChildProcess>();

/** Ends whatever runs: what it has started ends with it. */
export function endTests(): void {
	for (const child of running) child.kill("SIGKILL");
}

export async function runTests(wanted: Wanted, servers: Servers): Promise<Outcome> {
	const { folder, group, files, pattern, limitMs } = wanted;
	const report = path.join(folder, "jest-report.json");
	rmSync(report, { force: true });
	const args = [
		"--experimental-vm-modules",
		"--no-warnings",
		"node_modules/jest/bin/jest.js",
		`--maxWorkers=${files.length > 1 ? group.workers : 1}`,
		`--testNamePattern=${pattern}`,
		"--json",
		`--outputFile=${report}`,
		"--runTestsByPath",
		...files,
	];
	const child = spawn(process.execPath, args, {
		cwd: folder,
		stdio: "ignore",
		env: environment(group, servers),
	});
	running.add(child);
	let ending = "it did not end in time";
	const limit = setTimeout(() => child.kill("SIGKILL"), limitMs);
	await new Promise<void>(resolve => {
		child.once("error", err => {
			ending = err.message;
			resolve();
		});
		child.once("exit", (code, signal) => {
			if (code !== null || signal !== "SIGKILL") ending = `Jest ended with ${code ?? signal}`;
			resolve();
		});
	});
	clearTimeout(limit);
	running.delete(child);
	if (!existsSync(report)) return { passed: [], failed: [], ending };
	return outcomeOf(JSON.parse(readFileSync(report, "utf8")));
}

function outcomeOf({ testResults }: JestReport): Outcome {
	const all = testResults.flatMap(({ assertionResults }) => assertionResults);
	const titles = (wanted: string) =>
		all.filter(({ status }) => status === wanted).map(({ fullName }) => fullName);
	const broken = testResults.find(({ assertionResults }) => assertionResults.length === 0);
	return {
		passed: titles("passed"),
		failed: titles("failed"),
		ending: broken ? (broken.message.trim().split("\n")[0] ?? "") : null,
	};
}

/** Nothing that a developer has set for a node of their own. */
function environment(group: Group, servers: Servers): NodeJS.ProcessEnv {
	const inherited = Object.entries(process.env).filter(([name]) => !/^(CHAT_|TEST_|SERVICES$)/.test(name));
	return {
		...Object.fromEntries(inherited),
		...(group.servers && {
			TEST_DATABASE_URL: servers.databaseUrl,
			TEST_REDIS_URL: servers.redisUrl,
			TEST_KAFKA_BROKERS: servers.kafkaBrokers,
		}),
		...(group.form && { PARLEY_FORM: group.form }),
		...(group.freshProcess && { PARLEY_TEST_FRESH_PROCESS: "1" }),
		PARLEY_TEST_MS: String(group.testMs),
	};
}
