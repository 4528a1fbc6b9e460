/** Members: who is in a chat, coming in, and going out. */
import type { addMembers, Chat, Member } from "../../contracts/chats.ts";
import type { Page, Params } from "../../contracts/contract.ts";
import { LIMITS } from "../../contracts/limits.ts";
import { Batcher, type Outcome } from "../../lib/batcher.ts";
import { decodeCursor, encodeCursor } from "../../lib/cursor.ts";
import type { Database } from "../../lib/database.ts";
import { invalid, notFound } from "../../lib/errors.ts";
import type { Change, ChatLog } from "../../lib/log/change.ts";
import type { Tables } from "../../lib/tables.ts";
import { type Access, type Pair, pairOf, readAccess, readAccesses, withRight } from "../../models/access.ts";
import { MEMBER_COLUMNS, type MemberRow, readMembers, toMember, toOwnMember } from "../../models/member.ts";
import { letIn } from "../../models/membership.ts";
import { assertMayGive, assertMayJoin, assertRoom } from "./chats.rules.ts";
import { knownUsers } from "./create.store.ts";
import { changeChat, showChat } from "./seen.store.ts";

const NOBODY = "00000000-0000-0000-0000-000000000000";

/** A member as someone sees them: one's own mute is for oneself. */
export const memberFor = (viewerId: string, row: MemberRow): Member =>
	row.user_id === viewerId ? toOwnMember(row) : toMember(row);

/** The members of a chat in the order of joining. Those of one call joined microseconds apart, so the cursor keeps them. */
export async function pageMembers(
	pages: MemberPages,
	chatId: string,
	userId: string,
	{ cursor, limit }: { cursor?: string | null; limit?: number | null },
): Promise<Page<Member>> {
	const size = limit ?? LIMITS.pageDefault;
	const [joined, after] = cursor ? decodeCursor(cursor, ["time", "uuid"]) : ["-infinity", NOBODY];
	const rows = await pages.add({
		chatId: chatId.toLowerCase(),
		userId,
		joined: String(joined),
		after: String(after),
		size: size + 1,
	});
	const items = rows.slice(0, size);
	const last = items.at(-1);
	return {
		items: items.map(row => memberFor(userId, row)),
		nextCursor: last && rows.length > size ? encodeCursor([last.place, last.user_id]) : null,
	};
}

/** Pages that are asked for: whoever comes back to a chat asks who is in it, and many come back at once. */
export type MemberPages = Batcher<MembersAsked, PlacedRow[]>;

interface MembersAsked extends Pair {
	/** The place that the page comes after. */
	joined: string;
	after: string;
	size: number;
}

type PlacedRow = MemberRow & { place: string };

/** The rights are looked at after the members: whoever has them then may see what was before. */
export const memberPages = (db: Database): MemberPages =>
	new Batcher({
		// A page has up to 200 members, and who asks for one waits for all of the batch.
		batchMax: 20,
		queueMax: 10_000,
		failsTogether: true,
		async run(asked): Promise<Outcome<PlacedRow[]>[]> {
			const of = <K extends keyof MembersAsked>(key: K) => asked.map(one => one[key]);
			const places = [of("chatId"), of("joined"), of("after"), of("size")];
			const [rows, accesses] = await db.read(query =>
				Promise.all([
					query<PlacedRow & { ask: number }>(pagesSql(db.t), places, "member-pages"),
					readAccesses(query, db.t, asked),
				]),
			);
			const byAsk = Map.groupBy(rows, ({ ask }) => ask);
			const standing = new Map(accesses.map(access => [pairOf(access), access]));
			const now = new Date().toISOString();
			return asked.map((one, i) => {
				try {
					withRight("read", standing.get(pairOf(one)), now);
					return { value: byAsk.get(i + 1) ?? [] };
				} catch (error) {
					return { error };
				}
			});
		},
	});

