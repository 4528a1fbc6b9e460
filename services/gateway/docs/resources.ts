/** JSON Schemas of what REST answers with; the compiler holds each against the contract's type. */
import type { AnalyticsBucket } from "../../../contracts/analytics.ts";
import type { Session, SignedIn, TokenPair } from "../../../contracts/auth.ts";
import { type Capabilities, CHAT_TYPES, type Chat, type Member, ROLES } from "../../../contracts/chats.ts";
import type { DeadLetter } from "../../../contracts/dead-letters.ts";
import { ERRORS, type FieldError } from "../../../contracts/errors.ts";
import type { InboxChanges, InboxItem, InboxPage } from "../../../contracts/inbox.ts";
import {
	type Changes,
	MESSAGE_TYPES,
	type Message,
	type Reaction,
	type Receipt,
	type ThreadInfo,
} from "../../../contracts/messages.ts";
import { type Presence, STATUSES } from "../../../contracts/presence.ts";
import type { User, UserCard } from "../../../contracts/users.ts";
import type { Problem } from "../wire-error.ts";

export type Schema = Record<string, unknown>;

const text = { type: "string" };
const flag = { type: "boolean" };
const count = { type: "integer", minimum: 0 };
const id = { type: "string", format: "uuid" };
const time = { type: "string", format: "date-time" };
const anyObject = { type: "object" };
const orNull = (schema: Schema): Schema =>
	"$ref" in schema ? { anyOf: [schema, { type: "null" }] } : { ...schema, type: [schema.type, "null"] };
const list = (items: Schema): Schema => ({ type: "array", items });
const oneOf = (values: readonly string[]): Schema => ({ type: "string", enum: values });
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });
const page = (items: Schema): Schema => object({ items: list(items), nextCursor: orNull(text) });

function object(properties: Record<string, Schema>, optional: readonly string[] = []): Schema {
	const required = Object.keys(properties).filter(name => !optional.includes(name));
	return { type: "object", properties, required };
}

/** An object of the contract: each of its fields, and no other. */
const of = <T>(properties: { [Field in keyof T]-?: Schema }, optional: (keyof T & string)[] = []): Schema =>
	object(properties, optional);

const card = { id, username: text, displayName: text, avatarUrl: orNull(text) };
const tokens = { accessToken: text, refreshToken: text, expiresIn: { ...count, description: "Seconds." } };

