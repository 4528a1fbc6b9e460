import type { Database } from "../lib/database.ts";
import { openDatabase } from "../lib/database.ts";
import { assertDurable } from "../lib/durable.ts";

let shared: { db: Database; users: number; ready: Promise<void> } | null = null;

/** The process's one pool; the last service that stops closes it. */
export async function acquireDatabase(): Promise<Database> {
	if (!shared) {
		const db = openDatabase();
		shared = { db, users: 0, ready: assertDurable(db) };
	}
	shared.users++;
	const { db, ready } = shared;
	await ready;
	return db;
}

export async function releaseDatabase(): Promise<void> {
	if (!shared || --shared.users > 0) return;
	const { db } = shared;
	shared = null;
	await db.close();
}

/** What a service with this mixin has in its `Vars`. */
export interface DatabaseVars {
	db: Database;
}

/** Gives a service `this.db` from before its `started` until after its `stopped`. */
export function withDatabase() {
	return {
		async started(this: DatabaseVars) {
			this.db = await acquireDatabase();
		},
		async stopped(this: DatabaseVars) {
			if (this.db) await releaseDatabase();
		},
	};
}
