/** Reading every chat to its end, a bounded batch at a time. */
import type { StatusMark } from "../../contracts/events.ts";
import { config } from "../../lib/config.ts";
import type { ChatLog } from "../../lib/log/change.ts";
import { fromInbox } from "../../models/inbox.ts";

/** So many chats are locked together. */
const CHATS_MAX = 50;

/** One batch: what was read, and where the next begins. */
export interface ReadBatch {
	chatIds: string[];
	/** Those whose members are told: chats that are small enough for receipts. */
	marks: StatusMark[];
	/** Null at the end. */
	afterChatId: string | null;
}

/**
 * Reads the next chats that have something unread. Their heads are locked, so that the end is the end; the
 * members' rows in order of their keys, as by whoever moves marks.
 */
export async function readSome(log: ChatLog, userId: string, afterChatId: string): Promise<ReadBatch> {
	const { t, query } = log.db;
	const unread = await query<{ id: string }>(
		`SELECT m.chat_id AS id ${fromInbox(t)} AND m.chat_id > $2 AND h.last_seq > m.read_seq
		 ORDER BY m.chat_id LIMIT $3`,
		[userId, afterChatId, CHATS_MAX],
		"unread-chats",
	);
	const ids = unread.map(({ id }) => id);
	if (ids.length === 0) return { chatIds: [], marks: [], afterChatId: null };
	const marks = await log.change(ids, async change => {
		const moved = await change.query<{ chat_id: string; read_seq: number; member_count: number }>(
			`WITH held AS (
				SELECT m.chat_id, h.last_seq, h.member_count FROM ${t.members} m JOIN ${t.heads} h USING (chat_id)
				WHERE m.user_id = $1 AND m.chat_id = ANY($2::uuid[]) AND m.left_at IS NULL AND m.read_seq < h.last_seq
				ORDER BY m.chat_id FOR NO KEY UPDATE OF m
			 )
			 UPDATE ${t.members} m SET read_seq = held.last_seq, read_at = $3,
				delivered_seq = held.last_seq,
				delivered_at = CASE WHEN m.delivered_seq < held.last_seq THEN $3 ELSE m.delivered_at END,
				tx = pg_current_xact_id()
			 FROM held WHERE m.chat_id = held.chat_id AND m.user_id = $1
			 RETURNING m.chat_id, m.read_seq, held.member_count`,
			[userId, ids, change.now],
			"read-all",
		);
		for (const { chat_id: chatId, read_seq: readSeq } of moved) {
			const data = { chatId, userId, readSeq, readAt: change.now };
			change.tell({ change: "message.read", chatId, actorId: userId, data });
		}
		return moved;
	});
	return {
		chatIds: marks.map(row => row.chat_id),
		marks: marks
			.filter(row => row.member_count <= config.capabilities.receipts)
			.map(row => ({ chatId: row.chat_id, userId, status: "READ", seq: row.read_seq })),
		afterChatId: ids.length === CHATS_MAX ? (ids.at(-1) ?? null) : null,
	};
}
