import type { Query } from "../../lib/database.ts";
import type { Tables } from "../../lib/tables.ts";

/** The messages that a user's key has made, or null. */
export async function findForward(
	query: Query,
	t: Tables,
	userId: string,
	clientId: string,
): Promise<string[] | null> {
	const [row] = await query<{ message_ids: string[] }>(
		`SELECT message_ids::text[] FROM ${t.forwards} WHERE sender_id = $1 AND client_id = $2`,
		[userId, clientId],
		"find-forward",
	);
	return row?.message_ids ?? null;
}

/** @throws SQLSTATE 23505 where the key has been used meanwhile */
export async function keepForward(
	query: Query,
	t: Tables,
	userId: string,
	clientId: string,
	messageIds: readonly string[],
): Promise<void> {
	await query(
		`INSERT INTO ${t.forwards} (sender_id, client_id, message_ids) VALUES ($1, $2, $3::uuid[])`,
		[userId, clientId, messageIds],
		"keep-forward",
	);
}
