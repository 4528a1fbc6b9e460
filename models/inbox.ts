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

/** SQL that says the same of the member `m` of the chat with the head `h`, which mostly knows it. */
export const isSeen = (t: Tables): string =>
	`(h.plain OR coalesce((SELECT ${isVisible(t)} FROM ${t.chats} c WHERE c.id = m.chat_id), false))`;

/** `FROM …` of the chats that users see, as `m` and the head `h`; `whose` names the users. */
export const fromInbox = (t: Tables, whose = "m.user_id = $1"): string => `FROM ${t.members} m
	JOIN ${t.heads} h ON h.chat_id = m.chat_id
	WHERE ${whose} AND m.left_at IS NULL AND ${isSeen(t)}`;

/** SQL that counts the mentions of the member `m` after their read mark. */
export const countMentions = (t: Tables, m = "m"): string => `(SELECT count(*) FROM ${t.mentions} n
	WHERE n.user_id = ${m}.user_id AND n.chat_id = ${m}.chat_id AND n.seq > ${m}.read_seq)`;

const SUM_UNREAD = "sum(h.last_seq - m.read_seq)::bigint";

/** How much a user has not read in all their chats. */
export async function readTotalUnread(query: Query, t: Tables, userId: string): Promise<number> {
	const [row] = await query<{ total: number }>(
		`SELECT coalesce(${SUM_UNREAD}, 0) AS total ${fromInbox(t)}`,
		[userId],
		"total-unread",
	);
	return row?.total ?? 0;
}

/** For `inbox.moved`: where users stand in some chats now. Chats that they are no longer in have nothing unread. */
export function readInboxUpdates(
	query: Query,
	t: Tables,
	pairs: readonly { chatId: string; userId: string }[],
): Promise<(InboxUpdate & { userId: string })[]> {
	return query(
		`WITH totals AS (
			SELECT m.user_id, ${SUM_UNREAD} AS unread ${fromInbox(t, "m.user_id = ANY($2::uuid[])")} GROUP BY m.user_id
		)
		SELECT m.user_id AS "userId", m.chat_id AS "chatId", m.read_seq AS "readSeq",
			CASE WHEN m.left_at IS NULL THEN h.last_seq - m.read_seq ELSE 0 END AS unread,
			CASE WHEN m.left_at IS NULL THEN ${countMentions(t)} ELSE 0 END AS mentions,
			coalesce(totals.unread, 0) AS "totalUnread"
		FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::uuid[]) AS asked (chat_id, user_id)) asked
		JOIN ${t.members} m USING (chat_id, user_id)
		JOIN ${t.heads} h ON h.chat_id = m.chat_id
		LEFT JOIN totals ON totals.user_id = m.user_id`,
		[pairs.map(pair => pair.chatId), pairs.map(pair => pair.userId)],
		"inbox-updates",
	);
}
