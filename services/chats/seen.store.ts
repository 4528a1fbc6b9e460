/** Chats as a user sees them, and changes by those who have the right to make them. */
import type { Chat } from "../../contracts/chats.ts";
import type { Database } from "../../lib/database.ts";
import { notFound } from "../../lib/errors.ts";
import type { Change, ChatLog } from "../../lib/log/change.ts";
import type { Right } from "../../lib/rights.ts";
import { type Access, readAccess, requireRight } from "../../models/access.ts";
import { asOutsider, readChat, readChats } from "../../models/chat.ts";

/**
 * A chat as a user sees it. Their right is looked at after it: whoever has it then may see what was before.
 * @throws NOT_FOUND where they may not see it
 */
export function showChat(db: Database, chatId: string, userId: string): Promise<Chat> {
	return db.read(async query => {
		const [chat, access] = await Promise.all([
			readChat(query, db.t, chatId),
			readAccess(query, db.t, chatId, userId),
		]);
		if (!access || !chat) throw notFound("chat");
		return access.role === null ? asOutsider(chat) : chat;
	});
}

/** Chats as this transaction leaves them, for telling them. */
export async function chatsNow(
	change: Change,
	db: Database,
	chatIds: readonly string[],
	options?: { deleted?: boolean },
): Promise<Chat[]> {
	await change.settle();
	return readChats(change.query, db.t, chatIds, options);
}

export interface Asked {
	right: Right;
	chatId: string;
	userId: string;
	/** More chats that the work changes. */
	alsoLock?: readonly string[];
	/** Whether a thread's parent must stand still too: for whoever lets someone in. */
	withParent?: boolean;
}

/**
 * Changes a chat by someone who has the right. It is checked before the lock, so that who has none cannot hold the
 * chat up, and again under it, where it counts.
 * @throws NOT_FOUND, FORBIDDEN
 */
export async function changeChat<T>(
	log: ChatLog,
	{ right, chatId, userId, alsoLock = [], withParent = false }: Asked,
	work: (change: Change, access: Access) => Promise<T>,
): Promise<T> {
	const { db } = log;
	const { parentChatId } = await requireRight(db.query, db.t, right, chatId, userId);
	const parent = withParent && parentChatId ? [parentChatId] : [];
	return log.change([chatId, ...parent, ...alsoLock], async change =>
		work(change, await requireRight(change.query, db.t, right, chatId, userId, change.now)),
	);
}
