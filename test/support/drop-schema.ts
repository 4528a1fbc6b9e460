import "./env.ts";
import { sqlState } from "../../lib/database.ts";

const DEADLOCK = "40P01";
const TRIES_MAX = 5;

/**
 * Drops an installation's tables. Whoever still works on them may wait for this while this waits for them: PostgreSQL
 * then ends one of both, and it is tried again.
 */
export async function dropSchema(
	db: { query(sql: string): Promise<unknown> },
	schema: string,
): Promise<void> {
	for (let left = TRIES_MAX; ; left--) {
		try {
			await db.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
			return;
		} catch (err) {
			if (left === 0 || sqlState(err) !== DEADLOCK) throw err;
		}
	}
}
