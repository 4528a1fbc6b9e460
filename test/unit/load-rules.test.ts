/** What the load tests believe: who is in which chat, what was lost, what grows, and what a chart shows. */
import { describe, expect, test } from "@jest/globals";
import { lineChart } from "../../load/print/chart.ts";
import { slopeOf } from "../../load/soak/slope.rules.ts";
import { apart, mixed, userAt } from "../../load/stage/layout.ts";
import { Ledger } from "../../load/stage/ledger.ts";
import type { Member } from "../../load/stage/member.ts";

describe("a layout", () => {
	test.each([
		["apart", apart(30, 10), 1],
		["mixed", mixed(1_000, 20, 5), 20],
		["mixed, as the promises have it", mixed(10_000, 20, 5), 20],
	])("%s: nobody is in a chat twice, and each user in as many chats as it says", (_name, layout, each) => {
		const chatsOf = new Map<number, number>();
		for (let chat = 0; chat < layout.chats; chat++) {
			const members = new Set(Array.from({ length: layout.size }, (_, place) => userAt(layout, chat, place)));
			expect(members.size).toBe(layout.size);
			for (const user of members) chatsOf.set(user, (chatsOf.get(user) ?? 0) + 1);
		}
		expect(chatsOf.size).toBe(layout.users);
		expect([...new Set(chatsOf.values())]).toEqual([each]);
	});
});

describe("the ledger", () => {
	const listener = () => ({ places: new Map<number, number>() }) as Member;

	test("counts each delivery, ends when all have heard, and finds what comes twice", async () => {
		const counted = { delivered: 0, lost: 0, repeated: 0 };
		const ledger = new Ledger(3, {
			delivered: () => counted.delivered++,
			lost: deliveries => (counted.lost += deliveries),
			repeated: () => counted.repeated++,
		});
		const [ann, ben] = [listener(), listener()];
		const number = ledger.numberFor(2);
		ledger.sends(number, 2);
		ledger.hears({ number, seq: 7 }, ann);
		const heard = ledger.heard(number);
		ledger.hears({ number, seq: 7 }, ann);
		ledger.hears({ number, seq: 7 }, ben);
		await heard;
		ledger.hears({ number, seq: 6 }, ben);
		expect(counted).toEqual({ delivered: 2, lost: 0, repeated: 2 });
	});

	test("finds what was lost", async () => {
		let lost = 0;
		const ledger = new Ledger(
			1,
			{ delivered: () => {}, lost: deliveries => (lost += deliveries), repeated: () => {} },
			50,
		);
		const number = ledger.numberFor(0);
		ledger.sends(number, 3);
		ledger.hears({ number, seq: 1 }, listener());
		await ledger.heard(number);
		expect(lost).toBe(2);
	});
});

describe("a slope", () => {
	const samples = (value: (second: number) => number) =>
		Array.from({ length: 360 }, (_, i) => [i * 5, value(i * 5)] as const);

	test("of what grows steadily is found, through noise", () => {
		const { grows, perHour, mean, inTenMinutes } = slopeOf(
			samples(second => 200 + second / 18 + 20 * Math.sin(second)),
		);
		expect(grows).toBe(true);
		expect(perHour).toBeCloseTo(200, -1);
		expect(inTenMinutes).toBeCloseTo(200 / 6 / mean, 2);
	});

	test("of what only warms up, or only trembles, is none", () => {
		expect(slopeOf(samples(second => Math.min(300, 100 + second))).grows).toBe(false);
		expect(slopeOf(samples(second => 200 + 20 * Math.sin(second))).grows).toBe(false);
	});

	test("of what is level is none, though one sample near the end is far above it", () => {
		expect(slopeOf(samples(second => (second === 1_700 ? 400 : 200))).inTenMinutes).toBe(0);
	});

	test("of what is next to nothing is not judged by shares of itself", () => {
		expect(slopeOf(samples(second => second / 1_000)).grows).toBe(true);
		expect(
			slopeOf(
				samples(second => second / 1_000),
				20,
			).grows,
		).toBe(false);
	});
});

test("a chart has a line with all points for each series, and words that cannot be taken for marks", () => {
	const svg = lineChart({
		title: "A < B & C",
		x: { label: "chats", log: true },
		y: { label: "µs" },
		series: [
			{
				name: "node",
				points: [
					[10, 5],
					[1_000, 7],
					[100, 6],
				],
			},
			{
				name: "PostgreSQL",
				points: [
					[10, 2],
					[100, 2],
					[1_000, 2],
				],
			},
		],
	});
	const lines = [...svg.matchAll(/points="([^"]+)"/g)].map(([, points = ""]) => points.split(" "));
	expect(lines.map(points => points.length)).toEqual([3, 3]);
	const across = (lines[0] ?? []).map(point => Number(point.split(",")[0]));
	expect(across).toEqual([...across].sort((a, b) => a - b));
	expect(svg).toContain("A &#60; B &#38; C");
	expect(svg).not.toContain("NaN");
});
