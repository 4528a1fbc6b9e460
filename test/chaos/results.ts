/** What the runs gave, as files: the last run of each scenario. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import path from "node:path";
import type { CheckerRow } from "./checker.ts";
import type { Finding } from "./checks/finding.ts";
import type { Figures } from "./scenarios/scenario.ts";

const FOLDER = path.join(import.meta.dirname, "results");
const EXAMPLES_MAX = 20;

interface Run {
	at: string;
	/** Of the source that was run; with a `+` where files were changed in it. */
	commit: string;
	seconds: number;
	seed: number;
	/** As they were given: `--short`; nothing where all of it was tried. */
	options: string;
	machine: string;
}

export interface ScenarioResult extends Run {
	name: string;
	does: string;
	covers: readonly string[];
	figures: Figures[];
	/** The first of them. */
	findings: Finding[];
}

export interface CheckerResult extends Run {
	rows: CheckerRow[];
}

export function runOf(startedAt: number, seed: number, options: string): Run {
	return {
		at: new Date().toISOString(),
		commit: commitOf(),
		seconds: Math.round((Date.now() - startedAt) / 1_000),
		seed,
		options,
		machine: `${cpus().length} cores, Node ${process.versions.node}`,
	};
}

export function writeScenario(result: ScenarioResult): void {
	write(result.name, { ...result, findings: result.findings.slice(0, EXAMPLES_MAX) });
}

/** With the rows of a former run that were not tried this time. */
export function writeChecker(result: CheckerResult): void {
	const tried = new Set(result.rows.map(({ fault }) => fault));
	const others = readChecker()?.rows.filter(({ fault }) => !tried.has(fault)) ?? [];
	write("checker", { ...result, rows: [...others, ...result.rows] });
}

export function readChecker(): CheckerResult | null {
	const file = path.join(FOLDER, "checker.json");
	return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
}

export function readScenarios(): ScenarioResult[] {
	if (!existsSync(FOLDER)) return [];
	const files = readdirSync(FOLDER).filter(file => file.endsWith(".json") && file !== "checker.json");
	return files.sort().map(file => JSON.parse(readFileSync(path.join(FOLDER, file), "utf8")));
}

export function writeReport(markdown: string): string {
	mkdirSync(FOLDER, { recursive: true });
	const file = path.join(FOLDER, "report.md");
	writeFileSync(file, markdown);
	return file;
}

function write(name: string, result: object): void {
	mkdirSync(FOLDER, { recursive: true });
	writeFileSync(path.join(FOLDER, `${name}.json`), `${JSON.stringify(result, null, "\t")}\n`);
}

/** Of the source that is run; with a `+` where files were changed in it. */
export function commitOf(): string {
	const git = (...args: string[]) =>
		execFileSync("git", args, { cwd: import.meta.dirname, encoding: "utf8" }).trim();
	try {
		return git("rev-parse", "--short", "HEAD") + (git("status", "--porcelain", "-uno") === "" ? "" : "+");
	} catch {
		return "unknown";
	}
}
