/** A user's chats as a list: each page is of one snapshot, and one statement for any number of chats. */
import type { InboxChanges, InboxItem, InboxPage } from "../../contracts/inbox.ts";
import { LIMITS } from "../../contracts/limits.ts";
import { config } from "../../lib/config.ts";
import { decodeCursor, encodeCursor } from "../../lib/cursor.ts";
import type { Database, Query } from "../../lib/database.ts";
import type { Tables } from "../../lib/tables.ts";
import { CHAT_COLUMNS, type ChatRow, joinLast, toChat } from "../../models/chat.ts";
import { countMentions, fromInbox, isSeen } from "../../models/inbox.ts";
import { type MemberRow, toOwnMember } from "../../models/member.ts";
import { USER_CARD_COLUMNS } from "../../models/user.ts";
import {
	decodeSince,
	encodeSince,
	isSameStep,
	likelyStep,
	type Moment,
	type Step,
	sinceAfter,
	sinceMoment,
	stepFor,
} from "./inbox.rules.ts";

const ONE_SNAPSHOT = { snapshot: true, readOnly: true, keepsPlans: true } as const;

interface Paging {
	cursor?: string | null;
	limit?: number | null;
}

/** An entry of a page with the user's total and the moment; of an empty page these stand alone, and all else is null. */
type Row = ChatRow &
	Omit<MemberRow, "chat_id" | "left_at" | "rev"> & {
		total_unread: number;
		/** Of the snapshot, and of the server that gave it. */
		xmin: string;
		xmax: string;
		started_at: string;
		mention_count: number;
		/** The entry's chat, though it is no longer to be shown. */
		page_id: string | null;
		visible: boolean;
		/** Where the page's next one begins. */
		at: string;
	};

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
		const values = [userId, config.capabilities.receipts, size + 1, at, id];
		const rows = await query<Row>(listSql(t), values, "inbox-page");
		const page = entriesOf(rows).slice(0, size);
		const last = page.at(-1);
		const here = since ? String(since) : encodeSince(sinceMoment(await momentOf(query, rows)));
		return {
			items: page.map(toItem),
			totalUnread: rows[0]?.total_unread ?? 0,
			nextCursor: last && rows.length > size ? encodeCursor([last.at, last.page_id, here]) : null,
			since: here,
		};
	}, ONE_SNAPSHOT);
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
		const read = ({ since: { afterChatId, from }, withRemoved }: Step) => {
			const values = [userId, config.capabilities.receipts, size + 1, afterChatId, from, withRemoved];
			return query<Row>(changesSql(t), values, "inbox-changes");
		};
		// What is read says as well where PostgreSQL is, and it is nearly always where the cursor can go on.
		const guess = likelyStep(given);
		const first = await read(guess);
		const step = stepFor(given, await momentOf(query, first));
		const rows = isSameStep(step, guess) ? first : await read(step);
		const page = entriesOf(rows).slice(0, size);
		const hasMore = rows.length > size;
		return {
			items: page.filter(row => row.visible).map(toItem),
			removed: page.filter(row => !row.visible).map(row => String(row.page_id)),
			totalUnread: rows[0]?.total_unread ?? 0,
			since: encodeSince(sinceAfter(step, hasMore ? (page.at(-1)?.page_id ?? null) : null)),
			hasMore,
		};
	}, ONE_SNAPSHOT);
}

const entriesOf = (rows: Row[]): Row[] => rows.filter(row => row.page_id !== null);

/** Of the PostgreSQL that was asked last: it reads its identifier from a file, which takes longer than all else here. */
let known: { startedAt: string; cluster: string } | null = null;

/** When a page was read. */
async function momentOf(query: Query, [row]: readonly Row[]): Promise<Moment> {
	if (!row) throw new Error("PostgreSQL gave no snapshot.");
	const { xmin, xmax, started_at } = row;
	return { xmin, xmax, cluster: await clusterOf(query, started_at) };
}

