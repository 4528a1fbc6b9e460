/** What changed in a chat after a revision: ranges of the indexes on `(chat_id, rev)`, whatever the chat's length. */
import type { Member } from "../../contracts/chats.ts";
import { LIMITS } from "../../contracts/limits.ts";
import type { Query } from "../../lib/database.ts";
import type { Tables } from "../../lib/tables.ts";
import { MEMBER_COLUMNS, type MemberRow, toOwnMember } from "../../models/member.ts";
import { type MessageRow, selectMessages } from "../../models/message.ts";

/** Takes chat, the revision to go on from, one not below the chat's, and how many at most. The upper bound is for the planner. */
export const changedMessagesSql = (t: Tables) =>
	`${selectMessages(t)} WHERE m.chat_id = $1 AND m.rev > $2 AND m.rev <= $3 ORDER BY m.rev LIMIT $4`;

export const changedMembersSql = (t: Tables) =>
	`SELECT ${MEMBER_COLUMNS} FROM ${t.members} m JOIN ${t.users} u ON u.id = m.user_id
	 WHERE m.chat_id = $1 AND m.rev > $2 AND m.rev <= $3 ORDER BY m.rev LIMIT $4`;

export async function readChanged(
	query: Query,
	t: Tables,
	chatId: string,
	{ since, limit }: { since: number; limit: number },
): Promise<{ messages: MessageRow[]; members: MemberRow[] }> {
	// Who is further behind than that begins anew.
	const values = [chatId, since, since + LIMITS.changesBehindMax, limit];
	const [messages, members] = await Promise.all([
		query<MessageRow>(changedMessagesSql(t), values, "changed-messages"),
		query<MemberRow>(changedMembersSql(t), values, "changed-members"),
	]);
	return { messages, members };
}

/** The caller's own member; null for who reads a thread without following it. */
export async function readSelf(
	query: Query,
	t: Tables,
	chatId: string,
	userId: string,
): Promise<Member | null> {
	const [row] = await query<MemberRow>(
		`SELECT ${MEMBER_COLUMNS} FROM ${t.members} m JOIN ${t.users} u ON u.id = m.user_id
		 WHERE m.chat_id = $1 AND m.user_id = $2 AND m.left_at IS NULL`,
		[chatId, userId],
		"read-self",
	);
	return row ? toOwnMember(row) : null;
}
