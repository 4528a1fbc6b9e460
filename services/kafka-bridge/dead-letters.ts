import type { Consumer, ParleyEvent } from "../../contracts/kafka.ts";
import type { Query } from "../../lib/database.ts";
import { cloudEvent, derivedId } from "../../lib/log/cloud-event.ts";
import type { Tables } from "../../lib/tables.ts";

/** A row of `dead_letters`. */
export interface DeadRow {
	id: string;
	consumer: Consumer | "relay";
	origin: string;
	eventId: string | null;
	event: string;
	reason: string;
}

const EVENT_ID_MAX = 200;
const REASON_MAX = 1_000;
/** Longer ones may be what Kafka has just refused. */
const TOLD_UNITS_MAX = 100_000;

/** PostgreSQL stores no NUL, and what is buried may be anything. */
const storable = (text: string): string => text.replaceAll("\0", "\uFFFD").toWellFormed();

/** A letter has the same id however often its event dies. */
export function deadLetter(
	parts: Omit<DeadRow, "id" | "reason"> & { position: number; why: unknown },
): DeadRow {
	const { consumer, origin, position, eventId, event, why } = parts;
	const reason = why instanceof Error ? `${why.name}: ${why.message}` : String(why);
	return {
		id: derivedId("dead", consumer, origin, position, eventId ?? ""),
		consumer,
		origin,
		eventId: eventId === null ? null : storable(eventId.slice(0, EVENT_ID_MAX)),
		event: storable(event),
		reason: storable(reason.slice(0, REASON_MAX)),
	};
}

export async function insertDeadLetters(query: Query, t: Tables, letters: readonly DeadRow[]): Promise<void> {
	await query(
		`INSERT INTO ${t.deadLetters} (id, consumer, event_id, event, reason)
		 SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) ON CONFLICT DO NOTHING`,
		[
			letters.map(({ id }) => id),
			letters.map(({ consumer }) => consumer),
			letters.map(({ eventId }) => eventId),
			letters.map(({ event }) => event),
			letters.map(({ origin, reason }) => `${origin}: ${reason}`),
		],
		"insert-dead-letters",
	);
}

/** What `dead.letter` tells of it. */
export function deadLetterEvent(namespace: string, letter: DeadRow, key: string): ParleyEvent<"dead.letter"> {
	const { id, consumer, origin, eventId, reason, event } = letter;
	return cloudEvent(namespace, {
		id,
		type: "dead.letter",
		subject: storable(key),
		time: new Date().toISOString(),
		data: { consumer, origin, eventId, reason, event: event.length > TOLD_UNITS_MAX ? null : event },
	});
}
