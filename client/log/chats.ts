import type { ServerToClient } from "../../contracts/socket.ts";
import type { Readable } from "../api.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { Parts } from "../parts.ts";
import type { Chat } from "./chat.ts";

/** Who types, as `people/typing.ts` knows it. */
export interface TypingPort {
	/** User ids of others who type in a chat. */
	of(chatId: string): Readable<readonly string[]>;
	/** At each keystroke. */
	tell(chatId: string, isTyping: boolean): void;
}

/** SKELETON: the signatures are final, the bodies follow. All chats of a client; a chat never opened costs nothing. */
export declare class Chats {
	constructor(parts: Parts, outbox: Outbox, typing: TypingPort);
	/** The same object for the same id. `Chat` implements ChatHandle. */
	get(chatId: string): Chat;
	/**
	 * Every event of the link that names a chat, open or not: message and message:*, chat:*, inbox:update (moves one's own
	 * read mark), message:status, thread:updated. `typing` goes to people/typing.ts, not here.
	 */
	take<E extends keyof ServerToClient>(event: E, payload: ServerToClient[E]): void;
	/** What a heartbeat answered. */
	heads(heads: Record<string, number>): void;
	/** A new socket is the current one: open chats are joined again and catch up. */
	reconnect(): void;
	/** A tab message `draft` of that chat has come. (`outbox` messages are heard by the Outbox itself.) */
	draftChanged(chatId: string): void;
	/** One is no longer in the chat (`inbox:sync` said `removed`): its stored log goes. */
	removed(chatId: string): void;
	/** Ends all timers; what is unsaved is saved. */
	close(): Promise<void>;
}
