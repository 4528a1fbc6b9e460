import type { Database } from "../../lib/database.ts";

/** Memberships looked at, of someone in very many chats. */
const MEMBERSHIPS_MAX = 20_000;
const PEOPLE_MAX = 5_000;

/** People with whom a user shares a chat of at most `membersMax`; bounded, so not all of those of a very busy user. */
export async function peopleAround(db: Database, userId: string, membersMax: number): Promise<string[]> {
	const { t } = db;
	const rows = await db.query<{ user_id: string }>(
		`SELECT DISTINCT user_id FROM (
			SELECT o.user_id FROM ${t.members} m
			JOIN ${t.heads} h ON h.chat_id = m.chat_id AND h.member_count <= $2
			JOIN ${t.chats} c ON c.id = m.chat_id AND c.deleted_at IS NULL
			JOIN ${t.members} o ON o.chat_id = m.chat_id AND o.left_at IS NULL AND o.user_id <> m.user_id
			WHERE m.user_id = $1 AND m.left_at IS NULL
			LIMIT ${MEMBERSHIPS_MAX}
		) around LIMIT ${PEOPLE_MAX}`,
		[userId, membersMax],
		"people-around",
	);
	return rows.map(row => row.user_id);
}