async function clusterOf(query: Query, startedAt: string): Promise<string> {
	if (known?.startedAt === startedAt) return known.cluster;
	const [row] = await query<{ cluster: string }>(
		"SELECT system_identifier::text AS cluster FROM pg_control_system()",
	);
	if (!row) throw new Error("PostgreSQL does not say which it is.");
	known = { startedAt, cluster: row.cluster };
	return row.cluster;
}

/** After the place ($4, $5), where one is given. */
const listSql = (t: Tables) =>
	entriesSql(t, {
		mine: `SELECT m.chat_id, true AS visible, h.last_at, h.last_seq - m.read_seq AS unread ${fromInbox(t)}`,
		page: `WHERE $4::timestamptz IS NULL OR (last_at, chat_id) < ($4::timestamptz, $5::uuid)
			ORDER BY last_at DESC, chat_id DESC`,
		order: "page.last_at DESC, page.chat_id DESC",
	});

/** After the chat $4, touched since $5, those that the user no longer sees too where $6. */
const changesSql = (t: Tables) =>
	entriesSql(t, {
		mine: `SELECT m.chat_id, m.left_at IS NULL AND ${isSeen(t)} AS visible, h.last_at,
				h.last_seq - m.read_seq AS unread, h.tx >= $5::text::xid8 OR m.tx >= $5::text::xid8 AS touched
			FROM ${t.members} m JOIN ${t.heads} h ON h.chat_id = m.chat_id
			WHERE m.user_id = $1`,
		page: "WHERE touched AND chat_id > $4 AND (visible OR $6) ORDER BY chat_id",
		order: "page.chat_id",
	});

interface Parts {
	/** The user's chats. They are gone through once, for the page and for the total. */
	mine: string;
	/** Which of `mine` are on the page. */
	page: string;
	order: string;
}

/** A page of the entries of the user $1, $3 at most; minima in chats of $2 members at most. */
const entriesSql = (t: Tables, { mine, page, order }: Parts): string => `
	WITH mine AS MATERIALIZED (${mine}), page AS MATERIALIZED (SELECT * FROM mine ${page} LIMIT $3)
	SELECT total.*, page.chat_id AS page_id, page.visible, page.last_at::text AS at, ${USER_CARD_COLUMNS},
		o.role, o.joined_at, o.joined_seq, o.read_seq, o.delivered_seq, o.silenced_until, o.muted_until,
		${countMentions(t, "o")} AS mention_count, ${CHAT_COLUMNS}
	FROM (
		SELECT coalesce(sum(unread) FILTER (WHERE visible), 0)::bigint AS total_unread,
			pg_snapshot_xmin(pg_current_snapshot())::text AS xmin, pg_snapshot_xmax(pg_current_snapshot())::text AS xmax,
			pg_postmaster_start_time()::text AS started_at
		FROM mine
	) total
	LEFT JOIN ${t.users} u ON u.id = $1
	LEFT JOIN page ON true
	LEFT JOIN ${t.members} o ON o.chat_id = page.chat_id AND o.user_id = $1 AND page.visible
	LEFT JOIN ${t.chats} c ON c.id = o.chat_id
	LEFT JOIN ${t.heads} h ON h.chat_id = o.chat_id
	${joinLast(t, "$2")}
	ORDER BY ${order}`;

function toItem(row: Row): InboxItem {
	const chat = toChat(row);
	const self = toOwnMember({
		chat_id: row.c_id,
		role: row.role,
		joined_at: row.joined_at,
		joined_seq: row.joined_seq,
		read_seq: row.read_seq,
		delivered_seq: row.delivered_seq,
		silenced_until: row.silenced_until,
		muted_until: row.muted_until,
		left_at: null,
		rev: row.c_rev,
		user_id: row.user_id,
		user_username: row.user_username,
		user_display_name: row.user_display_name,
		user_avatar_url: row.user_avatar_url,
	});
	const { lastMessage } = chat;
	return { chat, self, unread: chat.lastSeq - row.read_seq, mentions: row.mention_count, lastMessage };
}
