/** Deleting chats: they vanish at once, with their threads; their rows go in bounded batches. */
import type { Database } from "../../lib/database.ts";
import type { Change, ChatLog } from "../../lib/log/change.ts";
import { changeChat, chatsNow } from "./seen.store.ts";

/** So many threads vanish in one transaction. */
const THREADS_MAX = 100;
/** So many rows of each table go in one transaction. */
const ROWS_MAX = 1_000;

/** Threads beyond one transaction's share follow by the sweep; they cannot be seen meanwhile: rights are the parent's. */
export async function deleteChat(log: ChatLog, chatId: string, userId: string): Promise<void> {
	const alsoLock = await threadsOf(log.db, chatId);
	await changeChat(log, { right: "deleteChat", chatId, userId, alsoLock }, change =>
		vanish(change, log.db, [chatId, ...alsoLock], userId),
	);
}

/**
 * Deletes the threads of deleted chats: one batch.
 * @returns whether there may be more
 */
export async function deleteOrphans(log: ChatLog): Promise<boolean> {
	const { t, query } = log.db;
	const rows = await query<{ id: string; deleted_by: string }>(
		`SELECT c.id, p.deleted_by FROM ${t.chats} p JOIN ${t.chats} c ON c.parent_chat_id = p.id AND c.deleted_at IS NULL
		 WHERE p.deleted_at IS NOT NULL AND p.purged_at IS NULL ORDER BY p.id LIMIT $1`,
		[THREADS_MAX],
		"orphaned-threads",
	);
	const byActor = Map.groupBy(rows, row => row.deleted_by);
	for (const [actorId, orphans] of byActor) {
		const ids = orphans.map(({ id }) => id);
		await log.change(ids, change => vanish(change, log.db, ids, actorId));
	}
	return rows.length === THREADS_MAX;
}

/** Members stay as they are, so that everyone is told, and a client that was away still learns of it. */
async function vanish(
	change: Change,
	db: Database,
	chatIds: readonly string[],
	actorId: string,
): Promise<void> {
	const gone = await change.query<{ id: string }>(
		`UPDATE ${db.t.chats} SET deleted_at = $2, deleted_by = $3, updated_at = $2
		 WHERE id = ANY($1::uuid[]) AND deleted_at IS NULL RETURNING id`,
		[chatIds, change.now, actorId],
		"delete-chats",
	);
	for (const { id } of gone) {
		change.nextRev(id);
		change.head(id).epoch++;
	}
	const ids = new Set(gone.map(({ id }) => id));
	const ordered = chatIds.filter(id => ids.has(id));
	for (const chat of await chatsNow(change, db, ordered, { deleted: true }))
		change.tell({ change: "chat.deleted", chatId: chat.id, rev: chat.rev, actorId, data: chat });
}

async function threadsOf({ query, t }: Database, chatId: string): Promise<string[]> {
	const rows = await query<{ id: string }>(
		`SELECT id FROM ${t.chats} WHERE parent_chat_id = $1 AND deleted_at IS NULL ORDER BY id LIMIT $2`,
		[chatId, THREADS_MAX],
		"threads-of",
	);
	return rows.map(({ id }) => id);
}

/**
 * Takes one batch of rows of one deleted chat away. What stays are the rows of the chat itself, emptied, its head
 * and its members: by them a client that was away is told that the chat is gone.
 * @returns whether there may be more
 */
export async function purgeSome(db: Database): Promise<boolean> {
	const { t } = db;
	return db.tx(async query => {
		// Another node may be at the oldest one: this one takes the next.
		const [chat] = await query<{ id: string }>(
			`SELECT c.id FROM ${t.chats} c WHERE c.deleted_at IS NOT NULL AND c.purged_at IS NULL
				AND NOT EXISTS (SELECT 1 FROM ${t.chats} th WHERE th.parent_chat_id = c.id AND th.deleted_at IS NULL)
			 ORDER BY c.deleted_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
			[],
			"next-to-purge",
		);
		if (!chat) return false;
		const counts: number[] = [];
		for (const table of [t.mentions, t.reactions, t.messages])
			counts.push(await purgeFrom(query, table, chat.id));
		if (counts.every(count => count < ROWS_MAX)) {
			await query(
				`UPDATE ${t.chats} SET purged_at = now(), name = NULL, description = NULL, avatar_url = NULL, metadata = '{}'
				 WHERE id = $1`,
				[chat.id],
				"purged",
			);
		}
		return true;
	});
}

async function purgeFrom(query: Database["query"], table: string, chatId: string): Promise<number> {
	const rows = await query(
		`DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
			SELECT ctid FROM ${table} WHERE chat_id = $1 LIMIT $2
		 )) RETURNING 1`,
		[chatId, ROWS_MAX],
	);
	return rows.length;
}
