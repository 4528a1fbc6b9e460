/** Tables as the next version could have them: more of everything, so that this version need not know of it. */
import pg from "pg";
import { type Tables, tablesOf } from "../../lib/tables.ts";

export const NEXT_MIGRATION = "0003-next";

export const nextTables = (t: Tables): string =>
	[
		...[t.users, t.chats, t.heads, t.members, t.messages, t.outbox].map(
			table => `ALTER TABLE ${table} ADD COLUMN next text`,
		),
		`CREATE TABLE ${t.users.replace('"users"', '"next"')} (id uuid PRIMARY KEY)`,
	].join(";");

/** Where the run asks for it, brings an installation to the tables of the next version, as that would. */
export async function growTables(url: string, namespace: string): Promise<void> {
	if (process.env.PARLEY_TEST_TABLES !== "next") return;
	const db = new pg.Client({ connectionString: url });
	await db.connect();
	try {
		await db.query(
			`BEGIN; ${nextTables(tablesOf(namespace))};
			 INSERT INTO "${namespace}".migrations (name) VALUES ('${NEXT_MIGRATION}'); COMMIT`,
		);
	} finally {
		await db.end();
	}
}
