import { spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { styleText } from "node:util";
import { findViolations } from "./check/boundaries.ts";
import { kubernetes } from "./check/kubernetes.ts";
import { sizeOfClient } from "./check/size.ts";

interface Step {
	name: string;
	/** Resolves with what is wrong; nothing is wrong where it is empty. */
	run(): Promise<string>;
}

const ROOT = path.dirname(import.meta.dirname);

/** What a step says though nothing is wrong. */
const notes: string[] = [];

const STEPS: Step[] = [
	{ name: "types", run: () => types(".") },
	{ name: "types of client", run: () => types("client") },
	{ name: "types of web", run: () => types("web") },
	{
		name: "lint and format",
		run: () => tool("@biomejs/biome/bin/biome", "check", "--error-on-warnings", "."),
	},
	{ name: "dead code", run: () => tool("knip/bin/knip.js", "--no-progress") },
	{ name: "boundaries", run: async () => boundaries() },
	{ name: "kubernetes", run: () => kubernetes(text => notes.push(text)) },
	{ name: "size of client", run: () => sizeOfClient(text => notes.push(text)) },
];

const results = await Promise.all(STEPS.map(measured));
for (const { name, problems, ms } of results) {
	const mark = problems ? styleText("red", "✕") : styleText("green", "✓");
	console.log(`${mark} ${name.padEnd(16)} ${(ms / 1000).toFixed(1).padStart(5)} s`);
}
for (const note of notes) console.log(note);
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

function types(project: string): Promise<string> {
	return tool("typescript/bin/tsc", "--project", project, "--pretty", "false");
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
	const folders = ["{contracts,lib,models,mixins,services,client,web}/*.{ts,tsx}"];
	folders.push("{contracts,lib,models,mixins,services,client,web}/!(dist)/**/*.{ts,tsx}");
	const files = globSync(folders, { cwd: ROOT, exclude: ["client/react/dist/**"] });
	return files.flatMap(file => findViolations(file, readFileSync(path.join(ROOT, file), "utf8"))).join("\n");
}
