import { crc32 } from "node:zlib";
import { CHANGES, type LogEvent } from "../../contracts/changes.ts";
import type { CloudEvent } from "../../contracts/kafka.ts";

/** How many lanes the outbox has: each is published by one relay at a time, in order. */
export const LANES = 16;

/** The lane of a key: a chat's events share one, and so keep their order. */
export const laneOf = (key: string): number => crc32(key) % LANES;

export const schemaUri = (type: string): string => `urn:parley:schema:${type}:1`;

/** What an integrator's record is keyed by: the chat's id, or for a change of a user theirs. */
export function keyOf(event: LogEvent): string {
	if (event.chatId) return event.chatId;
	return CHANGES[event.change].resource === "user" ? (event.data as { id: string }).id : event.actorId;
}

/** The resource as on REST, plus who did it and where it stands in the chat's log. */
export function toCloudEvent(event: LogEvent, namespace: string): CloudEvent {
	const { type, resource } = CHANGES[event.change];
	const data = resource === "member" ? (event.data as { member: object }).member : event.data;
	const { rev, seq, actorId } = event;
	return {
		specversion: "1.0",
		id: event.id,
		source: `/parley/${namespace}`,
		type,
		subject: keyOf(event),
		time: event.at,
		datacontenttype: "application/json",
		dataschema: schemaUri(type),
		data: { ...data, actorId, ...(rev === null ? {} : { rev }), ...(seq === null ? {} : { seq }) },
	};
}
