/** How far a message is from the least that it can cost. */
import { expect, test } from "@jest/globals";
import { leastOf } from "../../load/bench/least.rules.ts";

test("in a direct chat a message arrives in a read, leaves in two writes, and shares what its batch does", () => {
	// 20 ms of 2,000 messages a second are a batch of 40.
	const least = leastOf({ rooms: 500, members: 2 }, 2_000, 128);
	expect(least).toMatchObject({ commits: 1 / 40, records: 2, bytesRead: 128, bytesWritten: 128 * 5 });
	expect(least.reads).toBeCloseTo(1 + 2 / 40);
	expect(least.writes).toBeCloseTo(2 + 2 / 40);
});

test("messages of a busy room share their writes to its members", () => {
	// 80 ms of 1,000 messages a second in 4 rooms: 20 in each.
	expect(leastOf({ rooms: 4, members: 50 }, 1_000, 128).writes).toBeCloseTo(50 / 20 + 2 / 80);
});

test("a message that comes alone shares nothing", () => {
	expect(leastOf({ rooms: 1, members: 2 }, 1, 128)).toMatchObject({ reads: 3, writes: 4, commits: 1 });
});
