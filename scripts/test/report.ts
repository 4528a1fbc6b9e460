import { styleText } from "node:util";
import type { Comparison } from "./forms.ts";
import type { TestOutcome } from "./jest.ts";

const SLOW_MS = 2_000;
const SLOWEST_SHOWN = 10;

export function reportForms({ rows, explained, problems }: Comparison): void {
	const width = Math.max(...rows.map(({ file }) => file.length), 10);
	const line = (name: string, a: string | number, b: string | number) =>
		console.log(`  ${name.padEnd(width)}  ${String(a).padStart(8)}  ${String(b).padStart(8)}`);
	heading("Behaviours in both forms");
	line("passed", "embedded", "cluster");
	for (const { file, embedded, cluster } of rows) line(file, embedded, cluster);
	const sum = (form: "embedded" | "cluster") => rows.reduce((total, row) => total + row[form], 0);
	line("all", sum("embedded"), sum("cluster"));
	for (const { name, form, why } of explained) console.log(`  only ${form}: ${name} – ${why}`);
	for (const problem of problems) console.log(styleText("red", `  ✕ ${problem}`));
}

export function reportSlowest(outcomes: readonly TestOutcome[]): void {
	const slow = outcomes.filter(({ ms }) => ms >= SLOW_MS).sort((a, b) => b.ms - a.ms);
	if (slow.length === 0) return;
	heading("Slowest");
	for (const { ms, file, name } of slow.slice(0, SLOWEST_SHOWN)) {
		console.log(`  ${(ms / 1000).toFixed(1).padStart(6)} s  ${file} › ${name}`);
	}
}

/** What failed beside other tests and passed by itself: counted as passed, and to be mended. */
export function reportSecondTries(failedOnce: readonly TestOutcome[]): void {
	reportOutcomes("Failed at the first try, passed at the second", failedOnce);
}

export function reportFailures(failed: readonly TestOutcome[]): void {
	reportOutcomes("Failed", failed);
}

function reportOutcomes(title: string, failed: readonly TestOutcome[]): void {
	if (failed.length === 0) return;
	heading(title);
	for (const { file, name, why } of failed) {
		console.log(styleText("red", `  ✕ ${file} › ${name}`));
		const reason = (why ?? "").split("\n").map(text => text.trim());
		for (const text of reason.filter(Boolean).slice(0, 3)) console.log(`      ${text}`);
	}
}

export function heading(text: string): void {
	console.log(`\n${styleText("bold", text)}`);
}
