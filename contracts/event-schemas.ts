/**
 * The JSON Schema of each type of event, published as files in `schemas/`. What is listed is always there and of that
 * kind; more fields may come, so a consumer has to let pass those that it does not know.
 */
import { CHAT_TYPES, ROLES } from "./chats.ts";
import type { EventType } from "./kafka.ts";
import { MESSAGE_TYPES } from "./messages.ts";
import { STATUSES } from "./presence.ts";

/** As much of JSON Schema (2020-12) as is used here. */
export interface JsonSchema {
	$schema?: string;
	$id?: string;
	title?: string;
	description?: string;
	type?: string | string[];
	const?: unknown;
	enum?: readonly unknown[];
	pattern?: string;
	minimum?: number;
	maxItems?: number;
	properties?: Record<string, JsonSchema>;
	required?: string[];
	additionalProperties?: boolean;
	items?: JsonSchema;
	anyOf?: JsonSchema[];
}

const ID: JsonSchema = {
	type: "string",
	pattern: "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
};
const TEXT: JsonSchema = { type: "string" };
const FLAG: JsonSchema = { type: "boolean" };
const COUNT: JsonSchema = { type: "integer", minimum: 0 };
const TIME: JsonSchema = {
	type: "string",
	pattern: "^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z$",
};
const ANY_OBJECT: JsonSchema = { type: "object" };
const HASH: JsonSchema = { type: "string", pattern: "^[0-9a-f]{64}$" };

const orNull = (schema: JsonSchema): JsonSchema => ({ ...schema, type: [schema.type as string, "null"] });
const list = (items: JsonSchema): JsonSchema => ({ type: "array", items });
const oneOf = (values: readonly unknown[]): JsonSchema => ({ type: "string", enum: values });

/** An object with these properties, all there but the optional ones, which are named with a `?`. */
function object(fields: Record<string, JsonSchema>): JsonSchema {
	const named = Object.entries(fields).map(([name, schema]) => [name.replace("?", ""), schema] as const);
	const required = Object.keys(fields).filter(name => !name.endsWith("?"));
	return { type: "object", properties: Object.fromEntries(named), required };
}

const TOLD = { actorId: ID, "rev?": COUNT, "seq?": COUNT };
const CARD = object({ id: ID, username: TEXT, displayName: TEXT, avatarUrl: orNull(TEXT) });

const MESSAGE_FIELDS = {
	id: ID,
	chatId: ID,
	seq: { type: "integer", minimum: 1 },
	rev: COUNT,
	senderId: ID,
	type: oneOf(MESSAGE_TYPES),
	content: orNull(TEXT),
	metadata: ANY_OBJECT,
	clientId: TEXT,
	replyToId: orNull(ID),
	thread: orNull(object({ chatId: ID, count: COUNT, lastAt: orNull(TIME) })),
	mentions: list(ID),
	attachments: list(ANY_OBJECT),
	reactions: list(object({ emoji: TEXT, count: COUNT, userIds: list(ID) })),
	editedAt: orNull(TIME),
	deletedAt: orNull(TIME),
	pinnedAt: orNull(TIME),
	pinnedBy: orNull(ID),
	forwardedFromId: orNull(ID),
	originalSenderId: orNull(ID),
	isEdited: FLAG,
	isDeleted: FLAG,
	isPinned: FLAG,
	isForwarded: FLAG,
	status: oneOf(["SENT", "DELIVERED", "READ"]),
	createdAt: TIME,
} satisfies Record<string, JsonSchema>;

const MESSAGE = object({ ...MESSAGE_FIELDS, actorId: ID });

const CHAT = object({
	id: ID,
	type: oneOf(CHAT_TYPES),
	name: orNull(TEXT),
	description: orNull(TEXT),
	metadata: ANY_OBJECT,
	avatarUrl: orNull(TEXT),
	announceOnly: FLAG,
	parentChatId: orNull(ID),
	parentMessageId: orNull(ID),
	lastSeq: COUNT,
	memberCount: COUNT,
	minDeliveredSeq: orNull(COUNT),
	minReadSeq: orNull(COUNT),
	lastMessage: orNull(object(MESSAGE_FIELDS)),
	capabilities: object({ typing: FLAG, receipts: FLAG, presence: FLAG, notifyAll: FLAG }),
	createdBy: ID,
	createdAt: TIME,
	updatedAt: TIME,
	actorId: ID,
	rev: COUNT,
	"seq?": COUNT,
});

