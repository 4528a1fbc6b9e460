import { expect, test } from "@jest/globals";
import { groupReceipts, tickOf } from "../../client/react/message/delivery.rules.ts";
import { emojiOnly } from "../../client/react/message/emoji.rules.ts";

const own = { isOwn: true, isDeleted: false, change: null } as const;
const FAILED = { state: "failed", code: "FORBIDDEN", retryable: false } as const;

test("one's own message shows how far it has come, others' show nothing", () => {
	expect(tickOf({ ...own, delivery: { state: "pending" } })).toBe("pending");
	expect(tickOf({ ...own, delivery: { state: "read" } })).toBe("read");
	expect(tickOf({ ...own, isOwn: false, delivery: { state: "sent" } })).toBeNull();
	expect(tickOf({ ...own, isDeleted: true, delivery: { state: "read" } })).toBeNull();
});

test("a change that waits or was refused is shown on any message", () => {
	const read = { state: "read" } as const;
	expect(tickOf({ ...own, delivery: read, change: { state: "pending" } })).toBe("pending");
	expect(tickOf({ ...own, isOwn: false, delivery: read, change: FAILED })).toBe("failed");
	expect(tickOf({ ...own, delivery: read, change: { state: "sent" } })).toBe("read");
	expect(tickOf({ ...own, delivery: FAILED, change: { state: "pending" } })).toBe("failed");
});

test("receipts are grouped by what happened, the latest first", () => {
	const [T1, T2] = ["2030-01-01T10:00:00Z", "2030-01-01T11:00:00Z"];
	expect(
		groupReceipts([
			{ userId: "a", deliveredAt: T1, readAt: T1 },
			{ userId: "b", deliveredAt: T1, readAt: T2 },
			{ userId: "c", deliveredAt: T2, readAt: null },
			{ userId: "d", deliveredAt: null, readAt: null },
		]),
	).toEqual({
		read: [
			{ userId: "b", at: T2 },
			{ userId: "a", at: T1 },
		],
		delivered: [{ userId: "c", at: T2 }],
		waiting: [{ userId: "d" }],
	});
});

test.each([
	["👍", 1],
	["👩🏽‍💻 🏳️‍🌈", 2],
	["🇩🇪👨‍👩‍👧‍👦❤️", 3],
	["👍👍👍👍", 0],
	["ok 👍", 0],
	["1", 0],
	["", 0],
	["👍".repeat(1_000), 0],
])("%s holds %d emoji and nothing else", (content, count) => expect(emojiOnly(content)).toBe(count));
