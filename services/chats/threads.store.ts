/** Threads: one for each message, made by whoever first asks for it. */
import type { Database, Query } from "../../lib/database.ts";
import { conflict, forbidden, notFound } from "../../lib/errors.ts";
import type { ChatLog } from "../../lib/log/change.ts";
import { may } from "../../lib/rights.ts";
import { readAccess } from "../../models/access.ts";
import { planThread } from "./create.rules.ts";
import { type Made, makeChat } from "./create.store.ts";
import { showChat } from "./seen.store.ts";

interface Root {
	chat_id: string;
	deleted_at: string | null;
	thread_id: string | null;
}

/**
 * The thread on a message, made if there is none; whoever makes it follows it.
 * @throws CONFLICT for a message of a thread, and for a deleted one that has none
 */
export async function threadOn(log: ChatLog, messageId: string, userId: string): Promise<Made> {
	const { db } = log;
	const root = await readRoot(db.query, db, messageId, userId);
	if (root.thread_id) return { chat: await showChat(db, root.thread_id, userId), existed: true };
	// Under the parent's lock nobody leaves it, deletes the message, or makes another thread.
	const chat = await log.change([root.chat_id], async change => {
		const { chat_id: parentId, deleted_at, thread_id } = await readRoot(change.query, db, messageId, userId);
		if (thread_id) return null;
		if (deleted_at) throw conflict("The message is deleted.");
		return makeChat(change, db, userId, planThread(userId, parentId, messageId));
	});
	if (chat) return { chat };
	const { thread_id: threadId } = await readRoot(db.query, db, messageId, userId);
	if (!threadId) throw notFound("message");
	return { chat: await showChat(db, threadId, userId), existed: true };
}

/** @throws NOT_FOUND where the user may not read the message, FORBIDDEN, CONFLICT where it is in a thread itself */
async function readRoot(query: Query, { t }: Database, messageId: string, userId: string): Promise<Root> {
	const [root] = await query<Root>(
		`SELECT m.chat_id, m.deleted_at, tc.id AS thread_id FROM ${t.messages} m
		 LEFT JOIN ${t.chats} tc ON tc.parent_message_id = m.id AND tc.deleted_at IS NULL WHERE m.id = $1`,
		[messageId],
		"read-thread-root",
	);
	const access = root ? await readAccess(query, t, root.chat_id, userId) : null;
	if (!root || !access?.role) throw notFound("message");
	if (access.chatType === "thread") throw conflict("A thread has no threads.");
	if (!may("makeThread", access, new Date().toISOString()))
		throw forbidden("You may not make a thread here.");
	return root;
}