const MEMBER = object({
	chatId: ID,
	userId: ID,
	role: oneOf(ROLES),
	joinedAt: TIME,
	joinedSeq: COUNT,
	readSeq: COUNT,
	deliveredSeq: COUNT,
	silencedUntil: orNull(TIME),
	leftAt: orNull(TIME),
	user: CARD,
	actorId: ID,
	rev: COUNT,
	"seq?": COUNT,
});

const USER = object({
	id: ID,
	username: TEXT,
	displayName: TEXT,
	avatarUrl: orNull(TEXT),
	metadata: ANY_OBJECT,
	createdAt: TIME,
	"email?": orNull(TEXT),
	...TOLD,
});

const READ_MARK = object({ chatId: ID, userId: ID, readSeq: COUNT, readAt: TIME, ...TOLD });

const PRESENCE = object({
	userId: ID,
	status: oneOf(STATUSES),
	text: orNull(TEXT),
	lastSeenAt: orNull(TIME),
	...TOLD,
});

/** What `data` holds in each type of event. */
const DATA: Record<EventType, JsonSchema> = {
	"message.created": MESSAGE,
	"message.updated": MESSAGE,
	"message.deleted": MESSAGE,
	"message.pinned": MESSAGE,
	"message.unpinned": MESSAGE,
	"message.forwarded": MESSAGE,
	"message.read": READ_MARK,
	"message.reacted": MESSAGE,
	"chat.created": CHAT,
	"chat.updated": { anyOf: [CHAT, MEMBER] },
	"chat.deleted": CHAT,
	"user.registered": USER,
	"user.updated": USER,
	"user.joined.chat": MEMBER,
	"user.left.chat": MEMBER,
	"user.online": PRESENCE,
	"user.offline": PRESENCE,
	"user.typing": object({ chatId: ID, userId: ID, isTyping: { const: true }, ...TOLD }),
	"analytics.message": object({
		messageId: ID,
		chatId: ID,
		senderId: ID,
		messageType: oneOf(MESSAGE_TYPES),
		contentUnits: COUNT,
		mentions: COUNT,
		isReply: FLAG,
		isForwarded: FLAG,
		createdAt: TIME,
		...TOLD,
	}),
	"analytics.user.activity": object({ userId: ID, hour: TIME, ...TOLD }),
	"audit.log": object({
		chain: TEXT,
		n: { type: "integer", minimum: 1 },
		eventId: ID,
		eventType: TEXT,
		at: TIME,
		previousHash: HASH,
		hash: HASH,
		...TOLD,
	}),
	"notification.send": object({
		chatId: ID,
		messageId: ID,
		seq: { type: "integer", minimum: 1 },
		senderId: ID,
		kind: oneOf(["message", "mention"]),
		recipientIds: { ...list(ID), maxItems: 1_000 },
		actorId: ID,
		"rev?": COUNT,
	}),
	"dead.letter": object({
		consumer: TEXT,
		origin: TEXT,
		eventId: orNull(TEXT),
		reason: TEXT,
		event: orNull(TEXT),
	}),
};

export const EVENT_TYPES = Object.keys(DATA) as EventType[];

/** The envelope, whatever is in it: CloudEvents 1.0, as all of our records have it. */
export const ENVELOPE: JsonSchema = envelope(TEXT, TEXT, ANY_OBJECT);

function envelope(type: JsonSchema, dataschema: JsonSchema, data: JsonSchema): JsonSchema {
	return object({
		specversion: { const: "1.0" },
		id: ID,
		source: TEXT,
		type,
		subject: TEXT,
		time: TIME,
		datacontenttype: { const: "application/json" },
		dataschema,
		data,
	});
}

/** The whole record of one type of event. */
export function eventSchema(type: EventType): JsonSchema {
	const uri = `urn:parley:schema:${type}:1`;
	return {
		$schema: "https://json-schema.org/draft/2020-12/schema",
		$id: uri,
		title: type,
		...envelope({ const: type }, { const: uri }, DATA[type]),
	};
}

/** The files in `schemas/`: name and text. */
export function schemaFiles(): [name: string, text: string][] {
	return EVENT_TYPES.map(type => [`${type}.json`, `${JSON.stringify(eventSchema(type), null, "\t")}\n`]);
}
