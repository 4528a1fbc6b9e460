/** What a node makes of one of a newer version, and what a door makes of fields that nobody knows. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type Context, ServiceBroker } from "moleculer";
import { CONTRACTS, PUBLISHED } from "../../contracts/index.ts";
import { codeOf, failWith } from "../../lib/errors.ts";
import { ServiceValidator } from "../../lib/validator.ts";
import { checkedParams } from "../../services/gateway/params.ts";
import { bothVersions } from "../support/next-version.ts";

const asked = {
	$$strict: true,
	text: { type: "string" },
	free: { type: "object", optional: true },
	items: { type: "array", items: { type: "object", strict: true, props: { id: { type: "uuid" } } } },
};
const ID = "01900000-0000-7000-8000-00000000000a";

const broker = new ServiceBroker({ logger: false, validator: new ServiceValidator() });
broker.createService({
	name: "echo",
	actions: { all: { params: asked, handler: ({ params }: Context) => params } },
});

beforeAll(() => broker.start());
afterAll(() => broker.stop());

test("I39 and T9: a service does not see what its contract does not know, at any depth", async () => {
	const known = { text: "hello", free: { next: 1 }, items: [{ id: ID }, { id: ID }] };
	const items = known.items.map(item => ({ ...item, next: 1 }));
	expect(await broker.call("echo.all", { ...known, items, next: { deep: true } })).toEqual(known);
});

test("a service still refuses what is wrong", async () => {
	const wrong = broker.call("echo.all", { text: 1, items: [{ id: "none" }], next: 1 });
	await expect(wrong).rejects.toMatchObject({
		data: [expect.objectContaining({ field: "text" }), expect.objectContaining({ field: "items[0].id" })],
	});
});

test("T9: every contract is strict", () => {
	expect(CONTRACTS.filter(({ params }) => params.$$strict !== true)).toEqual([]);
});

test("T9: at every door a field that nobody knows is refused by name", () => {
	const accepted = PUBLISHED.filter(contract => {
		try {
			checkedParams(contract, { next: 1 });
			return true;
		} catch (err) {
			const { errors } = (err as { data: { errors: { field: string }[] } }).data;
			return errors[0]?.field !== "next";
		}
	});
	expect(accepted.map(({ action }) => action)).toEqual([]);
});

test("I39: a failure that only a newer node knows is INTERNAL", () => {
	expect(codeOf(failWith({ type: "NEXT" as never, message: "In words that nobody has checked." }))).toBe(
		"INTERNAL",
	);
});

test("the next version, with which upgrades are tried, still has its places in the source", () => {
	bothVersions().remove();
});
