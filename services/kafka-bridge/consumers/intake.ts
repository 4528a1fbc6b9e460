/**
 * How a consumer applies records so that an effect comes once though an event comes twice. In one transaction: the
 * position of the source is locked; what lies before it, or has an id that was seen within a day, is left out; the
 * effect is made; the position is moved. What follows for Kafka is published just before the commit: a crash in between
 * publishes it again, with the same ids. A record that is no event, or whose effect fails again and again, is buried.
 */
import type { Logger } from "moleculer";
import type { ParleyEvent } from "../../../contracts/kafka.ts";
import type { Query } from "../../../lib/database.ts";
import { sqlState } from "../../../lib/database.ts";
import { codeOf } from "../../../lib/errors.ts";
import { type DeadRow, deadLetter, deadLetterEvent, insertDeadLetters } from "../dead-letters.ts";
import { isolate } from "../isolate.ts";
import { KafkaAway, KafkaRefused } from "../port.ts";
import type { BridgeConsumer, Fresh, Prepared } from "./consumer.ts";
import type { IntakeStore } from "./intake.store.ts";
import { readEvent, Unreadable } from "./reading.ts";

export interface Arrived {
	/** Rises along the source. */
	position: number;
	key: string | null;
	text: string | null;
}

export interface IntakeOptions {
	consumer: BridgeConsumer;
	store: IntakeStore;
	namespace: string;
	logger: Logger;
	/** Where what follows goes: Kafka, or without it the services that care. */
	publish(events: readonly ParleyEvent[]): Promise<void>;
	/** Whether records come in the order of their positions, so that one before the last is a repetition. */
	ordered: boolean;
	triesMax: number;
	triesPauseMs: number;
}

type Read = Arrived & ({ fresh: Fresh } | { why: Error });

export class Intake {
	readonly #o: IntakeOptions;

	constructor(options: IntakeOptions) {
		this.#o = options;
	}

	get consumer(): BridgeConsumer {
		return this.#o.consumer;
	}

	get store(): IntakeStore {
		return this.#o.store;
	}

	/** Applies or buries each of the records. Rejects where the database or Kafka is away: then some are, some not. */
	async take(source: string, arrived: readonly Arrived[]): Promise<void> {
		const { triesMax, triesPauseMs } = this.#o;
		await isolate(
			arrived.map(record => read(record)),
			{
				triesMax,
				pauseMs: triesPauseMs,
				isOwnFault,
				attempt: records => this.#apply(source, records),
				bury: (record, why) => this.#apply(source, [{ ...record, why: why as Error }]),
			},
		);
	}

	async #apply(source: string, records: readonly Read[]): Promise<void> {
		const { consumer, store, publish, namespace, ordered } = this.#o;
		const unique = new Map(records.flatMap(r => ("why" in r ? [] : [[r.fresh.event.id, r.fresh] as const])));
		const prepared = await this.#prepare(unique);
		await store.db.tx(async query => {
			const next = await store.lockPosition(query, source);
			const left = ordered ? records.filter(({ position }) => position >= next) : records;
			const fresh = await this.#unseen(query, left);
			const follows = fresh.length > 0 ? await consumer.apply(query, fresh, source, prepared) : [];
			const dead = left.flatMap(record =>
				"why" in record ? [{ record, letter: this.#letter(source, record) }] : [],
			);
			if (dead.length > 0)
				await insertDeadLetters(
					query,
					store.db.t,
					dead.map(({ letter }) => letter),
				);
			const end = Math.max(next, ...left.map(({ position }) => position + 1));
			if (end > next) await store.movePosition(query, source, end);
			await publish(follows);
			await this.#tellDead(
				dead.map(({ record, letter }) => deadLetterEvent(namespace, letter, record.key ?? source)),
			);
		});
	}

	/** The table has them in any case, and a letter that Kafka refuses must not hold up the rest. */
	async #tellDead(letters: readonly ParleyEvent[]): Promise<void> {
		for (const letter of letters) {
			try {
				await this.#o.publish([letter]);
			} catch (err) {
				if (!(err instanceof KafkaRefused)) throw err;
				this.#o.logger.warn("A dead letter stands in the table only: Kafka refuses it too.", err);
			}
		}
	}

	async #prepare(unique: ReadonlyMap<string, Fresh>): Promise<Prepared> {
		const { consumer, store } = this.#o;
		if (!consumer.prepare || unique.size === 0) return new Map();
		const seen = await store.seenAmong([...unique.keys()]);
		return consumer.prepare([...unique.values()].filter(({ event }) => !seen.has(event.id)));
	}

	/** The events among records, each id once, that were not applied before. */
	async #unseen(query: Query, records: readonly Read[]): Promise<Fresh[]> {
		const unique = new Map<string, Fresh>();
		for (const record of records)
			if (!("why" in record) && !unique.has(record.fresh.event.id))
				unique.set(record.fresh.event.id, record.fresh);
		if (unique.size === 0) return [];
		const marked = await this.#o.store.markSeen(query, [...unique.keys()]);
		return [...unique.values()].filter(({ event }) => marked.has(event.id));
	}

	#letter(source: string, record: Arrived & { why: Error; fresh?: Fresh }): DeadRow {
		const { position, text, why, fresh } = record;
		const letter = deadLetter({
			consumer: this.#o.consumer.name,
			origin: `${source}-${position}`,
			position,
			eventId: fresh?.event.id ?? null,
			event: text ?? "",
			why,
		});
		this.#o.logger.error(
			`${letter.consumer} cannot apply ${letter.origin}: ${letter.reason}. It is a dead letter now.`,
		);
		return letter;
	}
}

/** A database that refuses values says so in the classes 22 and 23; with a missing table no record is at fault. */
function isOwnFault(err: unknown): boolean {
	if (err instanceof KafkaAway || codeOf(err) === "UNAVAILABLE") return false;
	const state = sqlState(err);
	return state === null || /^2[23]/.test(state);
}

function read(record: Arrived): Read {
	try {
		return { ...record, fresh: { event: readEvent(record.text), text: record.text as string } };
	} catch (err) {
		if (err instanceof Unreadable) return { ...record, why: err };
		throw err;
	}
}
