import type { InboxItem } from "../../contracts/inbox.ts";
import type { Message } from "../../contracts/messages.ts";
import type { Parts } from "../parts.ts";
import type { InboxLog } from "./inbox.rules.ts";

/** Of each chat at most so many messages are told after time offline, the latest. */
const MESSAGES_MAX = 20;
/** Of so many chats in a round; of further ones only the last message is. */
const CHATS_MAX = 10;

/** Messages that came while nobody listened: told once, so that an application can notify of them. */
export class Missed {
	readonly #parts: Parts;
	readonly #tell: (messages: readonly Message[]) => void;

	constructor(parts: Parts, tell: (messages: readonly Message[]) => void) {
		this.#parts = parts;
		this.#tell = tell;
	}

	/**
	 * @param items what the server said has changed between the two states
	 * @param isSent whether what was sent from here may have moved the user's mark to that place
	 */
	look(
		before: InboxLog,
		after: InboxLog,
		items: readonly InboxItem[],
		isSent: (chatId: string, seq: number) => boolean,
	): void {
		let asked = 0;
		for (const { chat, self, lastMessage } of items) {
			const known = before.items.get(chat.id);
			if (!after.items.has(chat.id) || !lastMessage) continue;
			// One that may only not have been loaded is no new one: its last message is all that surely is.
			const isNew = before.floor === null || `${chat.createdAt} ${chat.id}` > before.floor;
			const there = known?.chat.lastSeq ?? (isNew ? self.joinedSeq : chat.lastSeq - 1);
			// Sending reads the chat up to there, though what lies before may not have come here yet.
			const from = Math.max(there, isSent(chat.id, self.readSeq) ? 0 : self.readSeq);
			const count = chat.lastSeq - from;
			if (count <= 0) continue;
			if (count > 1 && asked++ < CHATS_MAX) void this.#fetch(chat.id, from, lastMessage);
			else this.#tell([lastMessage]);
		}
	}

	async #fetch(chatId: string, from: number, last: Message): Promise<void> {
		const limit = Math.min(last.seq - from, MESSAGES_MAX);
		const page = await this.#parts.link
			.ask("chat:messages", { chatId, before: last.seq + 1, limit })
			.catch(() => ({ messages: [last] }));
		this.#tell(page.messages);
	}
}
