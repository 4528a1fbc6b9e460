/** The rows beside a message: its reactions and mentions. The chat's head is locked by whoever changes them. */
import type { Query } from "../../lib/database.ts";
import type { Tables } from "../../lib/tables.ts";
import type { MessageRow } from "../../models/message.ts";

type Place = Pick<MessageRow, "chat_id" | "seq">;

export async function replaceMentions(
	query: Query,
	t: Tables,
	{ chat_id, seq }: Place,
	userIds: readonly string[],
): Promise<void> {
	await query(
		`WITH gone AS (
			DELETE FROM ${t.mentions} WHERE chat_id = $1 AND seq = $2 AND user_id <> ALL($3::uuid[])
		)
		INSERT INTO ${t.mentions} (user_id, chat_id, seq)
		SELECT user_id, $1, $2 FROM unnest($3::uuid[]) AS n (user_id)
		WHERE NOT EXISTS (SELECT FROM ${t.mentions} m WHERE m.user_id = n.user_id AND m.chat_id = $1 AND m.seq = $2)`,
		[chat_id, seq, userIds],
		"replace-mentions",
	);
}

/** Takes away what a deleted message has no more. */
export async function clear(query: Query, t: Tables, { chat_id, seq }: Place): Promise<void> {
	await query(
		`WITH mentions AS (DELETE FROM ${t.mentions} WHERE chat_id = $1 AND seq = $2)
		 DELETE FROM ${t.reactions} WHERE chat_id = $1 AND seq = $2`,
		[chat_id, seq],
		"clear-message",
	);
}

export async function hasReacted(
	query: Query,
	t: Tables,
	{ chat_id, seq }: Place,
	emoji: string,
	userId: string,
): Promise<boolean> {
	const rows = await query(
		`SELECT 1 FROM ${t.reactions} WHERE chat_id = $1 AND seq = $2 AND emoji = $3 AND user_id = $4`,
		[chat_id, seq, emoji, userId],
		"has-reacted",
	);
	return rows.length > 0;
}

export async function addReaction(
	query: Query,
	t: Tables,
	{ chat_id, seq }: Place,
	emoji: string,
	userId: string,
	now: string,
): Promise<void> {
	await query(
		`INSERT INTO ${t.reactions} (chat_id, seq, emoji, user_id, at) VALUES ($1, $2, $3, $4, $5)`,
		[chat_id, seq, emoji, userId, now],
		"add-reaction",
	);
}

/** @returns whether there was one */
export async function removeReaction(
	query: Query,
	t: Tables,
	{ chat_id, seq }: Place,
	emoji: string,
	userId: string,
): Promise<boolean> {
	const rows = await query(
		`DELETE FROM ${t.reactions} WHERE chat_id = $1 AND seq = $2 AND emoji = $3 AND user_id = $4 RETURNING 1`,
		[chat_id, seq, emoji, userId],
		"remove-reaction",
	);
	return rows.length > 0;
}

/** Who reacted so the earliest of those who are not shown. */
export async function nextReactor(
	query: Query,
	t: Tables,
	{ chat_id, seq }: Place,
	emoji: string,
	shown: readonly string[],
): Promise<string | null> {
	const [row] = await query<{ user_id: string }>(
		`SELECT user_id FROM ${t.reactions}
		 WHERE chat_id = $1 AND seq = $2 AND emoji = $3 AND user_id <> ALL($4::uuid[])
		 ORDER BY at, user_id LIMIT 1`,
		[chat_id, seq, emoji, shown],
		"next-reactor",
	);
	return row?.user_id ?? null;
}
