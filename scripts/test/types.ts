import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import path from "node:path";
import type { TestOutcome } from "./jest.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** Calls that must compile, and (under @ts-expect-error) calls that must not. Each file counts as one test. */
export function runTypeTests(): TestOutcome[] {
	const files = globSync("test/types/**/*.{ts,tsx}", { cwd: ROOT });
	const startedAt = Date.now();
	const tsc = path.join(ROOT, "node_modules/typescript/bin/tsc");
	const projects = globSync("test/types/**/tsconfig.json", { cwd: ROOT });
	const runs = projects.map(project =>
		spawnSync(process.execPath, [tsc, "-p", project, "--pretty", "false"], { cwd: ROOT, encoding: "utf8" }),
	);
	const stdout = runs.map(run => run.stdout).join("");
	const hasFailed = runs.some(({ status }) => status !== 0);
	const ms = Date.now() - startedAt;
	const lines = stdout.split("\n").filter(line => line.includes("error TS"));
	const outcomes: TestOutcome[] = files.map(file => {
		const wrong = lines.filter(line => line.startsWith(`${file}(`));
		return wrong.length > 0
			? { file, name: "types", status: "failed", ms, why: wrong.join("\n") }
			: { file, name: "types", status: "passed", ms };
	});
	const unexplained = hasFailed && !outcomes.some(outcome => outcome.status === "failed");
	if (unexplained) {
		outcomes.push({ file: "test/types", name: "what they import", status: "failed", ms, why: stdout });
	}
	return outcomes;
}
