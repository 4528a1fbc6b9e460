/** Going out of a chat, by oneself or by another, which ends following its threads as well. */
import type { Database, Query } from "../../lib/database.ts";
import type { Change, ChatLog } from "../../lib/log/change.ts";
import type { Tables } from "../../lib/tables.ts";
import { readMembers } from "../../models/member.ts";
import { type Departure, depart } from "../../models/membership.ts";
import { assertOutranks } from "./chats.rules.ts";
import { assertNotLastOwner, presentMember, roleOf } from "./roles.store.ts";
import { changeChat } from "./seen.store.ts";

/** So many threads end together with the membership; the rest in batches of as many, right after. */
export const THREADS_MAX = 100;
/** How long ago someone may have left for their threads still to be looked at. */
const LATE_FOLLOWS_MS = { everySweep: 10 * 60_000, atStart: 24 * 60 * 60_000 } as const;

/**
 * Leaves a group or channel, or unfollows a thread; whoever does not follow it has nothing to end.
 * @returns whether there was a membership to end
 * @throws CONFLICT for the last owner
 */
export async function leaveChat(log: ChatLog, chatId: string, userId: string): Promise<boolean> {
	const { db } = log;
	const alsoLock = await followedThreads(db, chatId, userId);
	return changeChat(log, { right: "leave", chatId, userId, alsoLock }, async (change, access) => {
		const [row] = await readMembers(change.query, db.t, chatId, [userId]);
		if (!row || row.left_at) return false;
		if (access.chatType !== "thread" && row.role === "owner") await assertNotLastOwner(change, db, row);
		await goOut(change, db, { chatId, userId, threads: alsoLock });
		return true;
	});
}

/** @throws NOT_FOUND for someone who is not in the chat, FORBIDDEN for someone whose role is not below one's own */
export async function removeFromChat(
	log: ChatLog,
	actorId: string,
	{ chatId, userId }: Departure,
): Promise<void> {
	const { db } = log;
	const alsoLock = await followedThreads(db, chatId, userId);
	await changeChat(
		log,
		{ right: "removeMember", chatId, userId: actorId, alsoLock },
		async (change, access) => {
			const row = await presentMember(change.query, db, chatId, userId);
			assertOutranks(access, await roleOf(change.query, db, access, row));
			await goOut(change, db, { chatId, userId, threads: alsoLock, removedBy: actorId });
		},
	);
}

interface GoingOut extends Departure {
	threads: readonly string[];
	removedBy?: string;
}

async function goOut(
	change: Change,
	{ t }: Database,
	{ chatId, userId, threads, removedBy }: GoingOut,
): Promise<void> {
	const actorId = removedBy ?? userId;
	await depart(change, t, [{ chatId, userId }], { removed: removedBy !== undefined, actorId });
	const below = threads.map(threadId => ({ chatId: threadId, userId }));
	await depart(change, t, below, { actorId });
}

/** Threads of a chat that a user follows. They are read before the locks: one followed since is swept. */
async function followedThreads({ query, t }: Database, chatId: string, userId: string): Promise<string[]> {
	const rows = await query<{ id: string }>(
		`SELECT c.id FROM ${t.chats} c JOIN ${t.members} m ON m.chat_id = c.id AND m.user_id = $2 AND m.left_at IS NULL
		 WHERE c.parent_chat_id = $1 AND c.deleted_at IS NULL ORDER BY c.id LIMIT $3`,
		[chatId, userId, THREADS_MAX],
		"followed-threads",
	);
	return rows.map(({ id }) => id);
}

/**
 * Ends following threads for those who are no longer in the parent: one batch. There is something to end where more
 * were followed than one transaction takes, or one was followed while its parent was left. Such threads cannot be
 * seen meanwhile: rights are the parent's.
 * @returns whether there may be more
 */
export async function endLateFollows(log: ChatLog, since: keyof typeof LATE_FOLLOWS_MS): Promise<boolean> {
	const { t, query } = log.db;
	const late = await readLateFollows(query, t, { sinceMs: LATE_FOLLOWS_MS[since], among: null });
	if (late.length === 0) return false;
	const heads = late.flatMap(({ chatId, parentId }) => [chatId, parentId]);
	// Some may have come back meanwhile; from here on the parents' locks keep them out.
	await log.change(heads, async change =>
		depart(
			change,
			t,
			await readLateFollows(change.query, t, { sinceMs: LATE_FOLLOWS_MS[since], among: late }),
		),
	);
	return late.length === THREADS_MAX;
}

interface LateAsked {
	sinceMs: number;
	/** Null for any. */
	among: readonly Departure[] | null;
}

function readLateFollows(query: Query, t: Tables, { sinceMs, among }: LateAsked) {
	return query<Departure & { parentId: string }>(
		`SELECT m.chat_id AS "chatId", m.user_id AS "userId", pm.chat_id AS "parentId" FROM ${t.members} pm
		 JOIN ${t.chats} c ON c.parent_chat_id = pm.chat_id AND c.deleted_at IS NULL
		 JOIN ${t.members} m ON m.chat_id = c.id AND m.user_id = pm.user_id AND m.left_at IS NULL
		 WHERE pm.left_at > $1 AND ($2::uuid[] IS NULL
			OR (m.chat_id, m.user_id) IN (SELECT * FROM unnest($2::uuid[], $3::uuid[])))
		 LIMIT $4`,
		[
			new Date(Date.now() - sinceMs).toISOString(),
			among?.map(({ chatId }) => chatId) ?? null,
			among?.map(({ userId }) => userId) ?? null,
			THREADS_MAX,
		],
		"late-follows",
	);
}
