import { config } from "./config.ts";
import type { Database } from "./database.ts";
import { databaseEndpoint } from "./embedded/endpoint.ts";

/** Without any one of these an acknowledged message can be lost in a crash. */
const SETTINGS = ["fsync", "full_page_writes", "synchronous_commit"] as const;

/**
 * Refuses a PostgreSQL that may lose what it has acknowledged. The embedded one is let pass: its start says what it risks.
 * @throws Error naming each setting that is off, unless `CHAT_ALLOW_UNSAFE_DB=1`
 */
export async function assertDurable(db: Database): Promise<void> {
	if (databaseEndpoint().kind === "embedded" || config.allowUnsafeDb) return;
	const rows = await db.query<{ name: string; setting: string }>(
		"SELECT name, setting FROM pg_settings WHERE name = ANY($1::text[])",
		[SETTINGS],
	);
	const off = rows.filter(({ setting }) => setting === "off").map(({ name }) => `${name} is off`);
	if (off.length > 0) {
		throw new Error(
			`PostgreSQL may lose acknowledged messages: ${off.join(", ")}. Switch it on, or set CHAT_ALLOW_UNSAFE_DB=1 where losing them is acceptable.`,
		);
	}
}
