/** What is built of which sources, in which order. */
import { spawn } from "node:child_process";
import { cpSync, globSync, mkdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";

export const ROOT = path.resolve(import.meta.dirname, "../..");

export interface Target {
	name: string;
	/** Files that it is made of, as patterns below the root. */
	sources: string[];
	/** Missing where it was never built. */
	result: string;
	build(): Promise<void>;
}

const COMMON = ["package-lock.json", "tsconfig.json", "scripts/build/targets.ts"];
const CLIENT = [...COMMON, "contracts/**/*.ts", "client/*.{ts,json}", "client/!(dist|react)/**/*.ts"];
const REACT = [...CLIENT, "client/react/*.{ts,tsx,css,json}", "client/react/!(dist)/**/*.{ts,tsx,css}"];
const WEB = [...REACT, "web/*.*", "web/!(dist)/**/*"];

export const TARGETS: Target[] = [
	{
		name: "client",
		sources: CLIENT,
		result: "client/dist/client/index.js",
		async build() {
			clear("client/dist");
			await run("typescript/bin/tsc", "--project", "client/tsconfig.build.json", "--pretty", "false");
		},
	},
	{
		name: "react",
		sources: REACT,
		result: "client/react/dist/index.js",
		async build() {
			clear("client/react/dist");
			await run("typescript/bin/tsc", "--project", "client/react/tsconfig.build.json", "--pretty", "false");
			const folder = path.join(ROOT, "client/react");
			for (const file of globSync(["*.css", "!(dist)/**/*.css"], { cwd: folder })) {
				const copy = path.join(folder, "dist", file);
				mkdirSync(path.dirname(copy), { recursive: true });
				cpSync(path.join(folder, file), copy);
			}
		},
	},
	{
		name: "web",
		sources: WEB,
		result: "web/dist/index.html",
		async build() {
			// Beside, then in its place: a server goes on serving the last one, and two builds do not mix.
			const fresh = `.cache/build/web-${process.pid}`;
			const options = ["--outDir", path.join(ROOT, fresh), "--emptyOutDir", "--logLevel", "warn"];
			try {
				await run("vite/bin/vite.js", "build", "--config", "web/vite.config.ts", ...options);
				clear("web/dist");
				renameSync(path.join(ROOT, fresh), path.join(ROOT, "web/dist"));
			} finally {
				clear(fresh);
			}
		},
	},
];

function clear(folder: string): void {
	rmSync(path.join(ROOT, folder), { recursive: true, force: true });
}

/** A bundler draws; what went wrong stands in the beginning. */
const SAID_LINES_MAX = 60;

function plain(said: string): string {
	return stripVTControlCharacters(said).trim().split("\n").slice(0, SAID_LINES_MAX).join("\n");
}

/** Runs the program of a package. @throws with what it said, where it fails */
function run(program: string, ...args: string[]): Promise<void> {
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [path.join(ROOT, "node_modules", program), ...args], {
			cwd: ROOT,
			stdio: ["ignore", "pipe", "pipe"],
			env: { ...process.env, NODE_ENV: "production" },
		});
		const end = () => child.kill();
		process.once("exit", end);
		let said = "";
		for (const stream of [child.stdout, child.stderr]) stream.on("data", chunk => (said += chunk));
		child.on("error", reject);
		child.on("close", () => process.off("exit", end));
		child.on("close", code =>
			code === 0 ? resolve() : reject(new Error(plain(said) || `It ended with ${code}.`)),
		);
	});
}
