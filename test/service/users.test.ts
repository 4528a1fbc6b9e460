import "../support/env.ts";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Events } from "../../contracts/events.ts";
import * as users from "../../contracts/users.ts";
import { newId } from "../../lib/ids.ts";
import usersService from "../../services/users/users.service.ts";
import { listSql } from "../../services/users/users.store.ts";
import { codeOf, testBroker } from "../support/broker.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let heard: Events["log.batch"][];
let changed: Events["user.changed"][];
beforeAll(async () => {
	t = await testBroker(usersService);
	heard = t.heard("log.batch");
	changed = t.heard("user.changed");
});
afterAll(() => t.stop());

async function user(username: string, displayName = username): Promise<string> {
	const id = await t.user(username);
	await t.db.query(`UPDATE ${t.db.t.users} SET display_name = $2, email = $3 WHERE id = $1`, [
		id,
		displayName,
		`${id}@example.com`,
	]);
	return id;
}
const told = (id: string) => heard.flatMap(batch => batch.events).filter(event => event.actorId === id);

describe("a profile", () => {
	test("shows its e-mail to its user alone", async () => {
		const ann = await user("ann-mail");
		expect(await t.as(ann)(users.me, {})).toMatchObject({ id: ann, email: `${ann}@example.com` });
		const others = await t.as(await user("bob-mail"))(users.get, { id: ann });
		expect(Object.keys(others).sort()).toEqual([
			"avatarUrl",
			"createdAt",
			"displayName",
			"id",
			"metadata",
			"username",
		]);
	});

	test("that does not exist is not found", async () => {
		expect(await codeOf(t.as(newId())(users.get, { id: newId() }))).toBe("NOT_FOUND");
		expect(await codeOf(t.as(newId())(users.me, {}))).toBe("NOT_FOUND");
		expect(await codeOf(t.as(newId())(users.update, { displayName: "x" }))).toBe("NOT_FOUND");
	});

	test("that is changed is told once, after the commit, without the e-mail", async () => {
		const ann = await user("ann-update");
		const edit = {
			displayName: "Ann",
			avatarUrl: "https://cdn.example/a.png",
			metadata: { team: { id: 1 } },
		};
		const after = await t.as(ann)(users.update, edit);
		expect(after).toMatchObject({ ...edit, id: ann, email: `${ann}@example.com` });
		expect(await t.as(ann)(users.me, {})).toEqual(after);
		const { email: _, ...shown } = after;
		expect(told(ann)).toMatchObject([{ change: "user.updated", chatId: null, rev: null, data: shown }]);
		expect(changed.filter(event => event.user.id === ann)).toEqual([{ user: shown }]);
		const rows = await t.db.query<{ event: string; topics: string[] }>(
			`SELECT event, topics FROM ${t.db.t.outbox} WHERE key = $1`,
			[ann],
		);
		expect(rows).toHaveLength(1);
		expect(rows[0]?.topics).toContain("user.updated");
		expect(rows[0]?.event).not.toContain('example.com"');
	});

	test("that is changed to the same, or not at all, tells nothing", async () => {
		const ann = await user("ann-same");
		const edit = { displayName: "Ann", metadata: { b: 1, a: [1, { c: null }] } };
		await t.as(ann)(users.update, edit);
		await t.as(ann)(users.update, { displayName: "Ann", metadata: { a: [1, { c: null }], b: 1 } });
		await t.as(ann)(users.update, {});
		expect(told(ann)).toHaveLength(1);
		expect(changed.filter(event => event.user.id === ann)).toHaveLength(1);
	});

	test("loses its picture with null, and keeps what is not named", async () => {
		const ann = await user("ann-picture");
		await t.as(ann)(users.update, { avatarUrl: "https://cdn.example/a.png", displayName: "Ann" });
		expect(await t.as(ann)(users.update, { avatarUrl: null })).toMatchObject({
			avatarUrl: null,
			displayName: "Ann",
		});
	});

	test.each<[string, object]>([
		["a picture that is a script", { avatarUrl: "javascript:alert(1)" }],
		["a blank name", { displayName: "\t" }],
		["a name with NUL", { displayName: "a\0b" }],
		["metadata that is deep", { metadata: JSON.parse(`${'{"a":'.repeat(9)}1${"}".repeat(9)}`) }],
		["metadata that is large", { metadata: { a: "x".repeat(4_096) } }],
	])("T9: takes no %s", async (_, change) => {
		expect(await codeOf(t.as(await user(`t9-${newId().slice(-8)}`))(users.update, change as never))).toBe(
			"VALIDATION_ERROR",
		);
	});

	test("T9: is changed by no field that is not the user's to set", async () => {
		const id = await user("ann-only-herself");
		const stored = () => t.db.query(`SELECT * FROM ${t.db.t.users} WHERE id = $1`, [id]);
		const before = await stored();
		const foreign = { id: newId(), username: "other", email: "other@example.com", admin: true };
		await t.as(id)(users.update, { ...foreign, createdAt: "2020-01-01T00:00:00.000Z" } as never);
		expect(await stored()).toEqual(before);
	});
});

