import type { Chat, Member } from "./chats.ts";
import { action, internal, type Page, type Params } from "./contract.ts";
import type { Failure } from "./errors.ts";
import * as field from "./fields.ts";
import { LIMITS } from "./limits.ts";

export const MESSAGE_TYPES = ["text", "image", "file", "audio", "video", "system", "custom"] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

export interface Reaction {
	emoji: string;
	count: number;
	/** The first 20 who reacted. */
	userIds: string[];
}

export interface ThreadInfo {
	chatId: string;
	count: number;
	lastAt: string | null;
}

export type MessageStatus = "SENT" | "DELIVERED" | "READ";

/** The same for every viewer, so that it is encoded once. */
export interface Message {
	id: string;
	chatId: string;
	seq: number;
	rev: number;
	senderId: string;
	type: MessageType;
	/** Null once deleted. */
	content: string | null;
	metadata: Record<string, unknown>;
	clientId: string;
	replyToId: string | null;
	thread: ThreadInfo | null;
	mentions: string[];
	attachments: never[];
	reactions: Reaction[];
	editedAt: string | null;
	deletedAt: string | null;
	pinnedAt: string | null;
	pinnedBy: string | null;
	forwardedFromId: string | null;
	originalSenderId: string | null;
	isEdited: boolean;
	isDeleted: boolean;
	isPinned: boolean;
	isForwarded: boolean;
	status: MessageStatus;
	createdAt: string;
}

/** The present state of whatever changed after a cursor. */
export interface Changes {
	rev: number;
	hasMore: boolean;
	reset: boolean;
	messages: Message[];
	members: Member[];
	chat: Chat;
	self: Member | null;
}

export interface Receipt {
	userId: string;
	deliveredAt: string | null;
	readAt: string | null;
}

const body = {
	content: field.content,
	mentions: field.mentions,
} as const;

export const send = action<Message>()({
	action: "messages.send",
	doc: "Sends a message. A repeat with the same key gives the first one.",
	rest: "POST /chats/:chatId/messages",
	status: 201,
	socket: "message",
	ack: "message",
	auth: "required",
	rate: "send",
	idempotent: true,
	params: {
		$$strict: true,
		chatId: field.id,
		...body,
		type: { type: "enum", values: ["text", "image", "file", "audio", "video", "custom"], optional: true },
		clientId: field.clientId,
		metadata: field.optionalMetadata,
		replyToId: field.optionalId,
	},
});

export const SENDS_PER_CALL_MAX = 1_000;

/** A send as a door has checked it by `send`. */
export type CheckedSend = Params<typeof send> & { userId: string };

/** What became of one of them. */
export type SendOutcome = { message: Message } | { failure: Failure };

/** What arrives in one turn of a gateway, and may go, goes in one call, whoever sends it. */
export const sendAll = internal<SendOutcome[]>()({
	action: "messages.sendAll",
	doc: "Sends for several users, each as `send` does and with an outcome of its own, in their order.",
	params: {
		$$strict: true,
		// The rest of each is not checked a second time: no door leads here.
		sends: {
			type: "array",
			min: 1,
			max: SENDS_PER_CALL_MAX,
			items: { type: "object", props: { userId: field.id } },
		},
	},
});

export const history = action<Page<Message>>()({
	action: "messages.history",
	doc: "A page of messages by `seq`, oldest first. `nextCursor` is the `seq` to pass as the same parameter.",
	rest: "GET /chats/:chatId/messages",
	socket: "chat:messages",
	ack: "messages",
	auth: "required",
	rate: "read",
	params: {
		$$strict: true,
		chatId: field.id,
		before: field.optionalSeq,
		after: field.optionalSeq,
		around: field.optionalSeq,
		limit: field.limit,
	},
});

export const changes = action<Changes>()({
	action: "messages.changes",
	doc: "The present state of whatever changed after `since`, of one snapshot.",
	rest: "GET /chats/:chatId/changes",
	socket: "chat:changes",
	ack: "*",
	auth: "required",
	rate: "read",
	params: { $$strict: true, chatId: field.id, since: field.seq, limit: field.limit },
});

export const get = action<Message>()({
	action: "messages.get",
	doc: "One message.",
	rest: "GET /messages/:id",
	auth: "required",
	rate: "read",
	params: { $$strict: true, id: field.id },
});

export const update = action<Message>()({
	action: "messages.update",
	doc: "Edits one's own message.",
	rest: "PATCH /messages/:messageId",
	socket: "message:update",
	ack: "message",
	auth: "required",
	rate: "write",
	params: { $$strict: true, messageId: field.id, ...body },
});

