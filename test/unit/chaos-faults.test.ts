import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { FAULTS } from "../chaos/faults.ts";

test("every seeded fault has its place in the source exactly once", () => {
	const textOf = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), "utf8");
	const places = FAULTS.map(({ fault, file, find }) => [fault, textOf(file).split(find).length - 1]);
	expect(places.filter(([, count]) => count !== 1)).toEqual([]);
	expect(new Set(FAULTS.map(({ fault }) => fault)).size).toBe(FAULTS.length);
});
