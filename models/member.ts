import type { Member, Role } from "../contracts/chats.ts";
import type { Query } from "../lib/database.ts";
import type { Tables } from "../lib/tables.ts";
import { toCard, USER_CARD_COLUMNS, type UserCardRow } from "./user.ts";

/** A row of `members` with its user's card. */
export interface MemberRow extends UserCardRow {
	chat_id: string;
	role: Role;
	joined_at: string;
	joined_seq: number;
	read_seq: number;
	delivered_seq: number;
	silenced_until: string | null;
	muted_until: string | null;
	left_at: string | null;
	rev: number;
}

/** Columns for `FROM members m JOIN users u ON u.id = m.user_id`. */
export const MEMBER_COLUMNS = `m.chat_id, m.role, m.joined_at, m.joined_seq, m.read_seq, m.delivered_seq,
	m.silenced_until, m.muted_until, m.left_at, m.rev, ${USER_CARD_COLUMNS}`;

/** A member as others see them. */
export function toMember(row: MemberRow): Member {
	return {
		chatId: row.chat_id,
		userId: row.user_id,
		role: row.role,
		joinedAt: row.joined_at,
		joinedSeq: row.joined_seq,
		readSeq: row.read_seq,
		deliveredSeq: row.delivered_seq,
		silencedUntil: row.silenced_until,
		leftAt: row.left_at,
		user: toCard(row),
	};
}

/** One's own member: with one's own mute. */
export const toOwnMember = (row: MemberRow): Member => ({ ...toMember(row), mutedUntil: row.muted_until });

/** The member rows of some users of a chat, those who left too. */
export function readMembers(
	query: Query,
	t: Tables,
	chatId: string,
	userIds: readonly string[],
): Promise<MemberRow[]> {
	return query<MemberRow>(
		`SELECT ${MEMBER_COLUMNS} FROM ${t.members} m JOIN ${t.users} u ON u.id = m.user_id
		 WHERE m.chat_id = $1 AND m.user_id = ANY($2::uuid[])`,
		[chatId, userIds],
		"read-members",
	);
}