/** The pattern of actions that name one message and answer with it as it now is. */
const onMessage = { $$strict: true, messageId: field.id } as const;

export const remove = action<Message>()({
	action: "messages.remove",
	doc: "Deletes a message for everyone; it keeps its place.",
	rest: "DELETE /messages/:messageId",
	socket: "message:delete",
	ack: "message",
	auth: "required",
	rate: "write",
	params: onMessage,
});

export const pin = action<Message>()({
	action: "messages.pin",
	doc: "Pins a message.",
	rest: "PUT /messages/:messageId/pin",
	socket: "message:pin",
	ack: "message",
	auth: "required",
	rate: "write",
	params: onMessage,
});

export const unpin = action<Message>()({
	action: "messages.unpin",
	doc: "Takes a pin away.",
	rest: "DELETE /messages/:messageId/pin",
	socket: "message:unpin",
	ack: "message",
	auth: "required",
	rate: "write",
	params: onMessage,
});

export const pins = action<Page<Message>>()({
	action: "messages.pins",
	doc: "The pinned messages of a chat, the latest pinned first.",
	rest: "GET /chats/:chatId/pins",
	auth: "required",
	rate: "read",
	params: { $$strict: true, chatId: field.id, cursor: field.cursor, limit: field.limit },
});

export const forward = action<Page<Message>>()({
	action: "messages.forward",
	doc: "Forwards a message into several chats, all or none.",
	rest: "POST /messages/:messageId/forward",
	status: 201,
	socket: "message:forward",
	ack: "messages",
	auth: "required",
	rate: "send",
	idempotent: true,
	params: {
		$$strict: true,
		messageId: field.id,
		chatIds: { type: "array", items: field.id, min: 1, max: LIMITS.forwardChatsMax, unique: true },
		clientId: field.clientId,
	},
});

export const react = action<Message>()({
	action: "messages.react",
	doc: "Adds one's reaction.",
	rest: "PUT /messages/:messageId/reactions/:emoji",
	socket: "message:react",
	ack: "message",
	auth: "required",
	rate: "write",
	params: { ...onMessage, emoji: field.emoji },
});

export const unreact = action<Message>()({
	action: "messages.unreact",
	doc: "Takes one's reaction away.",
	rest: "DELETE /messages/:messageId/reactions/:emoji",
	socket: "message:unreact",
	ack: "message",
	auth: "required",
	rate: "write",
	params: { ...onMessage, emoji: field.emoji },
});

export const receipts = action<Page<Receipt>>()({
	action: "messages.receipts",
	doc: "Whom a message has reached and who has read it; empty above `capabilities.receipts`.",
	rest: "GET /messages/:messageId/receipts",
	auth: "required",
	rate: "read",
	params: { ...onMessage, cursor: field.cursor, limit: field.limit },
});

export const read = action<Member>()({
	action: "messages.read",
	doc: "Moves the caller's read mark forward: to a `seq`, to a message, or without either to the end.",
	rest: "POST /chats/:chatId/read",
	socket: "message:read",
	ack: "member",
	auth: "required",
	rate: "write",
	params: { $$strict: true, chatId: field.optionalId, seq: field.optionalSeq, messageId: field.optionalId },
});

export const delivered = action<Member>()({
	action: "messages.delivered",
	doc: "Moves the caller's delivery mark forward.",
	rest: "POST /chats/:chatId/delivered",
	socket: "message:delivered",
	ack: "member",
	auth: "required",
	rate: "write",
	params: { $$strict: true, chatId: field.optionalId, seq: field.optionalSeq, messageId: field.optionalId },
});

/** What opening a chat answers: the gateway has already subscribed the socket when it asks. */
export const open = internal<Changes>()({
	action: "messages.open",
	doc: "As `changes`; without `since` the newest 50 messages, and `hasMore` says that older ones exist.",
	params: { $$strict: true, chatId: field.id, since: field.optionalSeq },
});

/** For a gateway whose room has a gap: no user asks, so nobody's rights are checked. */
export const gap = internal<
	Pick<Changes, "rev" | "messages" | "chat" | "hasMore" | "reset"> & {
		epoch: number;
		/** `rev` is the revision that told of the member last. */
		members: (Member & { rev: number })[];
	}
>()({
	action: "messages.gap",
	doc: "What changed in a chat after a revision, for a gateway that missed the events.",
	params: { $$strict: true, chatId: field.id, since: field.seq },
});
