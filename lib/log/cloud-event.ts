import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { CHANGES, type ChangeName, type LogEvent } from "../../contracts/changes.ts";
import { EVENT_TYPES, eventSchema } from "../../contracts/event-schemas.ts";
import {
	type CloudEvent,
	type EventData,
	type EventType,
	type ParleyEvent,
	topicsOf,
} from "../../contracts/kafka.ts";
import { keepText } from "../json-text.ts";

/** How many lanes the outbox has: each is published by one relay at a time, in order. */
export const LANES = 16;

/** The lane of a key: a chat's events share one, and so keep their order. */
export const laneOf = (key: string): number => crc32(key) % LANES;

/** Of what a node writes into the outbox: another one where a change has another type, topic, or form of its data. */
export const FORMAT: string = createHash("sha256")
	.update(
		JSON.stringify([
			LANES,
			CHANGES,
			(Object.keys(CHANGES) as ChangeName[]).map(topicsOf),
			EVENT_TYPES.map(eventSchema),
		]),
	)
	.digest("base64url")
	.slice(0, 16);

export const schemaUri = (type: string): string => `urn:parley:schema:${type}:1`;

/** What an integrator's record is keyed by: the chat's id, or for a change of a user theirs. */
export function keyOf(event: LogEvent): string {
	if (event.chatId) return event.chatId;
	return CHANGES[event.change]?.resource === "user" ? (event.data as { id: string }).id : event.actorId;
}

interface Parts<Type extends EventType> {
	id: string;
	type: Type;
	subject: string;
	/** ISO 8601 in UTC. */
	time: string;
	data: EventData[Type];
}

/** An event in its envelope. */
export function cloudEvent<Type extends EventType>(namespace: string, parts: Parts<Type>): ParleyEvent<Type> {
	const { id, type, subject, time, data } = parts;
	const event: CloudEvent<EventData[Type]> = {
		specversion: "1.0",
		id,
		source: `/parley/${namespace}`,
		type,
		subject,
		time,
		datacontenttype: "application/json",
		dataschema: schemaUri(type),
		data,
	};
	return event as ParleyEvent<Type>;
}

/** The resource as on REST, plus who did it and where it stands in the chat's log. */
export function toCloudEvent(event: LogEvent, namespace: string): ParleyEvent {
	const { type, resource } = CHANGES[event.change];
	const resourceData = resource === "member" ? (event.data as { member: object }).member : event.data;
	const { rev, seq, actorId } = event;
	const data = {
		...resourceData,
		actorId,
		...(rev === null ? {} : { rev }),
		...(seq === null ? {} : { seq }),
	} as EventData[typeof type];
	return cloudEvent(namespace, { id: event.id, type, subject: keyOf(event), time: event.at, data });
}

/** Made for the outbox, and asked for again by the relay of the same node. */
const eventTexts = new WeakMap<LogEvent, string>();

/** `toCloudEvent` as JSON, made once: a committed event does not change. */
export function cloudEventText(event: LogEvent, namespace: string): string {
	const text = eventTexts.get(event) ?? makeText(event, namespace);
	eventTexts.set(event, text);
	return text;
}

/** A message's own text, which others need too, is not made again. */
function makeText(event: LogEvent, namespace: string): string {
	const { type, resource } = CHANGES[event.change];
	const { data } = event;
	const isPlain = resource === "message" && "rev" in data && "seq" in data;
	if (!isPlain || data.rev !== event.rev || data.seq !== event.seq)
		return JSON.stringify(toCloudEvent(event, namespace));
	const parts = { id: event.id, type, subject: keyOf(event), time: event.at, data: undefined as never };
	const envelope = JSON.stringify(cloudEvent(namespace, parts));
	const actor = `,"actorId":${JSON.stringify(event.actorId)}}`;
	return `${envelope.slice(0, -1)},"data":${keepText(data).slice(0, -1)}${actor}}`;
}

/**
 * The id of an event that follows from another: the same each time, so that what is made again after a crash is
 * seen to be a repetition. UUIDv8, made of a hash.
 */
export function derivedId(...from: (string | number)[]): string {
	const hex = createHash("sha256").update(JSON.stringify(from)).digest("hex");
	const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
	return [
		hex.slice(0, 8),
		hex.slice(8, 12),
		`8${hex.slice(13, 16)}`,
		variant + hex.slice(17, 20),
		hex.slice(20, 32),
	].join("-");
}
