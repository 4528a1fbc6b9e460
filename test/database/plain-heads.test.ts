/** An installation that is there already learns which of its chats need no second look, and goes on knowing it. */
import "../support/env.ts";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import { acquireDatabase, releaseDatabase } from "../../mixins/database.ts";
import { migrate } from "../../models/migrate.ts";
import { up as core } from "../../models/migrations/0001-core.ts";

let db: Awaited<ReturnType<typeof acquireDatabase>>;
const ids = { group: newId(), gone: newId(), thread: newId() };

const make = async (id: string, type: string, deletedAt: string | null = null) => {
	const chat = `INSERT INTO ${db.t.chats} (id, type, created_by, deleted_at) VALUES ($1, $2, $1, $3)`;
	await db.query(chat, [id, type, deletedAt]);
	await db.query(`INSERT INTO ${db.t.heads} (chat_id) VALUES ($1)`, [id]);
};

const isPlain = async (id: string) => {
	const rows = await db.query<{ plain: boolean }>(`SELECT plain FROM ${db.t.heads} WHERE chat_id = $1`, [id]);
	return rows[0]?.plain;
};

beforeAll(async () => {
	db = await acquireDatabase();
	await db.tx(async query => {
		await query(`CREATE SCHEMA "${db.schema}"`);
		await query(core(db.t));
		await query(
			`CREATE TABLE "${db.schema}".migrations (name text PRIMARY KEY, applied_at timestamptz DEFAULT now())`,
		);
		await query(`INSERT INTO "${db.schema}".migrations (name) VALUES ('0001-core')`);
	});
	await make(ids.group, "group");
	await make(ids.gone, "channel", "2026-01-01");
	await make(ids.thread, "thread");
	expect(await migrate(db)).toEqual(["0002-plain-heads"]);
});
afterAll(async () => {
	await db?.query(`DROP SCHEMA IF EXISTS "${db.schema}" CASCADE`);
	await releaseDatabase();
});

test("of the chats that are there, threads and deleted ones need a second look", async () => {
	expect(await Promise.all([ids.group, ids.gone, ids.thread].map(isPlain))).toEqual([true, false, false]);
});

test("new chats and new threads are told apart, whoever writes them", async () => {
	const [group, direct, thread] = [newId(), newId(), newId()];
	await make(group, "group");
	await make(direct, "direct");
	await make(thread, "thread");
	expect(await Promise.all([group, direct, thread].map(isPlain))).toEqual([true, true, false]);
});

test("a chat that is deleted needs a second look from that moment on", async () => {
	const id = newId();
	await make(id, "group");
	await db.tx(async query => {
		await query(`UPDATE ${db.t.chats} SET name = $2 WHERE id = $1`, [id, randomBytes(4).toString("hex")]);
		const [before] = await query<{ plain: boolean }>(`SELECT plain FROM ${db.t.heads} WHERE chat_id = $1`, [
			id,
		]);
		await query(`UPDATE ${db.t.chats} SET deleted_at = now() WHERE id = $1`, [id]);
		const [after] = await query<{ plain: boolean }>(`SELECT plain FROM ${db.t.heads} WHERE chat_id = $1`, [
			id,
		]);
		expect([before?.plain, after?.plain]).toEqual([true, false]);
	});
	expect(await isPlain(id)).toBe(false);
});
