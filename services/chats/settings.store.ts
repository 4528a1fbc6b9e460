/** A chat's name and the like. */
import type { Chat, update } from "../../contracts/chats.ts";
import type { Params } from "../../contracts/contract.ts";
import type { Database } from "../../lib/database.ts";
import { invalid, notFound } from "../../lib/errors.ts";
import type { Change, ChatLog } from "../../lib/log/change.ts";
import { readChats } from "../../models/chat.ts";
import { editedSettings, type Settings } from "./chats.rules.ts";
import { changeChat, chatsNow } from "./seen.store.ts";

/** An edit that changes nothing takes no revision, and tells nobody. */
export function updateChat(
	log: ChatLog,
	userId: string,
	{ chatId, ...edit }: Params<typeof update>,
): Promise<Chat> {
	return changeChat(log, { right: "update", chatId, userId }, async (change, access) => {
		if (access.chatType === "thread" && edit.announceOnly)
			throw invalid("announceOnly", "A thread is open to whoever reads its parent.");
		const [before] = await readChats(change.query, log.db.t, [chatId]);
		if (!before) throw notFound("chat");
		const after = editedSettings(before, edit);
		if (!(await writeSettings(change, log.db, chatId, after))) return before;
		// Who may send depends on it, and others keep that in a cache.
		if (after.announceOnly !== before.announceOnly) change.head(chatId).epoch++;
		const rev = change.nextRev(chatId);
		const [chat] = await chatsNow(change, log.db, [chatId]);
		if (!chat) throw notFound("chat");
		change.tell({ change: "chat.updated", chatId, rev, actorId: userId, data: chat });
		return chat;
	});
}

/** PostgreSQL compares: it knows when two metadata are the same, whatever the order of their keys. */
async function writeSettings(
	change: Change,
	{ t }: Database,
	chatId: string,
	{ name, description, avatarUrl, metadata, announceOnly }: Settings,
): Promise<boolean> {
	const rows = await change.query(
		`UPDATE ${t.chats} SET name = $2, description = $3, avatar_url = $4, metadata = $5, announce_only = $6,
			updated_at = $7
		 WHERE id = $1 AND (name, description, avatar_url, metadata, announce_only)
			IS DISTINCT FROM ($2::text, $3::text, $4::text, $5::jsonb, $6::boolean)
		 RETURNING id`,
		[chatId, name, description, avatarUrl, JSON.stringify(metadata), announceOnly, change.now],
		"write-chat-settings",
	);
	return rows.length > 0;
}
