/** The one table that says for each change who is told of it, under which name, and in which topics. */
import type { Capabilities, Chat, Member } from "./chats.ts";
import type { Message } from "./messages.ts";
import type { User } from "./users.ts";

interface ChangeKind {
	/** The Socket.IO event that tells it to members; none is for integrators only. */
	socket?: string;
	/** CloudEvents `type`, which is also its topic's name without the prefix. */
	type: string;
	/** What `data` holds on Kafka, beside `actorId`, `rev` and `seq`. */
	resource: "message" | "chat" | "member" | "user" | "receipt";
	/** Whether it takes a revision of its chat. */
	durable: boolean;
}

export const CHANGES = {
	"message.created": { socket: "message", type: "message.created", resource: "message", durable: true },
	"message.updated": {
		socket: "message:update",
		type: "message.updated",
		resource: "message",
		durable: true,
	},
	"message.deleted": {
		socket: "message:delete",
		type: "message.deleted",
		resource: "message",
		durable: true,
	},
	"message.pinned": { socket: "message:pin", type: "message.pinned", resource: "message", durable: true },
	"message.unpinned": {
		socket: "message:unpin",
		type: "message.unpinned",
		resource: "message",
		durable: true,
	},
	"message.reacted": {
		socket: "message:reaction",
		type: "message.reacted",
		resource: "message",
		durable: true,
	},
	/** Follows the `message.created` of the same message, and shares its revision. */
	"message.forwarded": { type: "message.forwarded", resource: "message", durable: false },
	"message.read": { type: "message.read", resource: "receipt", durable: false },
	"chat.created": { socket: "chat:created", type: "chat.created", resource: "chat", durable: true },
	"chat.updated": { socket: "chat:updated", type: "chat.updated", resource: "chat", durable: true },
	"chat.deleted": { socket: "chat:deleted", type: "chat.deleted", resource: "chat", durable: true },
	"member.joined": {
		socket: "chat:member-joined",
		type: "user.joined.chat",
		resource: "member",
		durable: true,
	},
	"member.left": { socket: "chat:member-left", type: "user.left.chat", resource: "member", durable: true },
	"member.updated": {
		socket: "chat:member-updated",
		type: "chat.updated",
		resource: "member",
		durable: true,
	},
	/** A member whom `chat.created` told of already: for integrators, with that revision. */
	"member.created": { type: "user.joined.chat", resource: "member", durable: false },
	"user.registered": { type: "user.registered", resource: "user", durable: false },
	"user.updated": { type: "user.updated", resource: "user", durable: false },
} as const satisfies Record<string, ChangeKind>;

export type ChangeName = keyof typeof CHANGES;

/** A read mark that moved, as integrators see it. */
export interface ReadMark {
	chatId: string;
	userId: string;
	readSeq: number;
	readAt: string;
}

/** `chat:member-*`: what changed about whom. */
export interface MemberChange {
	chatId: string;
	rev: number;
	member: Member;
	/** What the chat still does at its size now: whoever has come or gone may have ended or begun some of it. */
	capabilities?: Capabilities;
}

type DataOf<Kind> = Kind extends { resource: "message" }
	? Message
	: Kind extends { resource: "chat" }
		? Chat
		: Kind extends { resource: "member" }
			? MemberChange
			: Kind extends { resource: "user" }
				? User
				: ReadMark;

/** A change as it travels from its commit to the gateways and, by way of the outbox, to Kafka. */
export type LogEvent = {
	[Name in ChangeName]: {
		change: Name;
		/** UUIDv7; the CloudEvents id. */
		id: string;
		/** Null for a change of a user. */
		chatId: string | null;
		/** Null where the change has no revision. */
		rev: number | null;
		seq: number | null;
		/** The chat's memberEpoch after the change. */
		epoch: number;
		actorId: string;
		at: string;
		data: DataOf<(typeof CHANGES)[Name]>;
		/** For gateways: who is new in the chat (`chat.created`, `member.joined`). */
		newUserIds?: string[];
		/** For gateways: the Chat that new users are told (`member.joined`). */
		chat?: Chat;
	};
}[ChangeName];
