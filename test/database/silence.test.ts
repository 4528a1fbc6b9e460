/** A PostgreSQL that takes what it is sent and answers nothing. */
import { afterAll, afterEach, expect, test } from "@jest/globals";
import { proxy } from "../support/proxy.ts";
import { eventually } from "../support/stage.ts";
import "../support/env.ts";

const link = await proxy(process.env.CHAT_DATABASE_URL ?? "");
process.env.CHAT_DATABASE_URL = link.url;
const { codeOf } = await import("../../lib/errors.ts");
const { openDatabase } = await import("../../lib/database.ts");
const db = openDatabase();

afterEach(() => link.pass());

afterAll(async () => {
	await db.close();
	await link.close();
});

const ask = () => db.query("SELECT 1");
const wait = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));

/** Its code, and after how many seconds it was there. */
async function outcomeOf(asked: Promise<unknown>): Promise<[code: string, seconds: number]> {
	const startedAt = performance.now();
	const code = await asked.then(
		() => "ok",
		err => codeOf(err) ?? String(err),
	);
	return [code, Math.round((performance.now() - startedAt) / 1_000)];
}

test("I30: of a server that is silent all hear so at once, also who has waited before, and when it answers all goes on", async () => {
	await Promise.all([ask(), ask(), ask()]);
	link.blackhole();
	const first = outcomeOf(ask());
	await wait(1_000);
	// Who waits for a connection, or for two answers, waits no longer than the others.
	const under = Array.from({ length: 30 }, () => outcomeOf(ask().catch(ask)));
	expect((await first)[0]).toBe("UNAVAILABLE");
	const begun = await Promise.all(Array.from({ length: 20 }, () => outcomeOf(ask())));
	expect(new Set(begun.map(([code]) => code))).toEqual(new Set(["UNAVAILABLE"]));
	expect(Math.max(...begun.map(([, seconds]) => seconds))).toBeLessThanOrEqual(1);
	const heard = await Promise.all(under);
	expect(new Set(heard.map(([code]) => code))).toEqual(new Set(["UNAVAILABLE"]));
	expect(Math.max(...heard.map(([, seconds]) => seconds))).toBeLessThanOrEqual(5);
	await link.pass();
	// One of them may still be finding out.
	await eventually(
		async () => (await outcomeOf(ask()))[0],
		code => code === "ok",
		1_000,
	);
	expect(await Promise.all(Array.from({ length: 20 }, async () => (await outcomeOf(ask()))[0]))).toEqual(
		Array.from({ length: 20 }, () => "ok"),
	);
}, 40_000);

test("one statement that takes too long is no silence", async () => {
	await Promise.allSettled([ask(), ask(), ask()]); // whatever the test before has left
	const slow = outcomeOf(db.query("SELECT pg_sleep(6)"));
	const others: string[] = [];
	for (let i = 0; i < 12; i++) {
		others.push((await outcomeOf(ask()))[0]);
		await wait(500);
	}
	expect((await slow)[0]).toBe("UNAVAILABLE");
	expect(new Set(others)).toEqual(new Set(["ok"]));
}, 20_000);
