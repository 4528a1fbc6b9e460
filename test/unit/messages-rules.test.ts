import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { MessageRow } from "../../models/message.ts";
import { cut, mustReset } from "../../services/messages/catch-up.rules.ts";
import { mergeMarks, statusesOf } from "../../services/messages/marks.rules.ts";
import {
	deleted,
	edited,
	pinned,
	reacted,
	unpinned,
	unreacted,
} from "../../services/messages/messages.rules.ts";

const NOW = "2026-01-01T00:00:00.000Z";
const row = {
	content: "words",
	metadata: { a: 1 },
	mentions: ["bob", "cyd"],
	reactions: [],
	edited_at: null,
	deleted_at: null,
	pinned_at: null,
	pinned_by: null,
} as unknown as MessageRow;

test("editing to the same words and mentions changes nothing", () => {
	expect(edited(row, "words", null, NOW)).toBe(row);
	expect(edited(row, "words", ["cyd", "bob"], NOW)).toBe(row);
	expect(edited(row, "others", null, NOW)).toMatchObject({ content: "others", mentions: ["bob", "cyd"] });
	expect(edited(row, "words", [], NOW)).toMatchObject({ mentions: [], edited_at: NOW });
});

test("a deleted message keeps nothing but its place, and nothing changes it again", () => {
	const gone = deleted(pinned(reacted(row, "+", "ann"), "ann", NOW), NOW);
	expect(gone).toMatchObject({ content: null, metadata: {}, mentions: [], reactions: [], deleted_at: NOW });
	expect(gone).toMatchObject({ pinned_at: null, pinned_by: null });
	expect(deleted(gone, "later")).toBe(gone);
	expect(pinned(gone, "ann", NOW)).toBe(gone);
	expect(unpinned(gone)).toBe(gone);
	expect(() => edited(gone, "x", null, NOW)).toThrow(expect.objectContaining({ type: "CONFLICT" }));
});

test("pinning what is pinned keeps who pinned it first", () => {
	const once = pinned(row, "ann", NOW);
	expect(pinned(once, "bob", "later")).toBe(once);
	expect(unpinned(once)).toMatchObject({ pinned_at: null, pinned_by: null });
	expect(unpinned(row)).toBe(row);
});

test("a message has fifty different emojis at most, and each of them has no bound", () => {
	let full = row;
	for (let i = 0; i < 50; i++) full = reacted(full, `e${i}`, "ann");
	expect(() => reacted(full, "one more", "ann")).toThrow(
		expect.objectContaining({ data: { errors: [expect.objectContaining({ field: "emoji" })] } }),
	);
	expect(reacted(full, "e7", "bob").reactions[7]).toEqual({ emoji: "e7", count: 2, userIds: ["ann", "bob"] });
});

test("the first twenty who react are shown, and the next moves up when one of them goes", () => {
	let many = row;
	for (let i = 0; i < 25; i++) many = reacted(many, "+", `u${i}`);
	expect(many.reactions[0]).toMatchObject({
		count: 25,
		userIds: Array.from({ length: 20 }, (_, i) => `u${i}`),
	});
	const less = unreacted(many, "+", "u3", "u20");
	expect(less.reactions[0]?.count).toBe(24);
	expect(less.reactions[0]?.userIds.slice(-2)).toEqual(["u19", "u20"]);
	expect(less.reactions[0]?.userIds).not.toContain("u3");
	const unseen = unreacted(many, "+", "u24", null);
	expect(unseen.reactions[0]).toEqual({ ...many.reactions[0], count: 24 });
	expect(unreacted(reacted(row, "+", "ann"), "+", "ann", null).reactions).toEqual([]);
});

test("I13: up to a thousand behind is told change by change, more is a new beginning", () => {
	expect([0, 999, 1_000].map(behind => mustReset(2_000 - behind, 2_000))).toEqual([false, false, false]);
	expect([1_001, 1_999].map(behind => mustReset(2_000 - behind, 2_000))).toEqual([true, true]);
	expect(mustReset(2_001, 2_000)).toBe(true);
});

test("pages of changes put together hold every change once, in order", () => {
	const revisions = fc.uniqueArray(fc.integer({ min: 1, max: 200 }), { maxLength: 60 });
	fc.assert(
		fc.property(
			revisions,
			fc.func(fc.boolean()),
			fc.integer({ min: 1, max: 20 }),
			(revs, isMember, limit) => {
				const sorted = revs.sort((a, b) => a - b).map(rev => ({ rev }));
				const seen: number[] = [];
				let since = 0;
				for (let more = true; more; ) {
					const after = sorted.filter(({ rev }) => rev > since);
					const page = cut(
						{
							messages: after.filter(({ rev }) => !isMember(rev)).slice(0, limit + 1),
							members: after.filter(({ rev }) => isMember(rev)).slice(0, limit + 1),
						},
						limit,
						250,
					);
					const items = [...page.messages, ...page.members].map(({ rev }) => rev);
					expect(items.length).toBeLessThanOrEqual(limit);
					seen.push(...items.sort((a, b) => a - b));
					since = page.rev;
					more = page.hasMore;
				}
				expect(seen).toEqual(sorted.map(({ rev }) => rev));
				expect(since).toBe(250);
			},
		),
	);
});

test("what one member marks in one batch becomes the highest of each mark", () => {
	const of = (kind: "read" | "delivered", seq: number | null, userId = "ann") => ({
		chatId: "c",
		userId,
		kind,
		seq,
	});
	expect(mergeMarks([of("read", 3), of("delivered", 7), of("read", 5), of("delivered", 2, "bob")])).toEqual([
		{ chatId: "c", userId: "ann", readSeq: 5, deliveredSeq: 7 },
		{ chatId: "c", userId: "bob", readSeq: 0, deliveredSeq: 2 },
	]);
	const [end] = mergeMarks([of("read", 3), of("read", null)]);
	expect(end?.readSeq).toBe(Number.MAX_SAFE_INTEGER);
});

test("having read says that it was delivered", () => {
	const told = (read_seq: number, delivered_seq: number, readMoved: boolean, deliveredMoved: boolean) =>
		statusesOf({
			row: { chat_id: "c", user_id: "ann", read_seq, delivered_seq } as never,
			readMoved,
			deliveredMoved,
		}).map(({ status, seq }) => `${status} ${seq}`);
	expect(told(5, 5, true, true)).toEqual(["READ 5"]);
	expect(told(5, 7, true, true)).toEqual(["DELIVERED 7", "READ 5"]);
	expect(told(5, 7, false, true)).toEqual(["DELIVERED 7"]);
	expect(told(5, 7, false, false)).toEqual([]);
});