describe("the list of users", () => {
	const names = async (params: Parameters<typeof list>[0]) =>
		(await list(params)).items.map(item => item.username);
	const list = (params: { search?: string; limit?: number; cursor?: string }) =>
		t.as(newId())(users.list, params);

	beforeAll(async () => {
		await user("zz-anna", "Anna Karenina");
		await user("zz-karl", "Karl-Otto von Annaberg");
		await user("zz-percent", "100% Öre_x");
		await user("zz-joanna", "Joanna");
		await user("zz-backslash", "back\\slash");
	});

	test("finds by the beginning of the username, of the display name and of its words, without case", async () => {
		expect(await names({ search: "ANNA" })).toEqual(["zz-anna", "zz-karl"]);
		expect(await names({ search: "von anna" })).toEqual(["zz-karl"]);
		expect(await names({ search: "annaberg" })).toEqual(["zz-karl"]);
		expect(await names({ search: "kar" })).toEqual(["zz-anna", "zz-karl"]);
		expect(await names({ search: "öre" })).toEqual(["zz-percent"]);
		expect(await names({ search: "ZZ-J" })).toEqual(["zz-joanna"]);
		expect(await names({ search: "oanna" })).toEqual([]);
		expect(await names({ search: "zz-anna anna" })).toEqual([]);
	});

	test("T25: takes wildcards and quotes for what they are", async () => {
		expect(await names({ search: "%" })).toEqual([]);
		expect(await names({ search: "100%" })).toEqual(["zz-percent"]);
		expect(await names({ search: "zz_" })).toEqual([]);
		expect(await names({ search: "öre_" })).toEqual(["zz-percent"]);
		expect(await names({ search: "back\\" })).toEqual(["zz-backslash"]);
		expect(await names({ search: "' OR '1'='1" })).toEqual([]);
		expect(await names({ search: "(a+)+$".repeat(16) })).toEqual([]);
	});

	test("comes in pages by username, each user once", async () => {
		for (let i = 0; i < 7; i++) await user(`page-${i}`);
		const got: string[] = [];
		let cursor: string | null | undefined;
		let pages = 0;
		do {
			const page = await list({ search: "page-", limit: 3, ...(cursor && { cursor }) });
			got.push(...page.items.map(item => item.username));
			cursor = page.nextCursor;
			pages++;
		} while (cursor);
		expect(got).toEqual(Array.from({ length: 7 }, (_, i) => `page-${i}`));
		expect(pages).toBe(3);
		const all = await list({ limit: 200 });
		expect(all.items.map(item => item.username)).toEqual([...all.items.map(item => item.username)].sort());
		expect(all.items.length).toBeGreaterThan(12);
		expect(all.items.every(item => !("email" in item))).toBe(true);
	});

	test("refuses a cursor that we did not make", async () => {
		for (const cursor of [
			"x",
			Buffer.from("[1]").toString("base64url"),
			Buffer.from('["a\\u0000"]').toString("base64url"),
		])
			expect(await codeOf(list({ cursor }))).toBe("VALIDATION_ERROR");
	});

	test("can be searched by the index, however many users there are", async () => {
		const plan = await t.db.tx(async query => {
			await query(
				`INSERT INTO ${t.db.t.users} (id, username, display_name)
				 SELECT gen_random_uuid(), 'mass-' || i, md5(i::text) || ' ' || md5((-i)::text) FROM generate_series(1, 2000) i`,
			);
			await query(`ANALYZE ${t.db.t.users}`);
			// With so few rows reading all of them is cheaper: what is asked is whether the index could serve.
			await query("SET LOCAL enable_seqscan = off");
			await query("SET LOCAL enable_indexscan = off");
			const sql = `EXPLAIN ${listSql(t.db.t.users, true)}`;
			return query<{ "QUERY PLAN": string }>(sql, ["", 51, "karen%", "% karen%"]);
		});
		const text = plan.map(row => row["QUERY PLAN"]).join("\n");
		expect(text).toMatch(/(Bitmap Index Scan on users_search.*){2}/s);
	});
});

describe("a user of a foreign issuer", () => {
	const seen = (subject: string, more: object = {}) =>
		t.as("")(users.ofIssuer, { issuer: "https://shop.example", subject, ...more });

	test("is made once, and told once", async () => {
		const subject = newId();
		const all = await Promise.all(Array.from({ length: 20 }, () => seen(subject, { name: "Race" })));
		const ids = [...new Set(all.map(({ id }) => id))];
		expect(ids).toHaveLength(1);
		expect(told(ids[0] as string)).toMatchObject([{ change: "user.registered", data: { username: "race" } }]);
		expect(await seen(subject)).toEqual({ id: ids[0] });
	});

	test("gets a name of their own where theirs is taken, though many come at once", async () => {
		await user("popular");
		const made = await Promise.all(Array.from({ length: 10 }, () => seen(newId(), { name: "Popular" })));
		const usernames = await Promise.all(made.map(async ({ id }) => (await t.as(id)(users.me, {})).username));
		expect(new Set(usernames).size).toBe(10);
		for (const username of usernames) expect(username).toMatch(/^popular-[0-9a-f]+$/);
	});
});
