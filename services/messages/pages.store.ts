import type { Receipt } from "../../contracts/messages.ts";
import type { Query } from "../../lib/database.ts";
import type { Tables } from "../../lib/tables.ts";
import { type MessageRow, selectMessages } from "../../models/message.ts";
import { readRange } from "./messages.store.ts";
import { type PageWanted, placesOf } from "./pages.rules.ts";

/**
 * The messages that a page may show, oldest first, whatever the chat's end is. `seq` is dense, so those before a place
 * are as many rows of the index.
 */
export async function readWanted(
	query: Query,
	t: Tables,
	chatId: string,
	wanted: PageWanted,
): Promise<MessageRow[]> {
	const { first, last, limit } = placesOf(wanted);
	if (first !== null) return readRange(query, t, chatId, Math.max(1, first), last);
	const rows = await query<MessageRow>(
		`${selectMessages(t)} WHERE m.chat_id = $1 AND m.seq BETWEEN 0 AND $2 ORDER BY m.seq DESC LIMIT $3`,
		[chatId, last, limit],
		"read-messages-before",
	);
	return rows.reverse();
}

/** The pinned messages of a chat, the latest pinned first, after a place in that order. */
export function readPinned(
	query: Query,
	t: Tables,
	chatId: string,
	after: { at: string; seq: number } | null,
	count: number,
): Promise<MessageRow[]> {
	return query<MessageRow>(
		`${selectMessages(t)} WHERE m.chat_id = $1 AND m.pinned_at IS NOT NULL
			AND ($2::timestamptz IS NULL OR (m.pinned_at, m.seq) < ($2, $3::bigint))
		 ORDER BY m.pinned_at DESC, m.seq DESC LIMIT $4`,
		[chatId, after?.at ?? null, after?.seq ?? null, count],
		"read-pinned",
	);
}

/** By user, after one of them. Who joined when the message was there has it since then. */
export function readReceipts(
	query: Query,
	t: Tables,
	message: Pick<MessageRow, "chat_id" | "seq" | "sender_id">,
	afterUserId: string | null,
	count: number,
): Promise<Receipt[]> {
	return query<Receipt>(
		`SELECT user_id AS "userId",
			CASE WHEN delivered_seq >= $2 THEN coalesce(delivered_at, joined_at) END AS "deliveredAt",
			CASE WHEN read_seq >= $2 THEN coalesce(read_at, joined_at) END AS "readAt"
		 FROM ${t.members}
		 WHERE chat_id = $1 AND left_at IS NULL AND user_id <> $3 AND ($4::uuid IS NULL OR user_id > $4)
		 ORDER BY user_id LIMIT $5`,
		[message.chat_id, message.seq, message.sender_id, afterUserId, count],
		"read-receipts",
	);
}
