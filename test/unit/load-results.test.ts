/** What a measurement leaves behind. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { keepResults } from "../../load/print/results.ts";

let folder: string;
let file: string;
const read = () => JSON.parse(readFileSync(file, "utf8"));

beforeEach(() => {
	folder = mkdtempSync(path.join(tmpdir(), "parley-results-"));
	file = path.join(folder, "new", "rows.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("what is measured alone leaves the others as they were, with their own date and machine", () => {
	keepResults(file, { quiet: { figure: 1 }, rest: { figure: 2 } }, { cores: 2 });
	const before = read();
	keepResults(file, { rest: { figure: 3 } }, { cores: 4 });
	expect(read()).toEqual({
		quiet: before.quiet,
		rest: { at: expect.any(String), machine: { cores: 4 }, figure: 3 },
	});
	expect(before.quiet).toMatchObject({ machine: { cores: 2 }, figure: 1 });
});

test("a file of an older form is written anew", () => {
	keepResults(file, {}, {});
	writeFileSync(file, JSON.stringify({ at: "2026-11-22", rows: [{ name: "rest" }], failed: [] }));
	keepResults(file, { rest: { figure: 3 } }, {});
	expect(Object.keys(read())).toEqual(["rest"]);
});
