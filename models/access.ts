import { CHAT_TYPES, type ChatType, type Role } from "../contracts/chats.ts";
import type { Query } from "../lib/database.ts";
import { forbidden, notFound } from "../lib/errors.ts";
import { may, type Right, type Standing } from "../lib/rights.ts";
import type { Tables } from "../lib/tables.ts";

/** One user and one chat. */
export interface Pair {
	chatId: string;
	userId: string;
}

/** A pair as the key of a map. */
export const pairOf = ({ chatId, userId }: Pair): string => `${chatId}:${userId}`;

/** How one user stands to one chat that they may see. */
export interface Access extends Standing, Pair {
	/** Whether they are a member of this very chat (of a thread: follow it). */
	isMember: boolean;
	/** Removed by someone from the chat: cannot join again by themselves. */
	wasRemoved: boolean;
	parentChatId: string | null;
	parentMessageId: string | null;
	/** The memberEpoch that this was read at: of the chat, and of its parent (0 without one). */
	epoch: number;
	parentEpoch: number;
	memberCount: number;
}

interface AccessRow {
	chat_id: string;
	user_id: string;
	type: ChatType;
	announce_only: boolean;
	parent_chat_id: string | null;
	parent_message_id: string | null;
	epoch: number;
	member_count: number;
	role: Role | null;
	silenced_until: string | null;
	removed: boolean | null;
	is_member: boolean;
	parent_type: ChatType | null;
	parent_epoch: number | null;
	parent_role: Role | null;
	parent_silenced_until: string | null;
}

/** `asked` is a relation `(chat_id, user_id)`. */
const accessSql = (
	t: Tables,
	asked: string,
): string => `SELECT c.id AS chat_id, a.user_id, c.type, c.announce_only,
		c.parent_chat_id, c.parent_message_id, h.member_epoch AS epoch, h.member_count,
		CASE WHEN m.left_at IS NULL THEN m.role END AS role, m.silenced_until, m.removed,
		(m.user_id IS NOT NULL AND m.left_at IS NULL) AS is_member,
		p.type AS parent_type, ph.member_epoch AS parent_epoch,
		pm.role AS parent_role, pm.silenced_until AS parent_silenced_until
	FROM ${asked} a
	JOIN ${t.chats} c ON c.id = a.chat_id AND c.deleted_at IS NULL
	JOIN ${t.heads} h ON h.chat_id = c.id
	LEFT JOIN ${t.members} m ON m.chat_id = c.id AND m.user_id = a.user_id
	LEFT JOIN ${t.chats} p ON p.id = c.parent_chat_id AND p.deleted_at IS NULL
	LEFT JOIN ${t.heads} ph ON ph.chat_id = p.id
	LEFT JOIN ${t.members} pm ON pm.chat_id = p.id AND pm.user_id = a.user_id AND pm.left_at IS NULL`;

/**
 * Reads how a user stands to a chat.
 * @returns null where they may not see it, or there is none: both are the same to them. A channel is seen by anyone.
 */
export async function readAccess(
	query: Query,
	t: Tables,
	chatId: string,
	userId: string,
): Promise<Access | null> {
	const [row] = await query<AccessRow>(
		accessSql(t, "(SELECT $1::uuid AS chat_id, $2::uuid AS user_id)"),
		[chatId, userId],
		"read-access",
	);
	return row ? standingOf(row) : null;
}

/** The same for many pairs in one statement; pairs without access are absent. */
export async function readAccesses(query: Query, t: Tables, pairs: readonly Pair[]): Promise<Access[]> {
	if (pairs.length === 0) return [];
	const rows = await query<AccessRow>(
		accessSql(t, "(SELECT * FROM unnest($1::uuid[], $2::uuid[]) AS pair (chat_id, user_id))"),
		[pairs.map(pair => pair.chatId), pairs.map(pair => pair.userId)],
		"read-accesses",
	);
	return rows.flatMap(row => standingOf(row) ?? []);
}

function standingOf(row: AccessRow): Access | null {
	const inThread = row.type === "thread";
	const role = inThread ? row.parent_role : row.role;
	if (role === null && row.type !== "channel") return null;
	const ruledBy = inThread ? row.parent_type : row.type;
	if (!ruledBy || !CHAT_TYPES.includes(ruledBy)) return null;
	return {
		chatId: row.chat_id,
		userId: row.user_id,
		chatType: row.type,
		ruledBy,
		role,
		announceOnly: row.announce_only,
		silencedUntil: later(row.silenced_until, row.parent_silenced_until),
		isMember: row.is_member,
		wasRemoved: row.removed === true,
		parentChatId: row.parent_chat_id,
		parentMessageId: row.parent_message_id,
		epoch: row.epoch,
		parentEpoch: row.parent_epoch ?? 0,
		memberCount: row.member_count,
	};
}

const later = (a: string | null, b: string | null) => ((a ?? "") > (b ?? "") ? a : b);

/**
 * The access of a user who has a right.
 * @throws NOT_FOUND where they may not see the chat, FORBIDDEN where they may, but lack the right
 */
export async function requireRight(
	query: Query,
	t: Tables,
	right: Right,
	chatId: string,
	userId: string,
	now = new Date().toISOString(),
): Promise<Access> {
	return withRight(right, await readAccess(query, t, chatId, userId), now);
}

/** The same of an access that was read. @param now ISO 8601 */
export function withRight(right: Right, access: Access | null | undefined, now: string): Access {
	if (!access) throw notFound("chat");
	if (!may(right, access, now))
		throw forbidden(
			access.role ? `You may not ${WORDS[right]} here.` : "You are not a member of this channel.",
		);
	return access;
}

const WORDS: Record<Right, string> = {
	read: "read",
	send: "send",
	react: "react",
	makeThread: "make a thread",
	editOwn: "edit",
	deleteOwn: "delete messages",
	mute: "mute",
	leave: "leave",
	pin: "pin",
	deleteOthers: "delete others' messages",
	silence: "silence members",
	update: "change the chat",
	addMembers: "add members",
	removeMember: "remove members",
	changeRole: "change roles",
	deleteChat: "delete the chat",
	handOver: "hand the chat over",
};
