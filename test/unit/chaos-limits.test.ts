import { expect, test } from "@jest/globals";
import { atLeast, atMost, isKept, worstOf, writeLimited } from "../chaos/limits.ts";

test("a limit is kept up to it, and not beyond it", () => {
	expect(isKept(atMost("I30", "longest answer", 5_000, 5_000))).toBe(true);
	expect(isKept(atMost("I30", "longest answer", 5_001, 5_000))).toBe(false);
	expect(isKept(atLeast("I33", "succeeded", 0.99, 0.99, "share"))).toBe(true);
	expect(isKept(atLeast("I33", "succeeded", 0.98, 0.99, "share"))).toBe(false);
});

test("what could not be measured is not kept, and says so also when it is read from a file", () => {
	const limited = atMost("I22", "refused", Number.NaN, 0.001, "share");
	const read = JSON.parse(JSON.stringify(limited));
	expect([limited, read].map(isKept)).toEqual([false, false]);
	expect(writeLimited(read)).toBe("**NOT KEPT: I22 refused ? (at most 0.10 %)**");
});

test("a figure is written with its limit", () => {
	expect(writeLimited(atMost("I30", "longest answer", 4_530, 5_000))).toBe(
		"I30 longest answer 4.5 s (at most 5.0 s)",
	);
	expect(writeLimited(atLeast("I1", "sends", 4_000, 5_000, "count"))).toBe(
		"**NOT KEPT: I1 sends 4,000 (at least 5,000)**",
	);
});

test("of several runs the worst counts", () => {
	const answers = [4_000, 6_000, 5_000].map(ms => atMost("I30", "longest answer", ms, 5_500));
	const shares = [0.995, 0.999].map(share => atLeast("I33", "succeeded", share, 0.99, "share"));
	expect(worstOf([...answers, ...shares]).map(({ value }) => value)).toEqual([6_000, 0.995]);
});
