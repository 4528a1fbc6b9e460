/** Every event between services, and its payload. They are hints: whoever misses one finds out from the database. */
import type { LogEvent } from "./changes.ts";
import type { ParleyEvent } from "./kafka.ts";
import type { ThreadInfo } from "./messages.ts";
import type { Presence } from "./presence.ts";
import type { User } from "./users.ts";

/** What one commit changed. `stream` names the writer, `n` counts its batches from 1 without a gap. */
export interface LogBatch {
	stream: string;
	n: number;
	events: LogEvent[];
	/** Where they stand in the outbox, so that the relay need not read them back. */
	outbox?: OutboxPlaces;
}

export interface OutboxPlaces {
	/** Of the events as they stand there: a relay that would write them otherwise reads them. */
	format: string;
	/** The row of each event, in their order. */
	ids: number[];
	/** Of each chat whose revision was raised: what it was before, and what it is now. */
	revs: Record<string, [before: number, after: number]>;
}

export interface StatusMark {
	chatId: string;
	userId: string;
	status: "DELIVERED" | "READ";
	seq: number;
}

export interface InboxUpdate {
	chatId: string;
	readSeq: number;
	unread: number;
	mentions: number;
	totalUnread: number;
}

export interface Events {
	/** Broadcast after each commit that changed a chat or user. */
	"log.batch": LogBatch;
	/** Broadcast every second by each writer: the last `n`, so that a gateway notices a batch that it missed. */
	"log.beat": { stream: string; n: number };
	/** Broadcast: marks that moved, to sockets that have the chat open. */
	"receipts.moved": { marks: StatusMark[] };
	/** Broadcast: to the user's devices but `exceptSocketId`. */
	"inbox.moved": { userId: string; update: InboxUpdate; exceptSocketId: string | null };
	/** Broadcast: `parentChatId`'s open viewers. */
	"thread.grew": { parentChatId: string; messageId: string; thread: ThreadInfo };
	/** Broadcast between gateways. */
	"typing.moved": { chatId: string; userId: string; isTyping: boolean };
	/** Broadcast: users whose presence changed. */
	"presence.changed": { users: Presence[] };
	/** Broadcast: sockets of these sessions close, their tokens end. */
	"sessions.ended": { userId: string; sessionIds: string[] };
	/** Broadcast: `user:updated` to those who share a chat, and to one's own devices. */
	"user.changed": { user: User };
	/** Without Kafka, broadcast at least once, as the topic of that name would have it: for whoever sends pushes. */
	"notification.send": ParleyEvent<"notification.send">;
}
