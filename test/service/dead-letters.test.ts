import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as deadLetters from "../../contracts/dead-letters.ts";
import { newId } from "../../lib/ids.ts";
import service from "../../services/kafka-bridge/dead-letters.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";

let town: Awaited<ReturnType<typeof testBroker>>;
beforeAll(async () => {
	town = await testBroker(service);
});
afterAll(() => town.stop());

/** Letters of the same moment too: their order is that of their ids. */
async function bury(count: number): Promise<void> {
	for (let n = 0; n < count; n++) {
		await town.db.query(
			`INSERT INTO ${town.db.t.deadLetters} (id, consumer, event, reason, at)
			 VALUES ($1, 'audit', '{}', $2, date_trunc('milliseconds', now()) - make_interval(secs => $3))`,
			[newId(), `reason ${n}`, Math.floor(n / 2)],
		);
	}
}

test("an administrator reads dead letters page by page, the latest first, each once", async () => {
	await bury(7);
	const call = town.as(await town.user(), { user: { id: newId(), admin: true } });
	const all = [];
	let cursor: string | undefined;
	do {
		const page = await call(deadLetters.list, { limit: 3, ...(cursor && { cursor }) });
		all.push(...page.items);
		cursor = page.nextCursor ?? undefined;
	} while (cursor);
	expect(new Set(all.map(({ id }) => id)).size).toBe(7);
	expect(all.map(({ at }) => at)).toEqual(
		all
			.map(({ at }) => at)
			.sort()
			.reverse(),
	);
});

test("a dead letter that was dealt with is removed, once", async () => {
	const call = town.as(await town.user());
	const [first] = (await call(deadLetters.list, { limit: 1 })).items;
	await call(deadLetters.remove, { id: first?.id as string });
	expect(await codeOf(call(deadLetters.remove, { id: first?.id as string }))).toBe("NOT_FOUND");
	expect((await call(deadLetters.list, {})).items).toHaveLength(6);
});

test("a cursor that is none of ours is refused", async () => {
	const call = town.as(await town.user());
	for (const bad of [
		"x",
		...["1e999", "8640000000000000", '"+275760-09-13T00:00:00.000Z"', '"2021-02-31T00:00:00.000Z"'].map(at =>
			Buffer.from(`[${at},"018f0000-0000-7000-8000-000000000000"]`).toString("base64url"),
		),
	]) {
		expect(await codeOf(call(deadLetters.list, { cursor: bad }))).toBe("VALIDATION_ERROR");
	}
});

test("T1: none of the actions that moleculer-db makes of a table is there", () => {
	const names = town.broker.registry.actions.list({}).map(({ name }: { name: string }) => name);
	expect(names.filter((name: string) => name.startsWith("dead-letters")).sort()).toEqual([
		"dead-letters.list",
		"dead-letters.remove",
	]);
});
