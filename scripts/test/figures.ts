/** What tests of invariants have counted, from the last run of each: `npm run docs:guarantees` reads it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { commitOf } from "../../test/chaos/results.ts";
import type { TestFigure } from "../../test/support/figure.ts";
import type { TestOutcome } from "./jest.ts";

export interface KeptFigure extends TestFigure {
	at: string;
	/** Of the source that was run; with a `+` where files were changed in it. */
	commit: string;
}

const KEPT = path.resolve(import.meta.dirname, "../../test/results/figures.json");

export function readFigures(): KeptFigure[] {
	return existsSync(KEPT) ? JSON.parse(readFileSync(KEPT, "utf8")) : [];
}

/** Those of tests that passed take the place of all that tests of the same files gave before. */
export function keepFigures(notes: string, outcomes: readonly TestOutcome[]): void {
	const lines = existsSync(notes) ? readFileSync(notes, "utf8").trimEnd().split("\n") : [];
	const ran = new Set(outcomes.filter(({ status }) => status !== "skipped").map(({ file }) => file));
	const hasPassed = ({ file, test }: TestFigure) =>
		outcomes.some(it => it.file === file && it.name === test && it.status === "passed");
	const made = { at: new Date().toISOString(), commit: commitOf() };
	const now = lines
		.map(line => JSON.parse(line) as TestFigure)
		.filter(hasPassed)
		.map(line => ({ ...line, ...made }));
	// A test that was tried again, or in both forms, has noted the same figure more than once.
	const all = new Map(
		[...readFigures().filter(({ file }) => !ran.has(file)), ...now].map(
			kept => [`${kept.id} ${kept.file} ${kept.test}`, kept] as const,
		),
	);
	mkdirSync(path.dirname(KEPT), { recursive: true });
	writeFileSync(KEPT, `${JSON.stringify([...all.values()], null, "\t")}\n`);
}
