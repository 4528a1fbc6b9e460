/** What a user has not read: counted when it is asked for, never stored. */
import type { InboxUpdate } from "../contracts/events.ts";
import type { Query } from "../lib/database.ts";
import type { Tables } from "../lib/tables.ts";

/**
 * SQL that says whether the member `m` of the chat `c` sees it: it is not deleted, and a thread's parent is not
 * either, and has them.
 */
export const isVisible = (
	t: Tables,
	m = "m",
): string => `c.deleted_at IS NULL AND (c.parent_chat_id IS NULL OR EXISTS (
		SELECT 1 FROM ${t.chats} p JOIN ${t.members} pm ON pm.chat_id = p.id AND pm.user_id = ${m}.user_id
		WHERE p.id = c.parent_chat_id AND p.deleted_at IS NULL AND pm.left_at IS NULL))`;

/** `FROM …` of the chats of the user $1 that they see, as `m`, `c` and the head `h`. */
export const fromInbox = (t: Tables): string => `FROM ${t.members} m
	JOIN ${t.chats} c ON c.id = m.chat_id JOIN ${t.heads} h ON h.chat_id = m.chat_id
	WHERE m.user_id = $1 AND m.left_at IS NULL AND ${isVisible(t)}`;

/** SQL that counts the mentions of the member `m` after their read mark. */
export const countMentions = (t: Tables): string =>
	`(SELECT count(*) FROM ${t.mentions} n WHERE n.user_id = m.user_id AND n.chat_id = m.chat_id AND n.seq > m.read_seq)`;

/** How much a user has not read in all their chats. */
export async function readTotalUnread(query: Query, t: Tables, userId: string): Promise<number> {
	const [row] = await query<{ total: number }>(
		`SELECT coalesce(sum(h.last_seq - m.read_seq), 0)::bigint AS total ${fromInbox(t)}`,
		[userId],
		"total-unread",
	);
	return row?.total ?? 0;
}

/** For `inbox.moved`: where a user stands in some chats now. Chats that they are no longer in have nothing unread. */
export async function readInboxUpdates(
	query: Query,
	t: Tables,
	userId: string,
	chatIds: readonly string[],
): Promise<InboxUpdate[]> {
	const totalUnread = await readTotalUnread(query, t, userId);
	const rows = await query<{ chat_id: string; read_seq: number; unread: number; mentions: number }>(
		`SELECT m.chat_id, m.read_seq, CASE WHEN m.left_at IS NULL THEN h.last_seq - m.read_seq ELSE 0 END AS unread,
			CASE WHEN m.left_at IS NULL THEN ${countMentions(t)} ELSE 0 END AS mentions
		 FROM ${t.members} m JOIN ${t.heads} h ON h.chat_id = m.chat_id
		 WHERE m.user_id = $1 AND m.chat_id = ANY($2::uuid[])`,
		[userId, chatIds],
		"inbox-updates",
	);
	return rows.map(row => ({
		chatId: row.chat_id,
		readSeq: row.read_seq,
		unread: row.unread,
		mentions: row.mentions,
		totalUnread,
	}));
}