const pagesSql = (t: Tables): string => `
	SELECT a.ask::int, page.* FROM unnest($1::uuid[], $2::timestamptz[], $3::uuid[], $4::int[])
		WITH ORDINALITY AS a (chat_id, joined, after, size, ask)
	CROSS JOIN LATERAL (
		SELECT ${MEMBER_COLUMNS}, m.joined_at::text AS place FROM ${t.members} m JOIN ${t.users} u ON u.id = m.user_id
		WHERE m.chat_id = a.chat_id AND m.left_at IS NULL AND (m.joined_at, m.user_id) > (a.joined, a.after)
		ORDER BY m.joined_at, m.user_id LIMIT a.size
	) page
	ORDER BY a.ask, page.joined_at, page.user_id`;

/** Those who are members already are not added again: they raise nothing, and stand in the answer as they are. */
export function addToChat(
	log: ChatLog,
	actorId: string,
	{ chatId, userIds, role }: Params<typeof addMembers>,
): Promise<Page<Member>> {
	const { db } = log;
	const asked = { right: "addMembers", chatId, userId: actorId, withParent: true } as const;
	return changeChat(log, asked, async (change, access) => {
		assertMayGive(access, role ?? "member");
		await assertMayEnter(change, db, access, userIds);
		const there = (await readMembers(change.query, db.t, chatId, userIds)).filter(row => !row.left_at);
		const isThere = new Set(there.map(row => row.user_id));
		const entrants = [...new Set(userIds)]
			.filter(userId => !isThere.has(userId))
			.map(userId => ({ userId, role: access.chatType === "thread" ? "member" : (role ?? "member") }));
		assertRoom(access, change.head(chatId).memberCount, entrants.length, "userIds");
		const { rows } = await letIn(change, db.t, { chatId, entrants, actorId });
		const byUser = new Map([...there, ...rows].map(row => [row.user_id, row]));
		const items = userIds.flatMap(userId => byUser.get(userId) ?? []);
		return { items: items.map(row => memberFor(actorId, row)), nextCursor: null };
	});
}

/** @throws VALIDATION_ERROR naming `userIds`: there is no such user, or a thread's parent does not have them */
async function assertMayEnter(
	change: Change,
	db: Database,
	access: Access,
	userIds: readonly string[],
): Promise<void> {
	const ids = new Set(userIds);
	if (access.parentChatId === null) {
		if ((await knownUsers(change.query, db, [...ids])).size < ids.size)
			throw invalid("userIds", "There is no such user among 'userIds'.");
		return;
	}
	const above = await readMembers(change.query, db.t, access.parentChatId, [...ids]);
	if (above.filter(row => !row.left_at).length < ids.size)
		throw invalid("userIds", "A thread's members are members of the chat that it belongs to.");
}

/**
 * Joins a channel, or follows a thread. Who is in already gets the Chat, of whatever type.
 * @returns whether they came in by this call
 */
export async function joinChat(
	log: ChatLog,
	chatId: string,
	userId: string,
): Promise<{ chat: Chat; joined: boolean }> {
	const { db } = log;
	const open = await readAccess(db.query, db.t, chatId, userId);
	if (!open) throw notFound("chat");
	assertMayJoin(open);
	if (open.isMember) return { chat: await showChat(db, chatId, userId), joined: false };
	const heads = [chatId, ...(open.parentChatId ? [open.parentChatId] : [])];
	const chat = await log.change(heads, async change => {
		const access = await readAccess(change.query, db.t, chatId, userId);
		if (!access) throw notFound("chat");
		assertMayJoin(access);
		if (access.isMember) return null;
		assertRoom(access, change.head(chatId).memberCount, 1, "chatId");
		const entrants = [{ userId, role: "member" as const }];
		return (await letIn(change, db.t, { chatId, entrants, actorId: null })).chat;
	});
	return { chat: chat ?? (await showChat(db, chatId, userId)), joined: chat !== null };
}
