/** One's own notifications of a chat: no change of the chat, so no revision. */
import type { Member, mute } from "../../contracts/chats.ts";
import type { Params } from "../../contracts/contract.ts";
import type { Database } from "../../lib/database.ts";
import { conflict } from "../../lib/errors.ts";
import { requireRight } from "../../models/access.ts";
import { readMembers, toOwnMember } from "../../models/member.ts";

/**
 * @returns the caller's Member, and whether the mute is another now
 * @throws CONFLICT for a thread that they do not follow
 */
export async function muteChat(
	{ query, t }: Database,
	userId: string,
	{ chatId, until }: Params<typeof mute>,
): Promise<{ member: Member; changed: boolean }> {
	await requireRight(query, t, "mute", chatId, userId);
	const changed = await query(
		`UPDATE ${t.members} SET muted_until = $3, tx = pg_current_xact_id()
		 WHERE chat_id = $1 AND user_id = $2 AND left_at IS NULL AND muted_until IS DISTINCT FROM $3::timestamptz
		 RETURNING 1`,
		[chatId, userId, until],
		"mute-chat",
	);
	const [row] = await readMembers(query, t, chatId, [userId]);
	if (!row || row.left_at) throw conflict("You do not follow this thread.");
	return { member: toOwnMember(row), changed: changed.length > 0 };
}
