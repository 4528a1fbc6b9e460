/** Topics, keys and envelope of what integrators consume. */
import { CHANGES, type ChangeName } from "./changes.ts";

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
