import { expect, test } from "@jest/globals";
import { check, type Findings, NOTHING, type Operation, type Stored } from "../support/record.ts";

const operations = (): Operation[] =>
	[1, 2, 3].map(seq => ({ chatId: "c", clientId: `k${seq}`, outcome: "ok", id: `m${seq}`, seq }));
const stored = (): Stored[] =>
	[1, 2, 3].map(seq => ({ chat_id: "c", client_id: `k${seq}`, id: `m${seq}`, seq }));
const shown = () => [new Map([["c", [1, 2, 3]]])];

/** Which kinds of fault were found. */
const kinds = (findings: Findings) =>
	Object.entries(findings).flatMap(([kind, found]) => (found.length > 0 ? [kind] : []));

test("a run without a fault ends with no finding", () => {
	expect(check(operations(), stored(), shown())).toEqual(NOTHING);
});

test("an unknown outcome may be stored or not", () => {
	const maybe = operations().map(operation => ({ ...operation, outcome: "unknown" as const }));
	expect(check(maybe, stored(), shown())).toEqual(NOTHING);
	expect(check(maybe, [], [new Map()])).toEqual(NOTHING);
});

test("the checker finds a lost commit", () => {
	expect(kinds(check(operations(), stored().slice(0, 2), [new Map([["c", [1, 2]]])]))).toEqual(["lost"]);
});

test("the checker finds a send that was stored twice", () => {
	const twice = [...stored(), { chat_id: "c", client_id: "k3", id: "m4", seq: 4 }];
	expect(kinds(check(operations(), twice, [new Map([["c", [1, 2, 3, 4]]])]))).toContain("doubled");
});

test("the checker finds what nobody sent, and what was refused and yet stored", () => {
	expect(kinds(check(operations().slice(0, 2), stored(), shown()))).toEqual(["phantom"]);
	const refused = operations().map(operation => ({ ...operation, outcome: "failed" as const }));
	expect(kinds(check(refused, stored(), shown()))).toEqual(["phantom"]);
});

test("the checker finds a dropped event, a doubled one, and two that were swapped", () => {
	expect(kinds(check(operations(), stored(), [new Map([["c", [1, 3]]])]))).toEqual(["unseen"]);
	expect(kinds(check(operations(), stored(), [new Map([["c", [1, 2, 2, 3]]])]))).toEqual(["doubled"]);
	expect(kinds(check(operations(), stored(), [new Map([["c", [1, 3, 2]]])]))).toEqual(["misordered"]);
});

test("the checker finds a hole in seq", () => {
	const holed = stored().map(row => ({ ...row, seq: row.seq === 3 ? 4 : row.seq }));
	expect(kinds(check(operations(), holed, [new Map([["c", [1, 2, 4]]])]))).toContain("misordered");
});
