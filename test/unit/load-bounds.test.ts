/** When the small form of the bench fails: at gross loss. */
import { describe, expect, test } from "@jest/globals";
import { BOUNDS, isLost, ratioOf } from "../../load/bench/bounds.rules.ts";

describe("a ratio to bare Socket.IO", () => {
	const bound = { scenario: "room40", floor: 3 };

	test("holds from half of its floor on, and is lost below", () => {
		expect(isLost(bound, 1.5)).toBe(false);
		expect(isLost(bound, 1.49)).toBe(true);
	});

	test("that could not be measured is lost", () => {
		expect(isLost(bound, ratioOf([]))).toBe(true);
		expect(isLost(bound, Number.NaN)).toBe(true);
		expect(isLost(bound, ratioOf([{ bare: 0, own: Number.NaN }]))).toBe(true);
	});

	test("is that of the best pair: noise only makes it worse", () => {
		expect(
			ratioOf([
				{ bare: 10, own: 5 },
				{ bare: 12, own: 4 },
				{ bare: Number.NaN, own: 4 },
			]),
		).toBe(3);
	});
});

test("each scenario has its floor once", () => {
	expect(BOUNDS.map(({ scenario, floor }) => [scenario, floor])).toEqual([
		["room40", 3],
		["room4", 5],
		["direct", 0.3],
	]);
});
