/** A user's chats as a list: each page is of one snapshot, and takes the same few statements for any number of chats. */
import type { InboxChanges, InboxItem, InboxPage } from "../../contracts/inbox.ts";
import { LIMITS } from "../../contracts/limits.ts";
import { decodeCursor, encodeCursor } from "../../lib/cursor.ts";
import type { Database, Query } from "../../lib/database.ts";
import type { Tables } from "../../lib/tables.ts";
import { readChats } from "../../models/chat.ts";
import { countMentions, fromInbox, isVisible, readTotalUnread } from "../../models/inbox.ts";
import { MEMBER_COLUMNS, type MemberRow, toOwnMember } from "../../models/member.ts";
import { decodeSince, encodeSince, type Moment, sinceAfter, sinceMoment, stepFor } from "./inbox.rules.ts";

const ONE_SNAPSHOT = { snapshot: true, readOnly: true } as const;

interface Paging {
	cursor?: string | null;
	limit?: number | null;
}

/**
 * Last activity first. The cursor carries the `since` of the first page: a chat that moves up between two pages is
 * in none of them, but in the changes since the first.
 */
export function listInbox(db: Database, userId: string, { cursor, limit }: Paging): Promise<InboxPage> {
	const { t } = db;
	const size = limit ?? LIMITS.pageDefault;
	const [at, id, since] = cursor ? decodeCursor(cursor, ["time", "uuid", "string"]) : [null, null, null];
	if (since) decodeSince(String(since));
	return db.tx(async query => {
		const rows = await query<{ id: string; at: string }>(
			`SELECT m.chat_id AS id, h.last_at::text AS at ${fromInbox(t)}
				AND ($2::timestamptz IS NULL OR (h.last_at, m.chat_id) < ($2::timestamptz, $3::uuid))
			 ORDER BY h.last_at DESC, m.chat_id DESC LIMIT $4`,
			[userId, at, id, size + 1],
		);
		const page = rows.slice(0, size);
		const last = page.at(-1);
		const here = since ? String(since) : encodeSince(sinceMoment(await readMoment(query)));
		return {
			items: await readItems(query, t, userId, page),
			totalUnread: await readTotalUnread(query, t, userId),
			nextCursor: last && rows.length > size ? encodeCursor([last.at, last.id, here]) : null,
			since: here,
		};
	}, ONE_SNAPSHOT);
}

interface Touched {
	id: string;
	visible: boolean;
}

/** What transactions touched that had not ended when `since` was given: chats, one's membership, both. */
export function changesInInbox(
	db: Database,
	userId: string,
	given: string | null,
	limit?: number | null,
): Promise<InboxChanges> {
	const { t } = db;
	const size = limit ?? LIMITS.pageDefault;
	return db.tx(async query => {
		const step = stepFor(given, await readMoment(query));
		const rows = await query<Touched>(
			`SELECT * FROM (
				SELECT m.chat_id AS id, (m.left_at IS NULL AND ${isVisible(t)}) AS visible FROM ${t.members} m
				JOIN ${t.chats} c ON c.id = m.chat_id JOIN ${t.heads} h ON h.chat_id = m.chat_id
				WHERE m.user_id = $1 AND m.chat_id > $2 AND (h.tx >= $3::text::xid8 OR m.tx >= $3::text::xid8)
			 ) touched WHERE visible OR $4 ORDER BY id LIMIT $5`,
			[userId, step.since.afterChatId, step.since.from, step.withRemoved, size + 1],
		);
		const page = rows.slice(0, size);
		const hasMore = rows.length > size;
		const visible = page.filter(row => row.visible);
		return {
			items: await readItems(query, t, userId, visible),
			removed: page.filter(row => !row.visible).map(row => row.id),
			totalUnread: await readTotalUnread(query, t, userId),
			since: encodeSince(sinceAfter(step, hasMore ? (page.at(-1)?.id ?? null) : null)),
			hasMore,
		};
	}, ONE_SNAPSHOT);
}

async function readMoment(query: Query): Promise<Moment> {
	const [moment] = await query<Moment>(
		`SELECT system_identifier::text AS cluster, pg_snapshot_xmin(now)::text AS xmin, pg_snapshot_xmax(now)::text AS xmax
		 FROM pg_control_system(), pg_current_snapshot() AS now`,
		[],
		"moment",
	);
	if (!moment) throw new Error("PostgreSQL gave no snapshot.");
	return moment;
}

/** The inbox's entries of some chats that the user is in, in the order given. */
async function readItems(
	query: Query,
	t: Tables,
	userId: string,
	page: readonly { id: string }[],
): Promise<InboxItem[]> {
	if (page.length === 0) return [];
	const ids = page.map(({ id }) => id);
	const rows = await query<MemberRow & { mentions: number }>(
		`SELECT ${MEMBER_COLUMNS}, ${countMentions(t)} AS mentions FROM ${t.members} m JOIN ${t.users} u ON u.id = m.user_id
		 WHERE m.user_id = $1 AND m.chat_id = ANY($2::uuid[]) AND m.left_at IS NULL`,
		[userId, ids],
		"inbox-items",
	);
	const own = new Map(rows.map(row => [row.chat_id, row]));
	return (await readChats(query, t, ids)).flatMap(chat => {
		const row = own.get(chat.id);
		if (!row) return [];
		const unread = chat.lastSeq - row.read_seq;
		const { lastMessage } = chat;
		return { chat, self: toOwnMember(row), unread, mentions: row.mentions, lastMessage };
	});
}
