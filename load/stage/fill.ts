/** Fills the database in bulk, by SQL: what a layout has, as if its users had made it over the years. */
import type { Client } from "pg";
import type { Tables } from "../../lib/tables.ts";
import { progressBar } from "../print/progress.ts";
import { type Layout, sql } from "./layout.ts";

/** Whose database, and whose tokens its users have. */
export interface Ground {
	db: Client;
	t: Tables;
	issuer: string;
}

/** Rows of one statement. */
const ROWS_MAX = 20_000;

/** Makes a layout's users, chats and members. */
export async function fill(
	{ db, t, issuer }: Ground,
	layout: Layout,
	label = "users and chats",
): Promise<void> {
	const { firstUser, users, chats, size } = layout;
	const bar = progressBar(`${users} users, ${chats} chats of ${size}: ${label}`);
	await inParts(
		firstUser,
		users,
		ROWS_MAX,
		share => bar.at(share / 3),
		(from, to) => db.query(sql.users(t), [from, to, issuer]),
	);
	const chatsAtOnce = Math.max(1, Math.floor(ROWS_MAX / size));
	await inParts(
		0,
		chats,
		chatsAtOnce,
		share => bar.at((1 + 2 * share) / 3),
		async (from, to) => {
			await db.query("BEGIN");
			for (const make of [sql.chats, sql.members, sql.heads]) await db.query(make(t, layout), [from, to]);
			await db.query("COMMIT");
		},
	);
	await settle(db, [t.users, t.chats, t.heads, t.members]);
	bar.end();
}

/** Messages in each chat of a layout, from place `from` up to `to`. */
export async function fillMessages(
	{ db, t }: Ground,
	layout: Layout,
	from: number,
	to: number,
): Promise<void> {
	const bar = progressBar(`${to} messages in each of ${layout.chats} chats`);
	const last = layout.chats - 1;
	const places = Math.max(1, Math.floor(ROWS_MAX / layout.chats));
	await inParts(
		from,
		to - from + 1,
		places,
		share => bar.at(share),
		(first, end) => db.query(sql.messages(t, layout), [0, last, first, end]),
	);
	await db.query(sql.grown(t, layout), [0, last, to]);
	await settle(db, [t.heads, t.messages]);
	bar.end();
}

/** Does at once what PostgreSQL would do about so many new rows sooner or later, in the middle of a measurement. */
export async function settle(db: Client, tables: readonly string[]): Promise<void> {
	for (const table of tables) await db.query(`VACUUM (ANALYZE) ${table}`);
	await db.query("CHECKPOINT").catch(() => {}); // not everybody's user may
}

/** Does `work` for `count` numbers from `first` on, `partMax` at a time. */
export async function inParts(
	first: number,
	count: number,
	partMax: number,
	progress: (share: number) => void,
	work: (from: number, to: number) => Promise<unknown>,
): Promise<void> {
	for (let done = 0; done < count; done += partMax) {
		await work(first + done, first + Math.min(count, done + partMax) - 1);
		progress(Math.min(1, (done + partMax) / count));
	}
}
