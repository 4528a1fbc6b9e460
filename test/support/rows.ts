/** Rows that tests need where the service that writes them is not what they are about. */
import type { Database } from "../../lib/database.ts";
import { newId } from "../../lib/ids.ts";
import { ChatLog, silentExit } from "../../lib/log/change.ts";

/** A message in a chat, with its place and revision, and untold. */
export function givenMessage(db: Database, chatId: string, senderId: string, mentions: string[] = []) {
	return new ChatLog(db, silentExit).change([chatId], async change => {
		const head = change.head(chatId);
		const id = newId();
		head.lastAt = change.now;
		await change.query(
			`INSERT INTO ${db.t.messages} (chat_id, seq, id, rev, sender_id, type, content, client_id, mentions, created_at)
			 VALUES ($1, $2, $3, $4, $5, 'text', 'hello', $6, $7, $8)`,
			[chatId, ++head.lastSeq, id, change.nextRev(chatId), senderId, id, mentions, change.now],
		);
		await change.query(
			`INSERT INTO ${db.t.mentions} (user_id, chat_id, seq) SELECT u, $2, $3 FROM unnest($1::uuid[]) u`,
			[mentions, chatId, head.lastSeq],
		);
		return id;
	});
}
