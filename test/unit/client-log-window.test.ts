import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { ChatLog } from "../../client/log/chat-log.ts";
import { type Log, lastOf, WINDOW_MAX } from "../../client/log/log.rules.ts";
import { joined, type Segment } from "../../client/log/log-store.ts";
import { asking, ME, ModelChat } from "../support/log-model.ts";

function chatOf(messages: number): { model: ModelChat; log: ChatLog } {
	const model = new ModelChat();
	for (let n = 0; n < messages; n++) model.send();
	const log = new ChatLog({ me: ME });
	log.begin(model.newest());
	return { model, log };
}

const now = (log: ChatLog) => log.get() as Log;
const range = (log: ChatLog) => [now(log).from, lastOf(now(log))];

function load(log: ChatLog, model: ModelChat, from: number, to: number, side: "older" | "newer" | "jump") {
	const { asked, done } = asking(log);
	const page = model.page(from, to);
	return {
		arrives() {
			const isIn = log.page(page, side, asked);
			done();
			return isIn;
		},
	};
}

test("I14: a message that is edited while its page is under way is shown as edited", () => {
	const { model, log } = chatOf(200);
	const page = load(log, model, 101, 150, "older");
	model.edit(120);
	log.take(model.told.at(-1) as never);
	expect(page.arrives()).toBe(true);
	expect(now(log).messages.find(({ seq }) => seq === 120)?.content).toMatch(/^edited/);
	expect(range(log)).toEqual([101, 200]);
});

test("I9: a page that is ahead of the events does not go back when they come", () => {
	const { model, log } = chatOf(200);
	model.edit(120);
	model.edit(120);
	expect(load(log, model, 101, 150, "older").arrives()).toBe(true);
	const shown = now(log).messages.find(({ seq }) => seq === 120);
	for (const change of model.told.slice(-2)) {
		log.take(change);
		expect(now(log).messages.find(({ seq }) => seq === 120)).toEqual(shown);
	}
	expect(now(log).cursor).toBe(model.rev);
});

test("I14: a page never shows what is beyond the cursor's end: its event has its turn", () => {
	const { model, log } = chatOf(200);
	expect(load(log, model, 50, 90, "jump").arrives()).toBe(true);
	for (let n = 0; n < 3; n++) model.send();
	expect(load(log, model, 150, 203, "jump").arrives()).toBe(true);
	expect(range(log)).toEqual([150, 200]);
	for (const change of model.told.slice(-3)) log.take(change);
	expect(range(log)).toEqual([150, 203]);
});

test("I12: what is sent while the way back to the end is under way joins it without a hole", () => {
	const { model, log } = chatOf(200);
	load(log, model, 50, 90, "jump").arrives();
	const page = load(log, model, 151, 200, "jump");
	for (let n = 0; n < 3; n++) model.send();
	for (const change of model.told.slice(-3)) log.take(change);
	expect(page.arrives()).toBe(true);
	expect(range(log)).toEqual([151, 203]);
});

test("I12: a page that no longer joins the window is left out", () => {
	const { model, log } = chatOf(300);
	const page = load(log, model, 201, 250, "older");
	load(log, model, 50, 90, "jump").arrives();
	expect(page.arrives()).toBe(false);
	expect(range(log)).toEqual([50, 90]);
});

test("I12: a page does not join a full window that new messages have moved on meanwhile", () => {
	const { model, log } = chatOf(1_000);
	load(log, model, 401, 1_000, "jump").arrives();
	const page = load(log, model, 351, 400, "older");
	for (let n = 0; n < 10; n++) model.send();
	for (const change of model.told.slice(-10)) log.take(change);
	expect(range(log)).toEqual([411, 1_010]);
	expect(page.arrives()).toBe(false);
	expect(now(log).messages).toEqual(model.page(411, 1_010));
});

test("the window keeps its bound: going back drops the newest, new messages drop the oldest", () => {
	const { model, log } = chatOf(1_000);
	for (let from = 901; from >= 1; from -= 50) load(log, model, from, from + 49, "older").arrives();
	expect(range(log)).toEqual([1, WINDOW_MAX]);
	load(log, model, 401, 1_000, "jump").arrives();
	model.send();
	log.take(model.told.at(-1) as never);
	expect(range(log)).toEqual([402, 1_001]);
});

test("I12: whatever pages come in whatever order, the window has no hole and is as the server is", () => {
	const move = fc.record({
		side: fc.constantFrom("older" as const, "newer" as const, "jump" as const),
		at: fc.integer({ min: 1, max: 300 }),
		size: fc.integer({ min: 1, max: 40 }),
		meanwhile: fc.array(fc.integer({ min: 0, max: 320 }), { maxLength: 5 }),
	});
	fc.assert(
		fc.property(fc.array(move, { maxLength: 25 }), moves => {
			const { model, log } = chatOf(250);
			for (const { side, at, size, meanwhile } of moves) {
				const from = side === "older" ? now(log).from - size : side === "newer" ? lastOf(now(log)) + 1 : at;
				const page = load(log, model, from, from + size - 1, side);
				for (const seq of meanwhile) {
					if (seq === 0) model.send();
					else model.edit(seq);
					log.take(model.told.at(-1) as never);
				}
				page.arrives();
				const [first, last] = range(log) as [number, number];
				expect(now(log).messages).toEqual(model.page(first, last));
			}
		}),
		{ numRuns: 500 },
	);
}, 60_000);

test("I12: whatever a faulty server leaves out of its pages, the window has no hole", () => {
	const side = fc.constantFrom("older" as const, "newer" as const, "jump" as const);
	const missing = fc.array(fc.integer({ min: 1, max: 100 }), { maxLength: 4 });
	const move = fc.record({
		side,
		at: fc.integer({ min: 1, max: 100 }),
		size: fc.integer({ min: 1, max: 40 }),
	});
	fc.assert(
		fc.property(missing, fc.array(move, { maxLength: 15 }), (missing, moves) => {
			const { model } = chatOf(100);
			const there = ({ seq }: { seq: number }) => !missing.includes(seq);
			const newest = model.newest();
			const log = new ChatLog({ me: ME });
			log.begin({ ...newest, messages: newest.messages.filter(there) });
			for (const { side, at, size } of moves) {
				const from = side === "older" ? now(log).from - size : side === "newer" ? lastOf(now(log)) + 1 : at;
				const { asked, done } = asking(log);
				log.page(model.page(from, from + size - 1).filter(there), side, asked);
				done();
				const [first, last] = range(log) as [number, number];
				expect(now(log).messages).toEqual(model.page(first, last));
			}
		}),
		{ numRuns: 500 },
	);
}, 60_000);

test("I12: segments that touch or overlap become one, and others stay apart", () => {
	const ranges = fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 8 })), {
		maxLength: 12,
	});
	fc.assert(
		fc.property(ranges, all => {
			let segments: Segment[] = [];
			const held = new Set<number>();
			for (const [from, length] of all) {
				segments = joined(segments, [from, from + length]);
				for (let seq = from; seq <= from + length; seq++) held.add(seq);
			}
			const listed = segments.flatMap(([a, b]) => Array.from({ length: b - a + 1 }, (_, i) => a + i));
			expect(listed).toEqual([...held].sort((a, b) => a - b));
			for (const [index, [a]] of segments.entries())
				if (index > 0) expect(a).toBeGreaterThan((segments[index - 1]?.[1] ?? 0) + 1);
		}),
		{ numRuns: 1_000 },
	);
}, 60_000);
