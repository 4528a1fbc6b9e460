/** Coming into a chat and going out of it, as every service writes it. The heads of the chats must be locked. */
import type { Chat, Role } from "../contracts/chats.ts";
import { notFound } from "../lib/errors.ts";
import type { Change } from "../lib/log/change.ts";
import type { Tables } from "../lib/tables.ts";
import { capabilitiesOf, readChats } from "./chat.ts";
import { MEMBER_COLUMNS, type MemberRow, readMembers, toMember } from "./member.ts";

export interface Entrant {
	userId: string;
	role: Role;
}

/**
 * Makes users members who are not, each at a revision of its own, in the order given: new ones, and those who come
 * back, who start anew. It tells nobody.
 * @param keepSilence true where they come by themselves: a silence is not shaken off by leaving and joining
 * @returns their rows in that order
 */
export async function enter(
	change: Change,
	t: Tables,
	chatId: string,
	entrants: readonly Entrant[],
	{ keepSilence = false } = {},
): Promise<MemberRow[]> {
	if (entrants.length === 0) return [];
	const head = change.head(chatId);
	head.epoch++;
	head.memberCount += entrants.length;
	const userIds = entrants.map(({ userId }) => userId);
	await change.query(
		`INSERT INTO ${t.members} AS m
			(chat_id, user_id, role, joined_at, joined_seq, read_seq, delivered_seq, rev)
		 SELECT $1, e.user_id, e.role, $5::timestamptz + e.place * interval '1 microsecond', $6, $6, $6, e.rev
		 FROM unnest($2::uuid[], $3::text[], $4::bigint[]) WITH ORDINALITY AS e (user_id, role, rev, place)
		 ON CONFLICT (chat_id, user_id) DO UPDATE SET role = EXCLUDED.role, joined_at = EXCLUDED.joined_at,
			joined_seq = EXCLUDED.joined_seq, read_seq = EXCLUDED.read_seq, read_at = NULL,
			delivered_seq = EXCLUDED.delivered_seq, delivered_at = NULL, muted_until = NULL, left_at = NULL,
			removed = false, silenced_until = CASE WHEN $7 THEN m.silenced_until END, rev = EXCLUDED.rev,
			tx = pg_current_xact_id()`,
		[
			chatId,
			userIds,
			entrants.map(({ role }) => role),
			entrants.map(() => change.nextRev(chatId)),
			change.now,
			head.lastSeq,
			keepSilence,
		],
		"enter-chat",
	);
	const rows = await readMembers(change.query, t, chatId, userIds);
	return rows.sort((a, b) => a.rev - b.rev);
}

export interface Admission {
	chatId: string;
	entrants: readonly Entrant[];
	/** Null where each comes by themselves. */
	actorId: string | null;
}

/**
 * Lets users in and tells it: to those who are new with the Chat as it was at their revision. A thread's parent must
 * be locked too, so that nobody follows who is just going out of it.
 * @returns their rows, and the Chat as it is with all of them; null where nobody came
 */
export async function letIn(
	change: Change,
	t: Tables,
	{ chatId, entrants, actorId }: Admission,
): Promise<{ rows: MemberRow[]; chat: Chat | null }> {
	const countBefore = change.head(chatId).memberCount;
	const keepSilence = entrants.every(({ userId }) => (actorId ?? userId) === userId);
	const rows = await enter(change, t, chatId, entrants, { keepSilence });
	if (rows.length === 0) return { rows, chat: null };
	await change.settle();
	const [chat] = await readChats(change.query, t, [chatId]);
	if (!chat) throw notFound("chat");
	for (const [i, row] of rows.entries()) {
		const memberCount = countBefore + i + 1;
		const capabilities = capabilitiesOf(memberCount);
		change.tell({
			change: "member.joined",
			chatId,
			rev: row.rev,
			actorId: actorId ?? row.user_id,
			data: { chatId, rev: row.rev, member: toMember(row), capabilities },
			newUserIds: [row.user_id],
			chat: { ...chat, rev: row.rev, memberCount, capabilities },
		});
	}
	return { rows, chat };
}

export interface Departure {
	chatId: string;
	userId: string;
}

/**
 * Ends those of the memberships that still last, each at a revision of its own, and tells the chats.
 * @param removed whether someone else ended them: they cannot join again by themselves
 * @returns the rows of those who left now
 */
export async function depart(
	change: Change,
	t: Tables,
	departures: readonly Departure[],
	{ removed = false, actorId = null as string | null } = {},
): Promise<MemberRow[]> {
	const pairs = "unnest($1::uuid[], $2::uuid[]) AS d (chat_id, user_id)";
	const columns = (some: readonly Departure[]) => [
		some.map(({ chatId }) => chatId),
		some.map(({ userId }) => userId),
	];
	const present = await change.query<{ chat_id: string; user_id: string }>(
		`SELECT m.chat_id, m.user_id FROM ${t.members} m JOIN ${pairs} USING (chat_id, user_id)
		 WHERE m.left_at IS NULL ORDER BY m.chat_id, m.user_id FOR UPDATE OF m`,
		columns(departures),
		"read-departing",
	);
	if (present.length === 0) return [];
	const leaving = present.map(row => ({ chatId: row.chat_id, userId: row.user_id }));
	for (const chatId of new Set(leaving.map(one => one.chatId))) change.head(chatId).epoch++;
	const counts = new Map(leaving.map(({ chatId }) => [chatId, change.head(chatId).memberCount]));
	for (const { chatId } of leaving) change.head(chatId).memberCount--;
	const rows = await change.query<MemberRow>(
		`WITH gone AS (
			UPDATE ${t.members} m SET left_at = $4, removed = $5, rev = d.rev, tx = pg_current_xact_id()
			FROM unnest($1::uuid[], $2::uuid[], $3::bigint[]) AS d (chat_id, user_id, rev)
			WHERE m.chat_id = d.chat_id AND m.user_id = d.user_id
			RETURNING m.*
		 )
		 SELECT ${MEMBER_COLUMNS} FROM gone m JOIN ${t.users} u ON u.id = m.user_id ORDER BY m.chat_id, m.rev`,
		[...columns(leaving), leaving.map(({ chatId }) => change.nextRev(chatId)), change.now, removed],
		"depart",
	);
	for (const row of rows) {
		const { chat_id: chatId, rev } = row;
		const memberCount = (counts.get(chatId) ?? 0) - 1;
		counts.set(chatId, memberCount);
		change.tell({
			change: "member.left",
			chatId,
			rev,
			actorId: actorId ?? row.user_id,
			data: { chatId, rev, member: toMember(row), capabilities: capabilitiesOf(memberCount) },
		});
	}
	return rows;
}
