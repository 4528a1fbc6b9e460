import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { bigints, integers, smallints, texts, uuids } from "../../lib/sql-arrays.ts";
import { testBroker } from "../support/broker.ts";

let node: Awaited<ReturnType<typeof testBroker>>;

beforeAll(async () => {
	node = await testBroker();
});
afterAll(() => node?.stop());

const ids = ["01a1ffed-b257-72c3-9d55-0fbd7ae2d454", "ffffffff-ffff-4fff-bfff-ffffffffffff"];

test.each([
	["bigint", bigints, [0, 1, -1, 2 ** 31, 2 ** 32, 2 ** 32 - 1, -(2 ** 33) - 5, 2 ** 53 - 1, null]],
	["integer", integers, [0, 2 ** 31 - 1, -(2 ** 31), null]],
	["smallint", smallints, [0, 15, -3, null]],
	["uuid", uuids, [...ids, null]],
	["text", texts, ["", "a", `"{}',\\ \n`, "naïve 漢字 👋🏽", "x".repeat(100_000), null]],
] as [string, (values: never) => Buffer, unknown[]][])(
	"an array of %s arrives as it was given, in its order, with its nulls",
	async (type, encode, values) => {
		for (const given of [values, values.slice(0, 1), values.slice(-1), []]) {
			const rows = await node.db.query<{ value: unknown }>(
				`SELECT value FROM unnest($1::${type}[]) WITH ORDINALITY AS e (value, place) ORDER BY place`,
				[encode(given as never)],
			);
			expect(rows.map(({ value }) => value)).toEqual(given);
		}
	},
);

test("capital letters are digits of a UUID too; what is none is refused before it is sent", () => {
	const [id = ""] = ids;
	expect(uuids([id.toUpperCase()])).toEqual(uuids([id]));
	for (const wrong of [
		"",
		"x",
		id.replace("0", "g"),
		id.slice(1),
		`${id}0`,
		id.replaceAll("-", "0"),
		`é${id.slice(1)}`,
	])
		expect(() => uuids([wrong])).toThrow("That is no UUID.");
});
