/**
 * For integrators: reads Parley's events from Kafka, typed, and tells repetitions. It needs no Kafka client in
 * particular and nothing of the server: copy `contracts/` or import it.
 *
 * ```ts
 * const seen = memorySeen();
 * await consumer.run({
 *   eachMessage: ({ message }) =>
 *     once(seen, parseEvent(message.value), async event => {
 *       if (event.type === "message.created") await index(event.data.id, event.data.content);
 *     }),
 * });
 * ```
 *
 * Events come at least once, in order within their chat. A store in memory forgets at a restart: where an effect must
 * come exactly once, keep `event.id` in the same transaction as the effect (a table with the id as its primary key),
 * or make the effect one that may come again.
 */
import type { CloudEvent, EventType, ParleyEvent } from "./kafka.ts";

/** A record whose value is no CloudEvent of Parley's. Put it aside: reading it again will not help. */
export class NotAnEvent extends Error {
	override readonly name = "NotAnEvent";
}

const TEXTS = ["id", "source", "type", "subject", "time", "dataschema"] as const;

/**
 * The event in a record's value. A type that this version does not know passes too, so have a branch for others.
 * @throws NotAnEvent
 */
export function parseEvent(value: string | Uint8Array | null | undefined): ParleyEvent {
	if (value === null || value === undefined) throw new NotAnEvent("The record has no value.");
	let event: Partial<CloudEvent>;
	try {
		event = JSON.parse(typeof value === "string" ? value : new TextDecoder().decode(value));
	} catch {
		throw new NotAnEvent("The value is not JSON.");
	}
	if (typeof event !== "object" || event === null) throw new NotAnEvent("The value is no object.");
	if (event.specversion !== "1.0") throw new NotAnEvent("It is not CloudEvents 1.0.");
	for (const name of TEXTS)
		if (typeof event[name] !== "string") throw new NotAnEvent(`The attribute ${name} is missing.`);
	if (typeof event.data !== "object" || event.data === null) throw new NotAnEvent("It has no data.");
	return event as unknown as ParleyEvent;
}

/** Whether an event is of one of the types, and what its data is then. */
export function isEvent<Type extends EventType>(
	event: ParleyEvent,
	...types: Type[]
): event is Extract<ParleyEvent, { type: Type }> {
	return (types as EventType[]).includes(event.type);
}

/** Which ids were handled; yours may keep them in a database or in Redis. */
export interface SeenStore {
	has(id: string): boolean | Promise<boolean>;
	add(id: string): unknown;
}

/** The last `max` ids, in memory. Repetitions come close together: at a restart, after a lost acknowledgement. */
export function memorySeen(max = 100_000): SeenStore {
	const ids = new Set<string>();
	return {
		has: id => ids.has(id),
		add(id) {
			ids.add(id);
			for (const oldest of ids) {
				if (ids.size <= max) break;
				ids.delete(oldest);
			}
		},
	};
}

/**
 * Handles an event unless it was handled before; one whose handling failed will be handled again.
 * @returns whether it was handled now
 */
export async function once(
	seen: SeenStore,
	event: ParleyEvent,
	handle: (event: ParleyEvent) => unknown,
): Promise<boolean> {
	if (await seen.has(event.id)) return false;
	await handle(event);
	await seen.add(event.id);
	return true;
}
