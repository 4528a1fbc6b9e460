import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { TABLES } from "../../scripts/docs/tables.ts";
import { generatedIn } from "../../scripts/generated.ts";

const textOf = (page: string) => readFileSync(new URL(`../../${page}`, import.meta.url), "utf8");

for (const { page, name, make } of TABLES) {
	test(`the table "${name}" of ${page} is what the code says (npm run docs writes it)`, () => {
		expect(generatedIn(textOf(page), name)).toBe(make());
	});
}
