/** What the bench believes about a run: who heard what, how often, in which order. */
import { expect, test } from "@jest/globals";
import { now } from "../../load/bench/marker.ts";
import { isBroken, Tally, wrongOf } from "../../load/bench/tally.ts";

/** A room of two, of whom the first has sent so many messages, all acknowledged. */
function sent(count: number) {
	const tally = new Tally(2, 2);
	const messages = Array.from({ length: count }, () => {
		const micros = now();
		const number = tally.sends(0, micros);
		tally.answers(0, number, true);
		return { room: 0, sender: 0, number, micros };
	});
	const hear = (client: number, message = 0) => {
		const heard = messages[message];
		if (heard) tally.hears(client, heard, now());
	};
	const result = () => tally.result(count, 1, true);
	return { tally, hear, result, wrong: () => wrongOf("room", result()) };
}

test("what everybody hears once and in order is right", () => {
	const { hear, wrong } = sent(2);
	for (const client of [0, 1]) for (const message of [0, 1]) hear(client, message);
	expect(wrong()).toEqual([]);
});

test("what somebody does not hear is lost, what they hear again is doubled", () => {
	const { hear, wrong } = sent(1);
	hear(0);
	hear(0);
	expect(wrong()).toEqual(["room: 1 lost", "room: 1 doubled"]);
});

test("what overtakes is out of order", () => {
	const { hear, wrong } = sent(2);
	hear(0, 0);
	hear(0, 1);
	hear(1, 1);
	expect(wrong()).toContain("room: 1 misordered");
});

test("what was refused is missing in nobody's order", () => {
	const { tally, hear, wrong } = sent(1);
	tally.answers(0, tally.sends(0, now()), false);
	const micros = now();
	const last = { room: 0, sender: 0, number: tally.sends(0, micros), micros };
	tally.answers(0, last.number, true);
	for (const client of [0, 1]) {
		hear(client);
		tally.hears(client, last, now());
	}
	expect(wrong()).toEqual(["room: 1 refused"]);
});

test("what was sent before the run began, and comes late, does not count", () => {
	const before = { room: 0, sender: 0, number: 1, micros: now() - 1 };
	const { tally, hear, wrong } = sent(1);
	for (const client of [0, 1]) tally.hears(client, before, now());
	for (const client of [0, 1]) hear(client);
	expect(wrong()).toEqual([]);
});

test("what was acknowledged and not heard by all breaks the promise of a server that stores, and of no other", () => {
	const { hear, result } = sent(1);
	hear(0);
	expect(isBroken(result(), true)).toBe(true);
	expect(isBroken(result(), false)).toBe(false);
	hear(1);
	expect(isBroken(result(), true)).toBe(false);
});

test("what was never answered is no loss, and yet nothing good", () => {
	const { tally, hear, result, wrong } = sent(1);
	for (const client of [0, 1]) hear(client);
	tally.sends(0, now());
	expect(wrong()).toEqual(["room: 1 unanswered"]);
	expect(isBroken(result(), true)).toBe(false);
});
