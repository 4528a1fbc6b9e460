/** The tests of this version, on the tables that the next one could have. */
import { spawn } from "node:child_process";
import path from "node:path";
import { atLeast, atMost } from "../limits.ts";
import type { Options, Outcome, Scenario } from "./scenario.ts";

const ROOT = path.resolve(import.meta.dirname, "../../..");
/** Who uses the tables; the others make tables of their own, or none. */
const SUITES = ["behaviour", "service"];
const PASSED_MIN = 100;
const FULL_MINUTES = 15;

export const tables: Scenario = {
	name: "tables",
	does: "the tests of this version (behaviour, and service in full runs) on two nodes whose tables become those of the next one after the first has started",
	covers: ["I39"],
	fullMinutes: FULL_MINUTES,
	run,
};

async function run({ minutes }: Options): Promise<Outcome> {
	const suites = minutes === null ? SUITES.slice(0, 1) : SUITES;
	const { passed, failed } = await testsOn(suites, (minutes ?? FULL_MINUTES) * 60_000);
	const figures = {
		fault: `tables of the next version under ${suites.join(" and ")} tests`,
		times: 1,
		lasted: null,
		sends: 0,
		ok: passed,
		failed,
		unknown: 0,
		during: null,
		longestMs: null,
		sendsAgainMs: null,
		caughtUpMs: null,
		drainedMs: 0,
		ended: 0,
		found: {},
		limits: [
			atMost("I39", "tests that fail on the next version's tables", failed, 0, "count"),
			atLeast("I39", "tests that pass on them", passed, PASSED_MIN, "count"),
		],
	};
	return { figures: [figures], findings: [] };
}

async function testsOn(
	suites: readonly string[],
	limitMs: number,
): Promise<{ passed: number; failed: number }> {
	const child = spawn(process.execPath, ["scripts/test.ts", ...suites, "--form", "cluster"], {
		cwd: ROOT,
		env: { ...process.env, PARLEY_TEST_TABLES: "next" },
		stdio: ["ignore", "pipe", "inherit"],
	});
	let output = "";
	child.stdout.on("data", chunk => {
		output += chunk;
	});
	const limit = setTimeout(() => child.kill(), limitMs);
	await new Promise(resolve => child.once("close", resolve));
	clearTimeout(limit);
	const [, passed = "0", failed = "1"] = /^(\d+) passed, (\d+) failed$/m.exec(output) ?? [];
	if (Number(failed) > 0) console.error(output.slice(-20_000));
	return { passed: Number(passed), failed: Number(failed) };
}
