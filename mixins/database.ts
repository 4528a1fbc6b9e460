import type { Database } from "../lib/database.ts";
import { openDatabase } from "../lib/database.ts";

let shared: { db: Database; users: number } | null = null;

/** The process's one pool; the last service that stops closes it. */
export async function acquireDatabase(): Promise<Database> {
	shared ??= { db: openDatabase(), users: 0 };
	shared.users++;
	return shared.db;
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
