import { appendFileSync } from "node:fs";
import path from "node:path";
import { expect } from "@jest/globals";

/** What a test has counted for an invariant: a line for docs/guarantees.md. */
export interface TestFigure {
	/** The invariant. */
	id: string;
	/** In words: `1,600 equal answers to 200 keys`. */
	counted: string;
	/** From the project's folder on. */
	file: string;
	test: string;
}

const ROOT = path.resolve(import.meta.dirname, "../..");

/** Notes a figure, at the end of a test that has asserted what it is about; only those of tests that passed count. */
export function figure(id: string, counted: string): void {
	const notes = process.env.PARLEY_TEST_FIGURES;
	const { testPath, currentTestName } = expect.getState();
	if (!notes || !testPath) return; // outside of `npm test`
	const line: TestFigure = {
		id,
		counted,
		file: path.relative(ROOT, testPath),
		test: currentTestName ?? "",
	};
	appendFileSync(notes, `${JSON.stringify(line)}\n`);
}

/** `1,600`. */
export const inWords = (count: number): string => count.toLocaleString("en-US");
