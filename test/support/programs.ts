/** Programs as newcomers have them: files of their own, type-checked and run by Node, with our packages by name. */
import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PRELOAD = new URL("sources-process.ts", import.meta.url).href;
const RUN_MS = 60_000;

/** A folder in the clone, where the packages are found; it goes with `remove`. */
export function programFolder(): { path: string; remove(): void } {
	mkdirSync(path.join(ROOT, ".cache"), { recursive: true });
	const folder = mkdtempSync(path.join(ROOT, ".cache/programs-"));
	return { path: folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

const environment = (more: Record<string, string>) => ({
	PATH: process.env.PATH,
	HOME: process.env.HOME,
	NO_COLOR: "1",
	...more,
});
const argsOf = (file: string, built = false) => [
	...(built ? [] : ["--import", PRELOAD]),
	"--disable-warning=ExperimentalWarning",
	file,
];

/** Runs a program to its end; answers with what it printed. */
export function run(file: string, env: Record<string, string> = {}): Promise<string[]> {
	return new Promise((resolve, reject) => {
		execFile(
			process.execPath,
			argsOf(file),
			{ cwd: ROOT, env: environment(env), timeout: RUN_MS },
			(err, stdout, stderr) => {
				if (err || stderr) reject(new Error(`${path.basename(file)} failed:\n${stdout}${stderr}`));
				else resolve(stdout.trimEnd().split("\n"));
			},
		);
	});
}

export interface Running {
	output(): string;
	/** Resolves once it has printed it. */
	says(text: string): Promise<void>;
	stop(): void;
}

/** Starts a program that goes on until it is stopped; `built`: with our packages as they are built. */
export function start(file: string, env: Record<string, string> = {}, { built = false } = {}): Running {
	const child = spawn(process.execPath, argsOf(file, built), { cwd: ROOT, env: environment(env) });
	let text = "";
	const listeners = new Set<() => void>();
	const heard = (chunk: Buffer) => {
		text += chunk.toString();
		for (const listener of [...listeners]) listener();
	};
	child.stdout.on("data", heard);
	child.stderr.on("data", heard);
	return {
		output: () => text,
		says: wanted =>
			new Promise((resolve, reject) => {
				const late = setTimeout(() => reject(new Error(`It never said "${wanted}":\n${text}`)), RUN_MS);
				const look = () => {
					if (!text.includes(wanted)) return;
					clearTimeout(late);
					listeners.delete(look);
					resolve();
				};
				listeners.add(look);
				look();
			}),
		stop: () => void child.kill(),
	};
}

/** What the compiler says against files of one program, as strict as an application has it. */
export function typeErrors(files: readonly string[]): Promise<string> {
	const folder = path.dirname(files[0] as string);
	const config = path.join(folder, `tsconfig.${path.basename(files[0] as string)}.json`);
	writeFileSync(
		config,
		JSON.stringify({
			extends: path.join(ROOT, "tsconfig.json"),
			compilerOptions: {
				noUncheckedIndexedAccess: false,
				types: ["node"],
				typeRoots: [path.join(ROOT, "node_modules/@types")],
			},
			files,
			include: [],
			exclude: [],
		}),
	);
	const tsc = path.join(ROOT, "node_modules/typescript/bin/tsc");
	return new Promise(resolve => {
		execFile(process.execPath, [tsc, "-p", config, "--pretty", "false"], { cwd: ROOT }, (_err, stdout) =>
			resolve(stdout),
		);
	});
}
