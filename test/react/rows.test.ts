import { describe, expect, test } from "@jest/globals";
import type { ShownMessage } from "../../client/api.ts";
import { nextStep, type Row, reuseRows, rowsOf } from "../../client/react/lists/rows.rules.ts";

const MINUTE = 60_000;
const NOON = new Date(2026, 2, 9, 12).getTime();

function message(seq: number, more: Partial<ShownMessage> & { minutes?: number } = {}): ShownMessage {
	const { minutes = seq, ...rest } = more;
	const shown: Partial<ShownMessage> = {
		key: `k${seq}`,
		id: `k${seq}`,
		seq,
		senderId: "ben",
		type: "text",
		content: `${seq}`,
		isOwn: false,
		isDeleted: false,
		createdAt: new Date(NOON + minutes * MINUTE).toISOString(),
		...rest,
	};
	return shown as ShownMessage;
}

const range = (from: number, to: number) =>
	rowsOf(
		Array.from({ length: to - from + 1 }, (_, i) => message(from + i)),
		{ hasOlder: true, unread: null },
	);
const keys = (rows: readonly Row[]) => rows.map(({ key }) => key);

describe("rows", () => {
	test("are one group while one person goes on within five minutes of a day", () => {
		const rows = rowsOf(
			[
				message(1, { minutes: 0 }),
				message(2, { minutes: 1 }),
				message(3, { minutes: 2 }),
				message(4, { minutes: 3, senderId: "ann" }),
				message(5, { minutes: 10, senderId: "ann" }),
				message(6, { minutes: 11, senderId: "ann", type: "system" }),
			],
			{ hasOlder: false, unread: null },
		);
		expect(rows.map(({ position }) => position)).toEqual([
			"first",
			"middle",
			"last",
			"single",
			"single",
			"single",
		]);
	});

	test("begin a day where it changes, and where the chat begins, but not where older ones may come", () => {
		const days = [
			message(1, { minutes: 0 }),
			message(2, { minutes: 24 * 60 }),
			message(3, { minutes: 24 * 60 + 1 }),
		];
		const isDay = (rows: Row[]) => rows.map(({ day }) => day !== null);
		expect(isDay(rowsOf(days, { hasOlder: false, unread: null }))).toEqual([true, true, false]);
		expect(isDay(rowsOf(days, { hasOlder: true, unread: null }))).toEqual([false, true, false]);
		expect(rowsOf(days, { hasOlder: false, unread: null })[0]?.isStart).toBe(true);
	});

	test("have one line for unread ones, which parts a group and counts no messages of one's own", () => {
		const all = [
			message(1),
			message(2),
			message(3, { isOwn: true, senderId: "ann" }),
			message(4),
			message(5),
		];
		const rows = rowsOf(all, { hasOlder: false, unread: { after: 1, upTo: 4 } });
		expect(rows.map(({ unread }) => unread)).toEqual([null, 2, null, null, null]);
		expect(rows[0]?.position).toBe("single");
		const beyond = rowsOf(all.slice(3), { hasOlder: true, unread: { after: 1, upTo: 5 } });
		expect(beyond.every(({ unread }) => unread === null)).toBe(true);
	});

	test("that are as they were stay the same objects", () => {
		const before = range(1, 3);
		const after = reuseRows(
			before,
			rowsOf(
				[message(1), message(2), message(3), message(4)].map((one, i) => before[i]?.message ?? one),
				{ hasOlder: true, unread: null },
			),
		);
		expect(after[0]).toBe(before[0]);
		expect(after[1]).toBe(before[1]);
		// The third is no longer the last of its group.
		expect(after[2]).not.toBe(before[2]);
	});
});

describe("steps", () => {
	/** What a list is told until it shows what is wanted. */
	function steps(shown: Row[], wanted: Row[]) {
		const taken: string[] = [];
		let now: readonly Row[] = shown;
		while (keys(now).join() !== keys(wanted).join()) {
			const step = nextStep(now, wanted);
			taken.push(`${step.isOther ? "other" : step.atStart ? "start" : "end"} ${step.rows.length}`);
			now = step.rows;
			if (taken.length > 3) throw new Error("It does not come to an end.");
		}
		return taken;
	}

	test("change one end at a time", () => {
		expect(steps(range(10, 20), range(10, 25))).toEqual(["end 16"]);
		expect(steps(range(10, 20), range(5, 20))).toEqual(["start 16"]);
		expect(steps(range(10, 20), range(5, 15))).toEqual(["start 16", "end 11"]);
		expect(steps(range(10, 20), range(15, 30))).toEqual(["start 6", "end 16"]);
		expect(steps(range(10, 20), range(12, 18))).toEqual(["start 9", "end 7"]);
	});

	test("begin anew where nothing is left", () => {
		expect(steps(range(10, 20), range(40, 50))).toEqual(["other 11"]);
		expect(steps([], range(40, 50))).toEqual(["other 11"]);
		expect(steps(range(40, 50), [])).toEqual(["other 0"]);
	});
});
