import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { titledTests, titlesIn } from "../../scripts/docs/invariants.ts";
import { generatedIn } from "../../scripts/generated.ts";
import { rowStart, tableWith } from "../../scripts/mutants/table.ts";
import { TIER_A } from "../invariants.ts";
import { MUTANTS, type Mutant } from "../mutants.ts";

const textOf = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
const titled = titledTests();

test("every invariant and threat of tier A has a test that names it, and a mutant", () => {
	const named = new Set(titled.flatMap(({ ids }) => ids));
	expect(Object.keys(TIER_A).filter(id => !named.has(id))).toEqual([]);
	const covered = new Set(MUTANTS.map(({ covers }) => covers));
	expect(Object.keys(TIER_A).filter(id => !covered.has(id))).toEqual([]);
});

test("every mutant has its place in the source exactly once", () => {
	const places = MUTANTS.map(({ fault, file, find }) => [fault, textOf(file).split(find).length - 1]);
	expect(places.filter(([, count]) => count !== 1)).toEqual([]);
});

test("every mutant changes something, and no two begin the same row", () => {
	expect(MUTANTS.filter(({ find, replace }) => find === replace)).toEqual([]);
	expect(new Set(MUTANTS.map(rowStart)).size).toBe(MUTANTS.length);
});

test("every mutant's test file has a title that names what it covers", () => {
	const without = MUTANTS.filter(
		({ covers, test }) => !titled.some(({ file, ids }) => file === test && ids.includes(covers)),
	);
	expect(without).toEqual([]);
});

test("docs/invariants.md has a row for every mutant (npm run test:mutants writes it)", () => {
	const table = generatedIn(textOf("docs/invariants.md"), "mutants") ?? "";
	expect(tableWith(table, MUTANTS, [])).toBe(table);
	expect(MUTANTS.filter(mutant => !table.includes(`\n${rowStart(mutant)}`))).toEqual([]);
});

test("titles are read with one id or several, in any quotes, and nothing else is", () => {
	const text = `test("I7: one", …); test.each([…])('T35, T37: %s', …); test(\`I1 I17: a "b" c\`, …); "I am: x"; "I7 is"`;
	expect(titlesIn(text)).toEqual([
		{ title: "I7: one", ids: ["I7"] },
		{ title: "T35, T37: %s", ids: ["T35", "T37"] },
		{ title: 'I1 I17: a "b" c', ids: ["I1", "I17"] },
	]);
});

test("rows of mutants that were not tried stay, those of mutants that are gone go", () => {
	const mutant = (covers: string): Mutant => ({
		covers,
		fault: "a | b",
		file: "f.ts",
		find: "a",
		replace: "b",
		test: "t.test.ts",
	});
	const first = tableWith("", [mutant("I1"), mutant("I2")], [{ mutant: mutant("I1"), by: "never" }]);
	expect(first.split("\n")).toHaveLength(2);
	const [one, two] = [mutant("I1"), mutant("I2")];
	const table = tableWith(
		"",
		[one, two],
		[one, two].map(it => ({ mutant: it, by: "I: fails" })),
	);
	expect(table.split("\n").slice(2)).toEqual([
		"| I1 | a \\| b | `f.ts` | I: fails (`t.test.ts`) |",
		"| I2 | a \\| b | `f.ts` | I: fails (`t.test.ts`) |",
	]);
	expect(tableWith(table, [two], [])).toBe(table.split("\n").toSpliced(2, 1).join("\n"));
});
