/** What gateways and other services ask about who is where. Nobody's rights are checked. */
import type { RoomState } from "../../contracts/chats.ts";
import type { Page } from "../../contracts/contract.ts";
import { digestSql } from "../../lib/chat-digest.ts";
import { config } from "../../lib/config.ts";
import { decodeCursor, encodeCursor } from "../../lib/cursor.ts";
import type { Database } from "../../lib/database.ts";
import { invalid, notFound } from "../../lib/errors.ts";
import { may } from "../../lib/rights.ts";
import type { Tables } from "../../lib/tables.ts";
import { readAccess } from "../../models/access.ts";
import { capabilitiesOf } from "../../models/chat.ts";
import { fromInbox, isSeen, isVisible } from "../../models/inbox.ts";

interface RoomRow {
	chat_id: string;
	user_id: string;
	rev: number;
	last_seq: number;
	member_epoch: number;
	member_count: number;
	parent_chat_id: string | null;
}

const ROOMS_PAGE = 2_000;

const toRoom = (row: Omit<RoomRow, "user_id">): RoomState => ({
	chatId: row.chat_id,
	rev: row.rev,
	lastSeq: row.last_seq,
	epoch: row.member_epoch,
	parentChatId: row.parent_chat_id,
	memberCount: row.member_count,
});

/** Of the head `h`; only a chat that is not plain may be a thread. */
const columns = (
	t: Tables,
) => `h.chat_id, h.rev, h.last_seq, h.member_epoch, h.member_count, CASE WHEN NOT h.plain
	THEN (SELECT c.parent_chat_id FROM ${t.chats} c WHERE c.id = h.chat_id) END AS parent_chat_id`;

/**
 * The chats of some users, by user and chat. Each user's own are read in the order of the index, so that a page ends
 * early, and by OFFSET 0 one after the other: where heads are few, PostgreSQL would go through all of them for each user.
 */
export async function pageRooms(
	{ query, t }: Database,
	userIds: readonly string[],
	cursor: string | null,
): Promise<Page<RoomState & { userId: string }>> {
	const [userId, chatId] = cursor ? decodeCursor(cursor, ["uuid", "uuid"]) : [null, null];
	const rows = await query<RoomRow>(
		`SELECT u.id AS user_id, r.* FROM (SELECT DISTINCT id FROM unnest($1::uuid[]) AS given (id)
			WHERE $2::uuid IS NULL OR id >= $2::uuid ORDER BY id) u
		 CROSS JOIN LATERAL (
			SELECT room.* FROM ${t.members} m CROSS JOIN LATERAL (
				SELECT ${columns(t)} FROM ${t.heads} h WHERE h.chat_id = m.chat_id AND ${isSeen(t)} OFFSET 0
			) room
			WHERE m.user_id = u.id AND m.left_at IS NULL AND ($2::uuid IS NULL OR u.id > $2::uuid OR m.chat_id > $3::uuid)
			ORDER BY m.chat_id LIMIT $4
		 ) r
		 ORDER BY u.id, r.chat_id LIMIT $4`,
		[userIds, userId, chatId, ROOMS_PAGE + 1],
		"page-rooms",
	);
	const page = rows.slice(0, ROOMS_PAGE);
	const last = page.at(-1);
	return {
		items: page.map(row => ({ userId: row.user_id, ...toRoom(row) })),
		nextCursor: last && rows.length > ROOMS_PAGE ? encodeCursor([last.user_id, last.chat_id]) : null,
	};
}

/** Of each user in any chat: which they are in. */
export function roomDigests({ query, t }: Database, userIds: readonly string[]) {
	return query<{ userId: string; digest: string }>(
		`SELECT m.user_id AS "userId", ${digestSql("m.chat_id")} AS digest
		 ${fromInbox(t, "m.user_id = ANY($1::uuid[])")} GROUP BY m.user_id`,
		[userIds],
		"room-digests",
	);
}

/**
 * Heads that a transaction touched which had not ended when `since` was given: rather some twice than one skipped.
 * Deleted chats are among them, so that whoever follows them comes and finds out.
 */
export async function movedHeads(
	{ query, t }: Database,
	chatIds: readonly string[],
	since: string | null,
): Promise<{ items: RoomState[]; since: string }> {
	if (since !== null && !/^\d{1,18}$/.test(since))
		throw invalid("since", "The 'since' field is not one that this server gave.");
	const rows = await query<Omit<RoomRow, "user_id" | "chat_id"> & { chat_id: string | null; now: string }>(
		`SELECT ${columns(t)}, s.now FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS now) s
		 LEFT JOIN ${t.heads} h ON h.chat_id = ANY($1::uuid[]) AND ($2::text IS NULL OR h.tx >= $2::text::xid8)`,
		[chatIds, since],
		"moved-heads",
	);
	const items = rows.flatMap(row => (row.chat_id ? [toRoom({ ...row, chat_id: row.chat_id })] : []));
	return { items, since: rows[0]?.now ?? "0" };
}

export async function membersAmong(
	{ query, t }: Database,
	chatId: string,
	userIds: readonly string[],
): Promise<string[]> {
	const rows = await query<{ user_id: string }>(
		`SELECT m.user_id FROM ${t.members} m JOIN ${t.chats} c ON c.id = m.chat_id
		 WHERE m.chat_id = $1 AND m.user_id = ANY($2::uuid[]) AND m.left_at IS NULL AND ${isVisible(t)}`,
		[chatId, userIds],
		"members-among",
	);
	return rows.map(row => row.user_id);
}

/** Everyone shares with themselves. */
export async function sharingPresence(
	{ query, t }: Database,
	userId: string,
	userIds: readonly string[],
): Promise<string[]> {
	const rows = await query<{ user_id: string }>(
		`SELECT DISTINCT m.user_id FROM ${t.members} own
		 JOIN ${t.heads} h ON h.chat_id = own.chat_id AND h.member_count <= $3
		 JOIN ${t.chats} c ON c.id = own.chat_id
		 JOIN ${t.members} m ON m.chat_id = own.chat_id AND m.user_id = ANY($2::uuid[]) AND m.left_at IS NULL
		 WHERE own.user_id = $1 AND own.left_at IS NULL AND ${isVisible(t, "own")} AND ${isVisible(t)}`,
		// Planned each time, so no prepared statement: the best way depends on how many are asked about.
		[userId, userIds, config.capabilities.presence],
	);
	const sharing = new Set(rows.map(row => row.user_id)).add(userId);
	return userIds.filter(id => sharing.has(id));
}

/** @throws NOT_FOUND where they may not even see the chat */
export async function mayType({ query, t }: Database, chatId: string, userId: string): Promise<boolean> {
	const access = await readAccess(query, t, chatId, userId);
	if (!access) throw notFound("chat");
	return may("send", access, new Date().toISOString()) && capabilitiesOf(access.memberCount).typing;
}
