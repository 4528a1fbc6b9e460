import { expect, test } from "@jest/globals";
import { againOf, secondTry } from "../../scripts/test/again.ts";
import { compareForms } from "../../scripts/test/forms.ts";
import type { TestOutcome } from "../../scripts/test/jest.ts";
import { GROUPS, isWanted, plan } from "../../scripts/test/plan.ts";

const ran = (name: string, status: TestOutcome["status"] = "passed"): TestOutcome => ({
	file: "test/behaviour/chats.test.ts",
	name,
	status,
	ms: 1,
});

test("what runs in both forms needs no explanation, whether it passes or fails", () => {
	const outcomes = { embedded: [ran("a"), ran("b", "failed")], cluster: [ran("a"), ran("b")] };
	expect(compareForms(outcomes, {}, true)).toEqual({
		rows: [{ file: "test/behaviour/chats.test.ts", embedded: 1, cluster: 2 }],
		explained: [],
		problems: [],
	});
});

test("what runs in one form only is a failure, unless its reason is listed", () => {
	const outcomes = { embedded: [ran("a"), ran("b", "skipped")], cluster: [ran("a"), ran("b"), ran("c")] };
	const { explained, problems } = compareForms(outcomes, { c: "needs two nodes" }, true);
	expect(explained).toEqual([{ name: "c", form: "cluster", why: "needs two nodes" }]);
	expect(problems).toEqual(['"b" ran only cluster, and differences.json does not say why']);
});

test("a listed difference that is none is a failure", () => {
	const outcomes = { embedded: [ran("a"), ran("d", "skipped")], cluster: [ran("a"), ran("d", "skipped")] };
	const { problems } = compareForms(outcomes, { a: "?", d: "?", gone: "?" }, true);
	expect(problems).toHaveLength(3);
	expect(compareForms(outcomes, { gone: "?" }, false).problems).toEqual([]);
});

test("a folder's name selects that folder, any other word a part of the path", () => {
	expect(isWanted("test/behaviour/community.test.ts", ["unit"])).toBe(false);
	expect(isWanted("test/unit/a.test.ts", ["unit"])).toBe(true);
	expect(isWanted("test/behaviour/chats.test.ts", ["inbox", "chats"])).toBe(true);
	expect(isWanted("test/behaviour/chats.test.ts", [])).toBe(true);
});

test("behaviours run in both forms, everything else once", () => {
	const names = (...args: Parameters<typeof plan>) => plan(...args).map(({ group }) => group.name);
	expect(names(["test/unit/a.test.ts"])).toEqual(["without servers"]);
	expect(names(["test/behaviour/a.test.ts"])).toEqual(["behaviour, embedded", "behaviour, cluster"]);
	expect(names(["test/behaviour/a.test.ts"], "cluster")).toEqual(["behaviour, cluster"]);
	expect(names(["test/unheard-of/a.test.ts"])).toEqual(["with servers"]);
});

test("only groups of one lane share the servers, and what measures is in a lane of its own", () => {
	expect(new Set(GROUPS.filter(({ servers }) => servers).map(({ lane }) => lane)).size).toBe(1);
	expect(GROUPS.filter(({ lane }) => lane === "alone").map(({ name }) => name)).toEqual(["bench"]);
});

test("a few files that failed are run once more, and what fails again has failed", () => {
	const [group] = GROUPS;
	if (!group) throw new Error("There is no group.");
	const of = (file: string, name: string, status: TestOutcome["status"]) => ({ ...ran(name, status), file });
	const first = [
		of("a", "x", "failed"),
		of("a", "y", "failed"),
		of("a", "z", "passed"),
		of("b", "x", "passed"),
	];
	const run = { group, outcomes: first };
	expect(againOf([run])).toEqual([{ run, files: ["a"] }]);
	const second = [of("a", "x", "failed"), of("a", "y", "passed"), of("a", "z", "failed")];
	expect(secondTry(first, ["a"], second)).toEqual({
		outcomes: [of("b", "x", "passed"), ...second],
		passedNow: [of("a", "y", "failed")],
	});
	const many = ["a", "b", "c", "d", "e", "f"].map(file => of(file, "x", "failed"));
	expect(againOf([{ group, outcomes: many }])).toEqual([]);
});
