/** Receipts: two marks on the member's row that only move forward. No head is locked for them: they are no change of the chat. */
import type { Query } from "../../lib/database.ts";
import type { Tables } from "../../lib/tables.ts";
import { MEMBER_COLUMNS, type MemberRow } from "../../models/member.ts";
import type { MarkMoved, Marks } from "./marks.rules.ts";

/**
 * Moves marks forward, never beyond the end of the chat, never back. Who is no member is absent from the answer, and
 * so is who follows a thread whose chat they are no longer in. Rows are locked in order of their keys.
 */
export async function moveMarks(
	query: Query,
	t: Tables,
	marks: readonly Marks[],
	now: string,
): Promise<MarkMoved[]> {
	const rows = await query<MemberRow & { member_count: number; new_read: number; new_delivered: number }>(
		`WITH held AS (
			SELECT ${MEMBER_COLUMNS}, h.member_count,
				GREATEST(m.read_seq, LEAST(w.read, h.last_seq)) AS new_read,
				GREATEST(m.delivered_seq, LEAST(w.delivered, h.last_seq)) AS new_delivered
			FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[]) AS w (chat_id, user_id, read, delivered)
			JOIN ${t.members} m ON m.chat_id = w.chat_id AND m.user_id = w.user_id AND m.left_at IS NULL
			JOIN ${t.users} u ON u.id = m.user_id
			JOIN ${t.chats} c ON c.id = m.chat_id AND c.deleted_at IS NULL
			JOIN ${t.heads} h ON h.chat_id = m.chat_id
			WHERE c.parent_chat_id IS NULL OR EXISTS (
				SELECT FROM ${t.members} pm
				WHERE pm.chat_id = c.parent_chat_id AND pm.user_id = m.user_id AND pm.left_at IS NULL)
			ORDER BY m.chat_id, m.user_id FOR NO KEY UPDATE OF m
		), moved AS (
			UPDATE ${t.members} m SET
				read_seq = GREATEST(m.read_seq, held.new_read),
				read_at = CASE WHEN held.new_read > m.read_seq THEN $5 ELSE m.read_at END,
				delivered_seq = GREATEST(m.delivered_seq, held.new_delivered),
				delivered_at = CASE WHEN held.new_delivered > m.delivered_seq THEN $5 ELSE m.delivered_at END,
				tx = pg_current_xact_id()
			FROM held
			WHERE m.chat_id = held.chat_id AND m.user_id = held.user_id
				AND (held.new_read > m.read_seq OR held.new_delivered > m.delivered_seq)
		)
		SELECT * FROM held`,
		[
			marks.map(mark => mark.chatId),
			marks.map(mark => mark.userId),
			marks.map(mark => mark.readSeq),
			marks.map(mark => mark.deliveredSeq),
			now,
		],
		"move-marks",
	);
	return rows.map(({ new_read, new_delivered, member_count, ...row }) => ({
		row: { ...row, read_seq: new_read, delivered_seq: new_delivered },
		memberCount: member_count,
		readMoved: new_read > row.read_seq,
		deliveredMoved: new_delivered > row.delivered_seq,
	}));
}
