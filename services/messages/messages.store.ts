/** The questions that this service asks about messages. */
import type { Message } from "../../contracts/messages.ts";
import { config } from "../../lib/config.ts";
import type { Query } from "../../lib/database.ts";
import type { Tables } from "../../lib/tables.ts";
import { type MessageRow, selectMessages, toMessages } from "../../models/message.ts";

/** Where a message stands, whoever asks; null where there is none. */
export async function placeOf(
	query: Query,
	t: Tables,
	messageId: string,
): Promise<{ chatId: string; seq: number } | null> {
	const [row] = await query<{ chat_id: string; seq: number }>(
		`SELECT chat_id, seq FROM ${t.messages} WHERE id = $1`,
		[messageId],
		"place-of-message",
	);
	return row ? { chatId: row.chat_id, seq: row.seq } : null;
}

export async function readRow(
	query: Query,
	t: Tables,
	chatId: string,
	seq: number,
): Promise<MessageRow | null> {
	const [row] = await readRange(query, t, chatId, seq, seq);
	return row ?? null;
}

/** The messages of a chat from one `seq` to another, both included, oldest first. */
export function readRange(query: Query, t: Tables, chatId: string, from: number, to: number) {
	return query<MessageRow>(
		`${selectMessages(t)} WHERE m.chat_id = $1 AND m.seq BETWEEN $2 AND $3 ORDER BY m.seq`,
		[chatId, from, to],
		"read-messages",
	);
}

/** As on the wire, with the status that the marks give now. */
export const present = (query: Query, t: Tables, rows: readonly MessageRow[]): Promise<Message[]> =>
	toMessages(query, t, rows, config.capabilities.receipts);

/** Messages by id, in that order; those that are gone are absent. */
export async function readByIds(query: Query, t: Tables, ids: readonly string[]): Promise<MessageRow[]> {
	const rows = await query<MessageRow>(
		`${selectMessages(t)} WHERE m.id = ANY($1::uuid[])`,
		[ids],
		"read-messages-by-id",
	);
	const byId = new Map(rows.map(row => [row.id, row]));
	return ids.flatMap(id => byId.get(id) ?? []);
}

export interface SendKey {
	chatId: string;
	userId: string;
	clientId: string;
}

/** By what a repeat is known. A chat's and a user's id have one length, so that no two keys look alike. */
export const textOfKey = ({ chatId, userId, clientId }: SendKey) => `${chatId}:${userId}:${clientId}`;

/** The messages that were sent under these keys before, as they now are. */
export async function findSent(
	query: Query,
	t: Tables,
	keys: readonly SendKey[],
): Promise<Map<string, Message>> {
	if (keys.length === 0) return new Map();
	const rows = await query<MessageRow>(
		`${selectMessages(t)} JOIN unnest($1::uuid[], $2::uuid[], $3::text[]) AS k (chat_id, sender_id, client_id)
			ON m.chat_id = k.chat_id AND m.sender_id = k.sender_id AND m.client_id = k.client_id`,
		[keys.map(key => key.chatId), keys.map(key => key.userId), keys.map(key => key.clientId)],
		"find-sent",
	);
	const messages = await present(query, t, rows);
	return new Map(
		messages.map(message => [textOfKey({ ...message, userId: message.senderId }), message] as const),
	);
}

/** Which of these pairs are there, as `chatId:userId`. */
export async function findMembers(
	query: Query,
	t: Tables,
	pairs: readonly { chatId: string; userId: string }[],
): Promise<Set<string>> {
	if (pairs.length === 0) return new Set();
	const rows = await query<{ chat_id: string; user_id: string }>(
		`SELECT m.chat_id, m.user_id FROM ${t.members} m
		 JOIN unnest($1::uuid[], $2::uuid[]) AS p (chat_id, user_id) USING (chat_id, user_id)
		 WHERE m.left_at IS NULL`,
		[pairs.map(pair => pair.chatId), pairs.map(pair => pair.userId)],
		"find-members",
	);
	return new Set(rows.map(row => `${row.chat_id}:${row.user_id}`));
}

/** Which chat each of these messages is in, as `chatId:messageId`. */
export async function findPlaces(query: Query, t: Tables, ids: readonly string[]): Promise<Set<string>> {
	if (ids.length === 0) return new Set();
	const rows = await query<{ chat_id: string; id: string }>(
		`SELECT chat_id, id FROM ${t.messages} WHERE id = ANY($1::uuid[])`,
		[ids],
		"find-places",
	);
	return new Set(rows.map(row => `${row.chat_id}:${row.id}`));
}

/** Writes back whatever of a message can change. */
export async function saveRow(query: Query, t: Tables, row: MessageRow): Promise<void> {
	await query(
		`UPDATE ${t.messages} SET rev = $3, content = $4, metadata = $5, mentions = $6::uuid[], reactions = $7,
			edited_at = $8, deleted_at = $9, pinned_at = $10, pinned_by = $11
		 WHERE chat_id = $1 AND seq = $2`,
		[
			row.chat_id,
			row.seq,
			row.rev,
			row.content,
			JSON.stringify(row.metadata),
			row.mentions,
			JSON.stringify(row.reactions),
			row.edited_at,
			row.deleted_at,
			row.pinned_at,
			row.pinned_by,
		],
		"save-message",
	);
}
