import type { InboxItem } from "../../contracts/inbox.ts";
import type { Readable } from "../api.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { Parts } from "../parts.ts";
import { Chat } from "./chat.ts";
import type { ChatEvent, ChatEvents } from "./live-chat.ts";
import { LogStore } from "./log-store.ts";

/** Chats that nobody has open and that are kept as they are, for whoever comes back to them. */
const IDLE_MAX = 8;

/** Who types, as `people/typing.ts` knows it. */
export interface TypingPort {
	/** User ids of others who type in a chat. */
	of(chatId: string): Readable<readonly string[]>;
	/** At each keystroke. */
	tell(chatId: string, isTyping: boolean): void;
}

/** What all chats need of the client's other parts. */
export interface ChatPorts {
	parts: Parts;
	outbox: Outbox;
	typing: TypingPort;
	/** What the inbox knows of a chat. */
	inboxItem(chatId: string): InboxItem | undefined;
}

/** All chats of a client. One that was never opened costs nothing; of those closed, eight stay up to date. */
export class Chats {
	readonly #ports: ChatPorts;
	readonly #chats = new Map<string, Chat>();
	/** The one that was closed last is the last. */
	readonly #idle = new Set<Chat>();

	constructor(ports: ChatPorts) {
		this.#ports = ports;
		ports.outbox.on(chatId => this.#chats.get(chatId)?.outboxMoved());
	}

	/** The same object for the same id. */
	get(chatId: string): Chat {
		const known = this.#chats.get(chatId);
		if (known) return known;
		const chat = new Chat(chatId, {
			...this.#ports,
			chat: id => this.get(id),
			idle: chat => this.#rest(chat),
		});
		this.#chats.set(chatId, chat);
		return chat;
	}

	/** Every event of the link that concerns chats, open or not; but `typing` is told to people/typing.ts. */
	take<E extends keyof ChatEvents>(event: E, payload: ChatEvents[E]): void {
		const told = { event, payload } as ChatEvent;
		// It names the thread, and is about a message of the chat that the thread hangs on.
		if (told.event === "thread:updated") for (const chat of this.#chats.values()) chat.take(told);
		else {
			const chatId = "chatId" in told.payload ? told.payload.chatId : told.payload.id;
			const chat = this.#chats.get(chatId);
			chat?.take(told);
			if (isEnd(told, this.#ports.parts.me) && (chat?.state.get().status ?? "closed") === "closed")
				this.removed(chatId);
		}
	}

	/** What a heartbeat answered. */
	heads(heads: Record<string, number>): void {
		for (const [chatId, rev] of Object.entries(heads)) this.#chats.get(chatId)?.head(rev);
	}

	/** A new socket is the current one: open chats are joined again and catch up. */
	reconnect(): void {
		for (const chat of this.#chats.values()) chat.reconnect();
	}

	/** Another tab has written in that chat's draft. */
	draftChanged(chatId: string): void {
		this.#chats.get(chatId)?.draftChanged();
	}

	/** One is no longer in the chat: an open one finds out by asking; of a closed one the stored log goes. */
	removed(chatId: string): void {
		const chat = this.#chats.get(chatId);
		if (chat && chat.state.get().status !== "closed") chat.reconnect();
		else void new LogStore(this.#ports.parts.db, chatId).forget().catch(() => {});
	}

	/** Stores what is unsaved and ends all. */
	async close(): Promise<void> {
		await Promise.all([...this.#chats.values()].map(chat => chat.close()));
	}

	#rest(chat: Chat): void {
		this.#idle.delete(chat);
		this.#idle.add(chat);
		for (const oldest of this.#idle) {
			if (oldest.isHeld) this.#idle.delete(oldest);
			else if (this.#idle.size > IDLE_MAX) {
				this.#idle.delete(oldest);
				void oldest.close();
			}
		}
	}
}

/** One is no longer in the chat: nothing of it is kept. */
function isEnd(told: ChatEvent, me: string): boolean {
	if (told.event === "chat:deleted") return true;
	return told.event === "chat:member-left" && told.payload.member.userId === me;
}
