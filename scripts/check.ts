import { spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { styleText } from "node:util";
import { findViolations } from "./check/boundaries.ts";

interface Step {
	name: string;
	/** Resolves with what is wrong; nothing is wrong where it is empty. */
	run(): Promise<string>;
}

const ROOT = path.dirname(import.meta.dirname);

const STEPS: Step[] = [
	{ name: "types", run: () => tool("typescript/bin/tsc", "--project", ".", "--pretty", "false") },
	{
		name: "lint and format",
		run: () => tool("@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."),
	},
	{ name: "dead code", run: () => tool("knip/bin/knip.js", "--no-progress") },
	{ name: "boundaries", run: async () => boundaries() },
];

const results = await Promise.all(STEPS.map(measured));
for (const { name, problems, ms } of results) {
	const mark = problems ? styleText("red", "✕") : styleText("green", "✓");
	console.log(`${mark} ${name.padEnd(16)} ${(ms / 1000).toFixed(1).padStart(5)} s`);
}
const failed = results.filter(({ problems }) => problems);
for (const { name, problems } of failed) console.log(`\n${styleText("bold", name)}\n${problems}`);
if (failed.length > 0) {
	console.log(`\nThe check failed: ${failed.map(({ name }) => name).join(", ")}.`);
	process.exitCode = 1;
}

async function measured({ name, run }: Step) {
	const startedAt = Date.now();
	const problems = await run().catch(err => String(err));
	return { name, problems: problems.trim(), ms: Date.now() - startedAt };
}

/** Runs the program of a package under this Node; what it prints counts only where it fails. */
function tool(program: string, ...args: string[]): Promise<string> {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [path.join(ROOT, "node_modules", program), ...args], {
			cwd: ROOT,
			stdio: ["ignore", "pipe", "pipe"],
		});
		let output = "";
		for (const stream of [child.stdout, child.stderr]) stream.on("data", chunk => (output += chunk));
		child.on("error", reject);
		child.on("close", code => resolve(code === 0 ? "" : output || `It ended with ${code}.`));
	});
}

function boundaries(): string {
	const files = globSync("{contracts,lib,models,mixins,services}/**/*.ts", { cwd: ROOT });
	return files.flatMap(file => findViolations(file, readFileSync(path.join(ROOT, file), "utf8"))).join("\n");
}
