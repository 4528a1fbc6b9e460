/** What changed in chats after revisions: ranges of the indexes on `(chat_id, rev)`, whatever a chat's length. */
import { LIMITS } from "../../contracts/limits.ts";
import type { Query } from "../../lib/database.ts";
import { bigints, integers, uuids } from "../../lib/sql-arrays.ts";
import type { Tables } from "../../lib/tables.ts";
import type { Pair } from "../../models/access.ts";
import { MEMBER_COLUMNS, type MemberRow } from "../../models/member.ts";
import { type MessageRow, selectMessages } from "../../models/message.ts";

/** The first `count` changes of a chat after a revision. */
export interface Span {
	chatId: string;
	since: number;
	count: number;
}

/** Takes chats, revisions and counts, and how far behind one may be: the upper bound is for the planner. */
const spansSql = (select: string) => `
	SELECT x.*, a.place::int FROM unnest($1::uuid[], $2::bigint[], $3::int[]) WITH ORDINALITY
		AS a (chat_id, since, count, place)
	CROSS JOIN LATERAL (
		${select} WHERE m.chat_id = a.chat_id AND m.rev > a.since AND m.rev <= a.since + $4 ORDER BY m.rev LIMIT a.count
	) x ORDER BY a.place, x.rev`;

export const changedMessagesSql = (t: Tables) => spansSql(selectMessages(t));

export const changedMembersSql = (t: Tables) =>
	spansSql(`SELECT ${MEMBER_COLUMNS} FROM ${t.members} m JOIN ${t.users} u ON u.id = m.user_id`);

/** @returns for each span its rows, in order of `rev` */
export function readChangedMessages(
	query: Query,
	t: Tables,
	spans: readonly Span[],
): Promise<MessageRow[][]> {
	return readSpans(query, changedMessagesSql(t), spans, "changed-messages");
}

/** @returns for each span its rows, in order of `rev` */
export function readChangedMembers(query: Query, t: Tables, spans: readonly Span[]): Promise<MemberRow[][]> {
	return readSpans(query, changedMembersSql(t), spans, "changed-members");
}

async function readSpans<Row>(
	query: Query,
	sql: string,
	spans: readonly Span[],
	name: string,
): Promise<Row[][]> {
	const found: Row[][] = spans.map(() => []);
	if (spans.length === 0) return found;
	const values = [
		uuids(spans.map(({ chatId }) => chatId)),
		bigints(spans.map(({ since }) => since)),
		integers(spans.map(({ count }) => count)),
		// Who is further behind than that begins anew.
		LIMITS.changesBehindMax,
	];
	for (const row of await query<Row & { place: number }>(sql, values, name)) found[row.place - 1]?.push(row);
	return found;
}

/** The newest messages of chats, by chat, in order of `seq`. */
export async function readNewest(
	query: Query,
	t: Tables,
	chatIds: readonly string[],
	count: number,
): Promise<Map<string, MessageRow[]>> {
	const found = new Map<string, MessageRow[]>(chatIds.map(id => [id, []]));
	if (chatIds.length === 0) return found;
	const rows = await query<MessageRow>(
		`SELECT x.* FROM unnest($1::uuid[]) AS a (chat_id) CROSS JOIN LATERAL (
			${selectMessages(t)} WHERE m.chat_id = a.chat_id ORDER BY m.seq DESC LIMIT $2
		 ) x ORDER BY x.chat_id, x.seq`,
		[uuids(chatIds), count],
		"newest-messages",
	);
	for (const row of rows) found.get(row.chat_id)?.push(row);
	return found;
}

/** Users as the members that they are: who reads a thread without following it, or has left, is none. */
export async function readSelves(query: Query, t: Tables, pairs: readonly Pair[]): Promise<MemberRow[]> {
	if (pairs.length === 0) return [];
	return query<MemberRow>(
		`SELECT ${MEMBER_COLUMNS} FROM unnest($1::uuid[], $2::uuid[]) AS pair (chat_id, user_id)
		 JOIN ${t.members} m ON m.chat_id = pair.chat_id AND m.user_id = pair.user_id AND m.left_at IS NULL
		 JOIN ${t.users} u ON u.id = m.user_id`,
		[uuids(pairs.map(({ chatId }) => chatId)), uuids(pairs.map(({ userId }) => userId))],
		"read-selves",
	);
}
