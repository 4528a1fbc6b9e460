/** Which tests name which invariants and threats: read from the titles in the test files. */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { INVARIANTS } from "../../test/invariants.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

/** It has titles in its samples that are no tests. */
const SAMPLES = "test/docs/mutants.test.ts";

export interface Titled {
	file: string;
	title: string;
	ids: string[];
}

/** A text that begins with ids: `"I7: …"`, `"I1 I17: …"`, `"T35, T37: …"`, `"I24 and I29: …"`. */
const TITLE = /(["'`])((?:[IT]\d+(?:, | and | |(?=:)))+: ?(?:\\.|(?!\1).)*)\1/g;

export function titlesIn(text: string): { title: string; ids: string[] }[] {
	return [...text.matchAll(TITLE)].map(([, , title = ""]) => ({
		title: title.replaceAll("\\", ""),
		ids: (title.split(":")[0] ?? "").match(/[IT]\d+/g) ?? [],
	}));
}

/** Every test that names something. */
export function titledTests(): Titled[] {
	const files = globSync("test/**/*.test.ts", { cwd: ROOT, exclude: [SAMPLES] }).sort();
	return files.flatMap(file =>
		titlesIn(readFileSync(path.join(ROOT, file), "utf8")).map(found => ({ file, ...found })),
	);
}

/** Tier A first, then what is tested beside it. */
export function invariantsTable(): string {
	const titled = titledTests();
	const ids = [...new Set([...Object.keys(INVARIANTS), ...titled.flatMap(({ ids }) => ids)])];
	const rows = ids.toSorted(byKindAndNumber).map(id => {
		const byFile = Map.groupBy(
			titled.filter(test => test.ids.includes(id)),
			({ file }) => file,
		);
		const tests = [...byFile].map(([file, some]) => `\`${file}\`: ${some.map(said).join("; ")}`);
		const only = "only in [long runs](guarantees.md)";
		return `| ${id} | ${INVARIANTS[id] ?? ""} | ${tests.join("<br>") || only} |`;
	});
	return ["| | what holds | tests |", "| --- | --- | --- |", ...rows].join("\n");
}

const said = ({ title }: Titled) =>
	`“${title.slice(title.indexOf(":") + 1).trim()}”`.replaceAll("|", "\\|").replaceAll("<", "&lt;");

function byKindAndNumber(a: string, b: string): number {
	return a[0] === b[0] ? Number(a.slice(1)) - Number(b.slice(1)) : a.localeCompare(b);
}
