import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { pageRange, placesOf } from "../../services/messages/pages.rules.ts";

const seqs = ({ from, to }: { from: number; to: number }) =>
	Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);

test.each([
	["the newest, where nothing is named", { limit: 3 }, [8, 9, 10], "8"],
	["what is before, without the place itself", { before: 8, limit: 3 }, [5, 6, 7], "5"],
	["the beginning, which has nothing before it", { before: 4, limit: 3 }, [1, 2, 3], null],
	["nothing before the first", { before: 1, limit: 3 }, [], null],
	["nothing before nothing", { before: 0, limit: 3 }, [], null],
	["the newest before a place that is not there yet", { before: 99, limit: 2 }, [9, 10], "9"],
	["what is after, without the place itself", { after: 2, limit: 3 }, [3, 4, 5], "5"],
	["the end, which has nothing after it", { after: 7, limit: 3 }, [8, 9, 10], null],
	["nothing after the last", { after: 10, limit: 3 }, [], null],
	["all from the beginning", { after: 0, limit: 50 }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], null],
	["a place in the middle", { around: 5, limit: 3 }, [4, 5, 6], "8"],
	["a place near the beginning", { around: 1, limit: 5 }, [1, 2, 3], "6"],
	["a place near the end", { around: 10, limit: 5 }, [8, 9, 10], null],
	["one place alone", { around: 5, limit: 1 }, [5], "6"],
	["nothing around what is far beyond the end", { around: 99, limit: 3 }, [], null],
])("a page shows %s", (_, wanted, expected, nextCursor) => {
	const range = pageRange(wanted, 10);
	expect(seqs(range)).toEqual(expected);
	expect(range.nextCursor).toBe(nextCursor);
});

test("an empty chat has empty pages", () => {
	for (const wanted of [{}, { before: 1 }, { after: 0 }, { around: 1 }])
		expect([seqs(pageRange(wanted, 0)), pageRange(wanted, 0).nextCursor]).toEqual([[], null]);
});

test("two places at once are refused, and null names none", () => {
	expect(() => pageRange({ before: 1, after: 1 }, 10)).toThrow(
		expect.objectContaining({ type: "VALIDATION_ERROR" }),
	);
	expect(() => pageRange({ after: 0, around: 3 }, 10)).toThrow(
		expect.objectContaining({ type: "VALIDATION_ERROR" }),
	);
	expect(seqs(pageRange({ before: 3, after: null, around: null, limit: null }, 10))).toEqual([1, 2]);
});

test("whoever follows the cursors sees every message once, whichever way they go", () => {
	const walk = (name: "before" | "after" | "around", lastSeq: number, limit: number, start: number) => {
		const seen: number[] = [];
		let cursor: number | undefined = start;
		while (cursor !== undefined) {
			const range = pageRange({ [name]: cursor, limit }, lastSeq);
			const page = seqs(range);
			expect(page.length).toBeLessThanOrEqual(limit);
			seen.push(...page);
			expect(seen.length).toBeLessThanOrEqual(lastSeq);
			cursor = range.nextCursor === null ? undefined : Number(range.nextCursor);
		}
		return seen.sort((a, b) => a - b);
	};
	const lastSeqs = fc.integer({ min: 0, max: 60 });
	const limits = fc.integer({ min: 1, max: 12 });
	fc.assert(
		fc.property(lastSeqs, limits, fc.integer({ min: 0, max: 70 }), (lastSeq, limit, start) => {
			const all = seqs({ from: 1, to: lastSeq });
			expect(walk("before", lastSeq, limit, start)).toEqual(all.filter(seq => seq < start));
			expect(walk("after", lastSeq, limit, start)).toEqual(all.filter(seq => seq > start));
			const around = walk("around", lastSeq, limit, start);
			expect(around).toEqual(all.filter(seq => seq >= start - Math.floor(limit / 2)));
		}),
		{ numRuns: 500 },
	);
});

test("what is read before the end is known holds the page, also where the chat grows meanwhile", () => {
	const place = fc.integer({ min: 0, max: 40 });
	const wanted = fc.oneof(
		fc.record({ limit: fc.integer({ min: 1, max: 9 }) }),
		...["before", "after", "around"].map(name =>
			fc.record({ [name]: place, limit: fc.integer({ min: 1, max: 9 }) }),
		),
	);
	fc.assert(
		fc.property(wanted, fc.nat(30), fc.nat(5), (page, end, more) => {
			const { first, last, limit } = placesOf(page);
			const log = seqs({ from: 1, to: end + more });
			const rows =
				first === null
					? log.filter(seq => seq <= last).slice(-limit)
					: log.filter(seq => seq >= first && seq <= last);
			const range = pageRange(page, Math.max(end, rows.at(-1) ?? 0));
			expect(rows.filter(seq => range.from <= seq && seq <= range.to)).toEqual(seqs(range));
		}),
	);
});
