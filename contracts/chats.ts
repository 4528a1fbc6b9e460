import { action, internal, type Page } from "./contract.ts";
import * as field from "./fields.ts";
import { LIMITS } from "./limits.ts";
import type { Message } from "./messages.ts";
import type { UserCard } from "./users.ts";

export const CHAT_TYPES = ["direct", "group", "channel", "thread"] as const;
export type ChatType = (typeof CHAT_TYPES)[number];

/** From the least to the most. */
export const ROLES = ["member", "moderator", "admin", "owner"] as const;
export type Role = (typeof ROLES)[number];

/** What a chat still does at its size; what is off answers ok and does nothing more. */
export interface Capabilities {
	typing: boolean;
	receipts: boolean;
	presence: boolean;
	notifyAll: boolean;
}

export interface Chat {
	id: string;
	type: ChatType;
	name: string | null;
	description: string | null;
	metadata: Record<string, unknown>;
	avatarUrl: string | null;
	announceOnly: boolean;
	parentChatId: string | null;
	parentMessageId: string | null;
	lastSeq: number;
	rev: number;
	lastMessage: Message | null;
	memberCount: number;
	/** Null above `capabilities.receipts`. */
	minDeliveredSeq: number | null;
	minReadSeq: number | null;
	capabilities: Capabilities;
	createdBy: string;
	createdAt: string;
	updatedAt: string;
}

export interface Member {
	chatId: string;
	userId: string;
	role: Role;
	joinedAt: string;
	joinedSeq: number;
	readSeq: number;
	deliveredSeq: number;
	/** Until then the member may not send. */
	silencedUntil: string | null;
	leftAt: string | null;
	user: UserCard;
	/** Only to oneself: until then no notifications. */
	mutedUntil?: string | null;
}

export const create = action<Chat>()({
	action: "chats.create",
	doc: "Makes a chat. One participant and no type is `direct`: the existing one if there is one (200).",
	rest: "POST /chats",
	status: 201,
	socket: "chat:create",
	ack: "chat",
	auth: "required",
	rate: "write",
	idempotent: true,
	params: {
		$$strict: true,
		type: { type: "enum", values: ["direct", "group", "channel"], optional: true },
		participantIds: { type: "array", items: field.id, max: LIMITS.participantsMax, unique: true },
		name: field.chatName,
		description: field.description,
		avatarUrl: field.avatarUrl,
		metadata: field.optionalMetadata,
		announceOnly: { type: "boolean", optional: true },
		clientId: field.clientId,
	},
});

export const get = action<Chat>()({
	action: "chats.get",
	doc: "One chat.",
	rest: "GET /chats/:chatId",
	auth: "required",
	rate: "read",
	params: { $$strict: true, chatId: field.id },
});

export const update = action<Chat>()({
	action: "chats.update",
	doc: "Renames a chat, or changes its description, picture, metadata or `announceOnly`.",
	rest: "PATCH /chats/:chatId",
	auth: "required",
	rate: "write",
	params: {
		$$strict: true,
		chatId: field.id,
		name: field.chatName,
		description: field.description,
		avatarUrl: field.avatarUrl,
		metadata: field.optionalMetadata,
		announceOnly: { type: "boolean", optional: true },
	},
});

export const remove = action<null>()({
	action: "chats.remove",
	doc: "Deletes a chat and its threads.",
	rest: "DELETE /chats/:chatId",
	status: 204,
	auth: "required",
	rate: "write",
	params: { $$strict: true, chatId: field.id },
});

export const channels = action<Page<Chat>>()({
	action: "chats.channels",
	doc: "Channels that anyone may join, by name: their Chat, not their messages.",
	rest: "GET /channels",
	auth: "required",
	rate: "read",
	params: { $$strict: true, search: field.search, cursor: field.cursor, limit: field.limit },
});

export const members = action<Page<Member>>()({
	action: "chats.members",
	doc: "The members of a chat, in the order of joining.",
	rest: "GET /chats/:chatId/members",
	auth: "required",
	rate: "read",
	params: { $$strict: true, chatId: field.id, cursor: field.cursor, limit: field.limit },
});

