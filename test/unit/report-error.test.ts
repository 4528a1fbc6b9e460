import "../support/env.ts";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { ServiceBroker } from "moleculer";
import { fail, unavailable } from "../../lib/errors.ts";
import { brokerOptions } from "../../moleculer.config.ts";

let broker: ServiceBroker;
let lines: { level: string; words: unknown[] }[];
/** What the inner action throws. */
let fault: Error;

beforeEach(async () => {
	broker = new ServiceBroker(
		brokerOptions({ logger: false, transporter: null, metrics: { enabled: false } }),
	);
	lines = [];
	for (const level of ["warn", "error"] as const)
		broker.logger[level] = (...words: unknown[]) => void lines.push({ level, words });
	const inner = () => {
		throw fault;
	};
	broker.createService({
		name: "town",
		actions: { inner, outer: ctx => ctx.call("town.inner") },
		events: { "bell.rang": inner },
	});
	await broker.start();
});
afterEach(() => broker.stop());

const called = async (err: Error) => {
	fault = err;
	await expect(broker.call("town.outer")).rejects.toBe(err);
	return lines;
};

test("what nobody foresaw is told once, with its stack, however many actions it passes", async () => {
	const err = new TypeError("slip");
	expect(await called(err)).toEqual([
		{ level: "error", words: ["town.inner failed.", expect.objectContaining({ action: "town.inner" }), err] },
	]);
});

test("I31: a database that is away is told in one line without a stack", async () => {
	expect(await called(unavailable())).toEqual([
		{
			level: "warn",
			words: ["town.inner failed: UNAVAILABLE.", expect.objectContaining({ action: "town.inner" })],
		},
	]);
});

test("INTERNAL is never foreseen, and what the client did is not told", async () => {
	expect(await called(fail("CONFLICT"))).toEqual([]);
	expect((await called(fail("INTERNAL"))).map(({ level }) => level)).toEqual(["error"]);
});

test("an event's handler that finds the database away is told as shortly", async () => {
	fault = unavailable();
	await broker.broadcast("bell.rang");
	fault = new TypeError("slip");
	await broker.broadcast("bell.rang");
	expect(lines.map(({ level, words }) => [level, words.includes(fault)])).toEqual([
		["warn", false],
		["error", true],
	]);
});
