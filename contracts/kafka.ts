/** Topics, keys, envelope and data of what integrators consume. */
import { CHANGES, type ChangeName, type ReadMark } from "./changes.ts";
import type { Chat, Member } from "./chats.ts";
import { internal } from "./contract.ts";
import type { Message } from "./messages.ts";
import type { Presence } from "./presence.ts";
import type { User } from "./users.ts";

/** CloudEvents 1.0, structured mode, JSON. */
export interface CloudEvent<Data = Record<string, unknown>> {
	specversion: "1.0";
	id: string;
	source: string;
	/** The topic's name without the installation's prefix. */
	type: string;
	/** What the event is about: the chat's or user's id, which is also the record's key. */
	subject: string;
	time: string;
	datacontenttype: "application/json";
	dataschema: string;
	data: Data;
}

/** Every topic, without the installation's prefix. */
export const TOPICS = [
	"message.created",
	"message.updated",
	"message.deleted",
	"message.pinned",
	"message.unpinned",
	"message.forwarded",
	"message.read",
	"message.reacted",
	"chat.created",
	"chat.updated",
	"chat.deleted",
	"user.registered",
	"user.updated",
	"user.joined.chat",
	"user.left.chat",
	"user.online",
	"user.offline",
	"user.typing",
	"analytics.message",
	"analytics.user.activity",
	"audit.log",
	"notification.send",
	"chat.events",
	"dead.letter",
] as const;
export type Topic = (typeof TOPICS)[number];

/** In which topics a change appears: its own, and with all that concerns its chat in one. */
export function topicsOf(change: ChangeName): Topic[] {
	const { type, resource } = CHANGES[change];
	return resource === "user" ? [type] : [type, "chat.events"];
}

export const CONSUMERS = ["analytics", "audit", "notifications"] as const;
export type Consumer = (typeof CONSUMERS)[number];

/** What every event's data has beside its resource. */
export interface Told {
	/** Who did it. */
	actorId: string;
	/** The chat's revision after it; absent where it has none. */
	rev?: number;
	seq?: number;
}

/** Somebody began to type: told once for each burst. */
export interface Typing {
	chatId: string;
	userId: string;
	isTyping: true;
}

/** A message in numbers: without its words. */
export interface MessageFigures {
	messageId: string;
	chatId: string;
	senderId: string;
	messageType: Message["type"];
	contentUnits: number;
	mentions: number;
	isReply: boolean;
	isForwarded: boolean;
	createdAt: string;
}

/** The first thing that a user did in an hour. */
export interface UserActivity {
	userId: string;
	/** When that hour begins, in UTC. */
	hour: string;
}

/** A row of the audit log; the event itself stands under `eventId` in its own topic. */
export interface AuditRow {
	chain: string;
	/** Its place in the chain, dense from 1. */
	n: number;
	eventId: string;
	eventType: string;
	at: string;
	/** Of the row before; 64 zeros for the first. */
	previousHash: string;
	/** SHA-256 over the JSON array `[chain, n, eventId, event, at, previousHash]`, in hexadecimal; `event` is the record's text. */
	hash: string;
}

/** Whom to notify of a message: members who were offline, had not muted the chat and had not read it. */
export interface Notification {
	chatId: string;
	messageId: string;
	seq: number;
	senderId: string;
	/** `mention` for those whom it mentions. */
	kind: "message" | "mention";
	/** 1,000 at most; a message with more has several records. */
	recipientIds: string[];
}

/** What could not be published, or could not be applied by a consumer that ships. */
export interface DeadLetter {
	/** `relay`, or the consumer's name. */
	consumer: string;
	/** Where the consumer found it: topic and partition, or lane. */
	origin: string;
	eventId: string | null;
	reason: string;
	/** The record's text; null where it is too long to be sent again: the table `dead_letters` has it. */
	event: string | null;
}

/** What the data of each type of event is. */
export interface EventData {
	"message.created": Message & Told;
	"message.updated": Message & Told;
	"message.deleted": Message & Told;
	"message.pinned": Message & Told;
	"message.unpinned": Message & Told;
	"message.forwarded": Message & Told;
	"message.read": ReadMark & Told;
	"message.reacted": Message & Told;
	"chat.created": Chat & Told;
	/** A Member where a role or a silence changed. */
	"chat.updated": (Chat | Member) & Told;
	"chat.deleted": Chat & Told;
	"user.registered": User & Told;
	"user.updated": User & Told;
	"user.joined.chat": Member & Told;
	"user.left.chat": Member & Told;
	"user.online": Presence & Told;
	"user.offline": Presence & Told;
	"user.typing": Typing & Told;
	"analytics.message": MessageFigures & Told;
	"analytics.user.activity": UserActivity & Told;
	"audit.log": AuditRow & Told;
	"notification.send": Notification & Told;
	"dead.letter": DeadLetter;
}
export type EventType = keyof EventData;

/** An event whose `type` says what its `data` is. */
export type ParleyEvent<Type extends EventType = EventType> = {
	[T in Type]: CloudEvent<EventData[T]> & { type: T };
}[Type];

/** How the bridge does, for readiness: Kafka down is degraded, not down. */
export interface BridgeStatus {
	/** `off` where no brokers are configured. */
	kafka: "up" | "down" | "off";
	/** Seconds that the oldest event has waited in the outbox; 0 where none waits. */
	oldestEventS: number;
	/** Lanes of the outbox that this node publishes. */
	lanes: number;
}

export const status = internal<BridgeStatus>()({
	action: "kafka-bridge.status",
	doc: "How the bridge does.",
	params: { $$strict: true },
});