export const addMembers = action<Page<Member>>()({
	action: "chats.addMembers",
	doc: "Adds members.",
	rest: "POST /chats/:chatId/members",
	status: 201,
	auth: "required",
	rate: "write",
	params: {
		$$strict: true,
		chatId: field.id,
		userIds: field.userIds,
		role: { type: "enum", values: ROLES, optional: true },
	},
});

export const updateMember = action<Member>()({
	action: "chats.updateMember",
	doc: "Changes a member's role, or silences them until a time; null ends it.",
	rest: "PATCH /chats/:chatId/members/:userId",
	auth: "required",
	rate: "write",
	params: {
		$$strict: true,
		chatId: field.id,
		userId: field.id,
		role: { type: "enum", values: ROLES, optional: true },
		silencedUntil: field.optionalTime,
	},
});

export const removeMember = action<null>()({
	action: "chats.removeMember",
	doc: "Removes a member.",
	rest: "DELETE /chats/:chatId/members/:userId",
	status: 204,
	auth: "required",
	rate: "write",
	params: { $$strict: true, chatId: field.id, userId: field.id },
});

export const join = action<Chat>()({
	action: "chats.join",
	doc: "Joins a channel, or follows a thread.",
	rest: "POST /chats/:chatId/join",
	auth: "required",
	rate: "write",
	params: { $$strict: true, chatId: field.id },
});

export const leave = action<null>()({
	action: "chats.leave",
	doc: "Leaves a group or channel, or unfollows a thread.",
	rest: "POST /chats/:chatId/leave",
	status: 204,
	auth: "required",
	rate: "write",
	params: { $$strict: true, chatId: field.id },
});

export const mute = action<Member>()({
	action: "chats.mute",
	doc: "Silences one's own notifications of a chat until a time; null ends it.",
	rest: "PUT /chats/:chatId/mute",
	auth: "required",
	rate: "write",
	params: { $$strict: true, chatId: field.id, until: field.time },
});

export const thread = action<Chat>()({
	action: "chats.thread",
	doc: "The thread on a message, made if there is none. Who makes it follows it.",
	rest: "POST /messages/:messageId/thread",
	status: 201,
	auth: "required",
	rate: "write",
	params: { $$strict: true, messageId: field.id },
});

/** What a gateway must know of a chat to deliver its events. */
export interface RoomState {
	chatId: string;
	rev: number;
	lastSeq: number;
	epoch: number;
	parentChatId: string | null;
	memberCount: number;
}

export const rooms = internal<Page<RoomState & { userId: string }>>()({
	action: "chats.rooms",
	doc: "Which chats the given users are in: what a gateway loads on connect, and again where it may have changed.",
	params: {
		$$strict: true,
		userIds: { type: "array", items: field.id, max: 1_000 },
		cursor: field.cursor,
	},
});

export const digests = internal<{ userId: string; digest: string }[]>()({
	action: "chats.digests",
	doc: "For each of the given users who is in any chat a digest of which they are in: the same as long as they are the same.",
	params: { $$strict: true, userIds: { type: "array", items: field.id, max: 1_000 } },
});

export const heads = internal<{ items: RoomState[]; since: string }>()({
	action: "chats.heads",
	doc: "The heads of those of the given chats that changed after `since`; without it, of all.",
	params: {
		$$strict: true,
		chatIds: { type: "array", items: field.id, max: 5_000 },
		since: field.cursor,
	},
});

export const among = internal<string[]>()({
	action: "chats.among",
	doc: "Which of the given users are members of a chat now.",
	params: { $$strict: true, chatId: field.id, userIds: { type: "array", items: field.id, max: 10_000 } },
});

export const sharing = internal<string[]>()({
	action: "chats.sharing",
	doc: "Which of the given users share a chat with `userId` that still tells presence at its size.",
	params: { $$strict: true, userId: field.id, userIds: { type: "array", items: field.id, max: 1_000 } },
});

export const mayType = internal<boolean>()({
	action: "chats.mayType",
	doc: "Whether a user's typing is told in a chat: they may write in it, and it has `capabilities.typing`.",
	params: { $$strict: true, chatId: field.id, userId: field.id },
});