export const SCHEMAS: Record<string, Schema> = {
	UserCard: of<UserCard>(card),
	User: of<User>({ ...card, metadata: anyObject, createdAt: time, email: orNull(text) }, ["email"]),
	TokenPair: of<TokenPair>(tokens),
	SignedIn: of<SignedIn>({ user: ref("User"), ...tokens }),
	Session: of<Session>({ id, createdAt: time, lastUsedAt: time, userAgent: orNull(text), current: flag }),
	Capabilities: of<Capabilities>({ typing: flag, receipts: flag, presence: flag, notifyAll: flag }),
	Chat: of<Chat>({
		id,
		type: oneOf(CHAT_TYPES),
		name: orNull(text),
		description: orNull(text),
		metadata: anyObject,
		avatarUrl: orNull(text),
		announceOnly: flag,
		parentChatId: orNull(id),
		parentMessageId: orNull(id),
		lastSeq: count,
		rev: count,
		lastMessage: orNull(ref("Message")),
		memberCount: count,
		minDeliveredSeq: orNull(count),
		minReadSeq: orNull(count),
		capabilities: ref("Capabilities"),
		createdBy: id,
		createdAt: time,
		updatedAt: time,
	}),
	Member: of<Member>(
		{
			chatId: id,
			userId: id,
			role: oneOf(ROLES),
			joinedAt: time,
			joinedSeq: count,
			readSeq: count,
			deliveredSeq: count,
			silencedUntil: orNull(time),
			leftAt: orNull(time),
			user: ref("UserCard"),
			mutedUntil: orNull(time),
		},
		["mutedUntil"],
	),
	Reaction: of<Reaction>({ emoji: text, count, userIds: list(id) }),
	ThreadInfo: of<ThreadInfo>({ chatId: id, count, lastAt: orNull(time) }),
	Message: of<Message>({
		id,
		chatId: id,
		seq: count,
		rev: count,
		senderId: id,
		type: oneOf(MESSAGE_TYPES),
		content: orNull(text),
		metadata: anyObject,
		clientId: text,
		replyToId: orNull(id),
		thread: orNull(ref("ThreadInfo")),
		mentions: list(id),
		attachments: { ...list({ type: "object" }), maxItems: 0 },
		reactions: list(ref("Reaction")),
		editedAt: orNull(time),
		deletedAt: orNull(time),
		pinnedAt: orNull(time),
		pinnedBy: orNull(id),
		forwardedFromId: orNull(id),
		originalSenderId: orNull(id),
		isEdited: flag,
		isDeleted: flag,
		isPinned: flag,
		isForwarded: flag,
		status: oneOf(["SENT", "DELIVERED", "READ"]),
		createdAt: time,
	}),
	Changes: of<Changes>({
		rev: count,
		hasMore: flag,
		reset: flag,
		messages: list(ref("Message")),
		members: list(ref("Member")),
		chat: ref("Chat"),
		self: orNull(ref("Member")),
	}),
	Receipt: of<Receipt>({ userId: id, deliveredAt: orNull(time), readAt: orNull(time) }),
	InboxItem: of<InboxItem>({
		chat: ref("Chat"),
		self: ref("Member"),
		unread: count,
		mentions: count,
		lastMessage: orNull(ref("Message")),
	}),
	InboxPage: of<InboxPage>({
		items: list(ref("InboxItem")),
		totalUnread: count,
		nextCursor: orNull(text),
		since: text,
	}),
	InboxChanges: of<InboxChanges>({
		items: list(ref("InboxItem")),
		removed: list(id),
		totalUnread: count,
		since: text,
		hasMore: flag,
	}),
	Presence: of<Presence>({
		userId: id,
		status: oneOf(STATUSES),
		text: orNull(text),
		lastSeenAt: orNull(time),
	}),
	AnalyticsBucket: of<AnalyticsBucket>({ at: time, messages: count, activeUsers: count, activeChats: count }),
	DeadLetter: of<DeadLetter>({
		id,
		consumer: text,
		eventId: orNull(text),
		event: text,
		reason: text,
		at: time,
	}),
	FieldError: of<FieldError>({ field: text, message: text }),
	Problem: of<Problem>(
		{
			type: { type: "string", format: "uri" },
			title: text,
			status: { type: "integer" },
			code: oneOf(Object.keys(ERRORS)),
			detail: text,
			errors: list(ref("FieldError")),
			retryAfter: { ...count, description: "Seconds." },
			traceId: text,
		},
		["errors", "retryAfter"],
	),
};

/** What each action answers with; those that answer 204 are not here. */
export const RESULTS: Record<string, Schema> = {
	"auth.register": ref("SignedIn"),
	"auth.login": ref("SignedIn"),
	"auth.refresh": ref("TokenPair"),
	"auth.sessions": page(ref("Session")),
	"users.me": ref("User"),
	"users.update": ref("User"),
	"users.get": ref("User"),
	"users.list": page(ref("User")),
	"chats.create": ref("Chat"),
	"chats.get": ref("Chat"),
	"chats.update": ref("Chat"),
	"chats.channels": page(ref("Chat")),
	"chats.members": page(ref("Member")),
	"chats.addMembers": page(ref("Member")),
	"chats.updateMember": ref("Member"),
	"chats.join": ref("Chat"),
	"chats.mute": ref("Member"),
	"chats.thread": ref("Chat"),
	"messages.send": ref("Message"),
	"messages.history": page(ref("Message")),
	"messages.changes": ref("Changes"),
	"messages.get": ref("Message"),
	"messages.update": ref("Message"),
	"messages.remove": ref("Message"),
	"messages.pin": ref("Message"),
	"messages.unpin": ref("Message"),
	"messages.pins": page(ref("Message")),
	"messages.forward": page(ref("Message")),
	"messages.react": ref("Message"),
	"messages.unreact": ref("Message"),
	"messages.receipts": page(ref("Receipt")),
	"messages.read": ref("Member"),
	"messages.delivered": ref("Member"),
	"inbox.list": ref("InboxPage"),
	"inbox.changes": ref("InboxChanges"),
	"inbox.readAll": object({ totalUnread: count }),
	"presence.set": ref("Presence"),
	"presence.heartbeat": ref("Presence"),
	"presence.get": ref("Presence"),
	"presence.batch": object({ items: list(ref("Presence")) }),
	"analytics.report": object({ items: list(ref("AnalyticsBucket")) }),
	"dead-letters.list": page(ref("DeadLetter")),
};
