/** What scenarios check by themselves, on made-up records. */
import { expect, test } from "@jest/globals";
import type { Send } from "../chaos/record.ts";
import type { MessageRow } from "../chaos/rows.ts";
import { examineShots } from "../chaos/scenarios/overload.ts";
import { notAmong } from "../chaos/scenarios/restore.ts";
import { busiestShare } from "../chaos/spread.ts";

const row = (seq: number, more: Partial<MessageRow> = {}) =>
	({ chatId: "c", id: `m${seq}`, clientId: `k${seq}`, seq, ...more }) as MessageRow;
const shot = (seq: number) => ({
	chatId: "c",
	clientId: `k${seq}`,
	outcome: "ok" as const,
	id: `m${seq}`,
	seq,
});

const kindsOf = (messages: MessageRow[]) => [
	...new Set(examineShots([shot(1), shot(2)] as never, messages).map(({ kind }) => kind)),
];

test("I36: where each accepted send is stored once and in its place nothing is found", () => {
	expect(kindsOf([row(1), row(2)])).toEqual([]);
});

test.each<[string, MessageRow[], string]>([
	["is not stored", [row(1)], "lost"],
	["is stored in another place", [row(1), row(2, { seq: 3 })], "lost"],
	["is stored twice", [row(1), row(2), row(3, { clientId: "k2" })], "doubled"],
])("I36: an accepted send that %s is found", (_, messages, kind) => {
	expect(kindsOf(messages)).toContain(kind);
});

test("I41: a send that a restored database lacks, or has elsewhere, is found", () => {
	const sends = [1, 2, 3].map(seq => shot(seq) as unknown as Send);
	expect(notAmong([row(1), row(2), row(3)], sends)).toEqual([]);
	expect(notAmong([row(1), row(3, { seq: 4 })], sends).map(({ id }) => id)).toEqual(["m2", "m3"]);
});

test("I38: clients that all wait as long are found, those that spread are not", () => {
	const limit = 0.18;
	const spread = Array.from({ length: 1_000 }, (_, i) => ((i * 7 * 500) / 1_000) % 500);
	expect(busiestShare(spread, 50)).toBeLessThan(limit);
	expect(
		busiestShare(
			spread.map(() => 500),
			100,
		),
	).toBe(1);
	expect(busiestShare([0, 99, 100, 500], 100)).toBe(0.5);
	// Somebody of whom it is not known is not taken for spread.
	expect(busiestShare([...spread, Number.NaN], 100)).toBeNaN();
});
