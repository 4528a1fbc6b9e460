import type { Readable } from "../api.ts";
import type { Parts } from "../parts.ts";
import { Store } from "../readable.ts";
import { entryOf } from "../tables.ts";

/** The server ends it 5 s after the last word, so that one word every 3 s keeps it alive. */
const TELL_EVERY_MS = 3_000;
/** The server's own end may be lost. */
const ENDS_AFTER_MS = 6_000;
/** More are never named. */
const TYPISTS_MAX = 50;

class ChatTyping {
	/** User ids of those who type, in the order of beginning. */
	readonly who = new Store<readonly string[]>([]);
	readonly #ends = new Map<string, ReturnType<typeof setTimeout>>();
	/** When the others were last told that one types oneself; 0 where one does not. */
	toldAt = 0;

	set(userId: string, isTyping: boolean): void {
		const end = this.#ends.get(userId);
		if (!end && (!isTyping || this.#ends.size >= TYPISTS_MAX)) return;
		clearTimeout(end);
		if (isTyping)
			this.#ends.set(
				userId,
				setTimeout(() => this.set(userId, false), ENDS_AFTER_MS),
			);
		else this.#ends.delete(userId);
		if (isTyping !== (end !== undefined)) this.who.set([...this.#ends.keys()]);
	}

	stop(): void {
		for (const end of this.#ends.values()) clearTimeout(end);
		this.#ends.clear();
		this.who.set([]);
	}
}

/** Who types where: heard of chats that are open. */
export class Typing {
	readonly #parts: Pick<Parts, "link" | "me">;
	readonly #chats = new Map<string, ChatTyping>();

	constructor(parts: Pick<Parts, "link" | "me">) {
		this.#parts = parts;
		parts.link.on("typing", ({ chatId, userId, isTyping }) => {
			if (userId !== parts.me) this.#chats.get(chatId)?.set(userId, isTyping);
		});
		// Whoever has sent has stopped.
		parts.link.on("message", ({ chatId, senderId }) => {
			const chat = this.#chats.get(chatId);
			chat?.set(senderId, false);
			if (chat && senderId === parts.me) chat.toldAt = 0;
		});
	}

	/** User ids of the others who type in a chat now. */
	of(chatId: string): Readable<readonly string[]> {
		return this.#of(chatId).who;
	}

	/** At each keystroke: tells the others as often as they need. */
	tell(chatId: string, isTyping: boolean): void {
		const chat = this.#of(chatId);
		const now = Date.now();
		const isDue = isTyping ? now - chat.toldAt >= TELL_EVERY_MS : chat.toldAt > 0;
		if (!isDue || this.#parts.link.state.get().status !== "online") return;
		chat.toldAt = isTyping ? now : 0;
		// Best effort: nobody waits for it.
		this.#parts.link.call("typing", { chatId, isTyping }).catch(() => {});
	}

	stop(): void {
		for (const chat of this.#chats.values()) chat.stop();
	}

	/** One for each chat handle, of which the client keeps as many. */
	#of(chatId: string): ChatTyping {
		return entryOf(this.#chats, chatId, () => new ChatTyping());
	}
}
