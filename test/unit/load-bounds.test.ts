/** When the small form of the bench fails: at gross loss, and never in silence. */
import { describe, expect, test } from "@jest/globals";
import { BOUNDS, limitOf, ratioOf, verdictOf } from "../../load/bench/bounds.rules.ts";

describe("a ratio to bare Socket.IO", () => {
	const reached = { scenario: "room40", floor: 3 };
	const known = { scenario: "room40", floor: 3, holds: 0.8 };

	test("holds from half of its floor on, and is lost below", () => {
		expect(verdictOf(reached, 1.5)).toBe("holds");
		expect(verdictOf(reached, 1.49)).toBe("lost");
	});

	test("below half of the floor is said, where it was known, until it falls further", () => {
		expect(verdictOf(known, 1.5)).toBe("holds");
		expect(verdictOf(known, 1.49)).toBe("not yet");
		expect(verdictOf(known, 0.8)).toBe("not yet");
		expect(verdictOf(known, 0.79)).toBe("lost");
	});

	test("that could not be measured is lost", () => {
		expect(verdictOf(known, ratioOf([]))).toBe("lost");
		expect(verdictOf(known, Number.NaN)).toBe("lost");
		expect(verdictOf(known, ratioOf([{ bare: 0, own: Number.NaN }]))).toBe("lost");
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

test("each scenario has its floor once, and an exception only below half of it", () => {
	expect(BOUNDS.map(({ scenario, floor }) => [scenario, floor])).toEqual([
		["room40", 3],
		["room4", 5],
		["direct", 0.3],
	]);
	for (const bound of BOUNDS) if (bound.holds !== undefined) expect(bound.holds).toBeLessThan(limitOf(bound));
});
