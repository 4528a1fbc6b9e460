/** What clients asked for, and how each ended: what the checks hold against the database, the devices and Kafka. */
import type { Operation } from "../support/record.ts";

export type Outcome = Operation["outcome"];

interface Asked {
	/** The user's id. */
	by: string;
	chatId: string;
	outcome: Outcome;
	/** When it was asked for, as `Date.now()`. */
	at: number;
	/** How long its longest try took; 0 where the SDK tries by itself. */
	ms: number;
	/** Tries that were refused, or had no answer. */
	errors: number;
	/** What the last refusal said. */
	code?: string;
}

export interface Send extends Operation, Asked {
	does: "send";
	content: string;
	mentions: string[];
}

/** The acknowledgement says the message's revision after it, where the client hears of it. */
interface Changing extends Asked {
	messageId: string;
	rev?: number;
}

export interface Edit extends Changing {
	does: "edit";
	/** No two are the same. */
	content: string;
}

export interface Delete extends Changing {
	does: "delete";
}

export interface React extends Changing {
	does: "react" | "unreact";
	emoji: string;
}

export interface Read extends Asked {
	does: "read";
	seq: number;
	/** What the acknowledgement said. */
	readSeq?: number;
}

export interface Roam extends Asked {
	does: "join" | "leave";
}

/** A page of a chat's history, or of an inbox. */
export interface Look extends Asked {
	does: "look";
}

export type Deed = Send | Edit | Delete | React | Read | Roam | Look;

export const isSend = (deed: Deed): deed is Send => deed.does === "send";

/** A durable event as a socket was told it. */
export interface Told {
	rev: number;
	/** What changed: a message's id, a member's, or the chat itself. */
	about: string;
	/** Of a message that was told as new. */
	seq: number | null;
}

/** One connection of a bare client: by chat, what it was told, in order. */
export type Connection = ReadonlyMap<string, readonly Told[]>;

export interface SeenMessage {
	id: string;
	seq: number;
	content: string | null;
	isDeleted: boolean;
	/** `emoji count` of each, sorted. */
	reactions: string[];
}

/** A chat as a device shows it at the end. */
export interface SeenChat {
	rev: number;
	lastSeq: number;
	unread: number;
	/** A part of the log without a hole, its end included. */
	messages: SeenMessage[];
}

/** What a device shows at the end, and what was wrong meanwhile. */
export interface View {
	device: string;
	userId: string;
	chats: ReadonlyMap<string, SeenChat>;
	connections: readonly Connection[];
	noticed: readonly string[];
	/** What it was asked to do, and has not got done. */
	waiting: number;
}

/** What the server says of a user's chats. */
export interface InboxAnswer {
	userId: string;
	totalUnread: number;
	chats: ReadonlyMap<string, { unread: number; mentions: number }>;
}

/** A record of `chat.events`, in the order of its partition. */
export interface Published {
	id: string;
	key: string;
	rev: number;
	about: string;
	/** The message that it says was sent. */
	created: string | null;
	/** Whether it took a revision. */
	isDurable: boolean;
}
