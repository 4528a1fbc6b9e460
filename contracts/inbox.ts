import type { Chat, Member } from "./chats.ts";
import { action } from "./contract.ts";
import * as field from "./fields.ts";
import type { Message } from "./messages.ts";

export interface InboxItem {
	chat: Chat;
	self: Member;
	unread: number;
	mentions: number;
	lastMessage: Message | null;
}

export interface InboxPage {
	items: InboxItem[];
	totalUnread: number;
	nextCursor: string | null;
	/** Where `inbox/changes` goes on from. */
	since: string;
}

export interface InboxChanges {
	items: InboxItem[];
	/** Chats that the user is no longer in. */
	removed: string[];
	totalUnread: number;
	since: string;
	hasMore: boolean;
}

export const list = action<InboxPage>()({
	action: "inbox.list",
	doc: "The caller's chats, last activity first, with unread and mention counts.",
	rest: "GET /inbox",
	socket: "inbox:list",
	ack: "*",
	auth: "required",
	rate: "read",
	params: { $$strict: true, cursor: field.cursor, limit: field.limit },
});

export const changes = action<InboxChanges>()({
	action: "inbox.changes",
	doc: "Chats whose revision or own membership changed after `since`; it rather overlaps than skips.",
	rest: "GET /inbox/changes",
	socket: "inbox:sync",
	ack: "*",
	auth: "required",
	rate: "read",
	params: { $$strict: true, since: field.cursor, limit: field.limit },
});

export const readAll = action<{ totalUnread: number }>()({
	action: "inbox.readAll",
	doc: "Reads every chat to its end.",
	rest: "POST /inbox/read-all",
	auth: "required",
	rate: "write",
	params: { $$strict: true },
});
