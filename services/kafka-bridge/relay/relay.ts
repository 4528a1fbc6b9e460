/**
 * Publishes the outbox: reads the first rows of the lanes that it holds, hands them on in batches, and deletes what was
 * acknowledged. Nothing is ever skipped, and a row that was handed on may be handed on again: by whom the lane passes
 * to, or after an answer that was lost. Every batch begins with the first row that is left, so the first occurrences of
 * a chat's events are in order whoever publishes, and a holder that froze only repeats.
 */
import type { Logger } from "moleculer";
import { codeOf } from "../../../lib/errors.ts";
import { type DeadRow, deadLetter } from "../dead-letters.ts";
import { isolate } from "../isolate.ts";
import { KafkaAway, KafkaRefused } from "../port.ts";
import type { LaneLease, Leases } from "./leases.ts";
import type { OutboxStore } from "./outbox.store.ts";
import { batchesOf, nextAppetite, type OutboxRow, ROWS_MAX, ROWS_MIN } from "./relay.rules.ts";
import { Waker } from "./waker.ts";

/** To whom rows are handed: Kafka, or without it the consumers. */
export interface Sink {
	/** Resolves once all of them are safe there. @throws KafkaRefused where one of them never will be */
	publish(rows: readonly OutboxRow[]): Promise<void>;
	/** Tells of a row that it refused. */
	publishDead(letter: DeadRow, key: string): Promise<void>;
}

export interface RelayOptions {
	outbox: OutboxStore;
	leases: Leases;
	sink: Sink;
	logger: Logger;
	renewEveryMs: number;
	/** Behind the wake-ups, which may be lost. */
	pollEveryMs: number;
	/** After a small batch, so that a steady trickle costs a few larger ones. The first after a silence goes at once. */
	lingerMs: number;
	batchBytesMax: number;
	triesMax: number;
	triesPauseMs: number;
}

const ROWS_SMALL = 250;
const LINGER_MAX_MS = 50;
const BACK_OFF_MIN_MS = 100;
const BACK_OFF_MAX_MS = 3_000;

export class Relay {
	readonly #o: RelayOptions;
	readonly #waker = new Waker();
	/** Rows to ask each lane for. */
	readonly #appetites = new Map<number, number>();
	#ended: Promise<void> = Promise.resolve();
	#renewer: NodeJS.Timeout | undefined;
	#renewing: Promise<void> | null = null;
	#stopping = false;
	/** Rows that were published and deleted since the start. */
	published = 0;

	constructor(options: RelayOptions) {
		this.#o = options;
	}

	start(): void {
		this.#renewer = setInterval(() => this.#renew(), this.#o.renewEveryMs);
		this.#ended = this.#run();
	}

	/** The outbox has something new. */
	wake(): void {
		this.#waker.wake();
	}

	/** Ends with the batch that is on its way, and gives the lanes away. */
	async stop(): Promise<void> {
		this.#stopping = true;
		clearInterval(this.#renewer);
		this.#waker.wake();
		await this.#ended;
		await this.#renewing;
		await this.#o.leases.release();
	}

	#renew(): Promise<void> {
		this.#renewing ??= this.#o.leases
			.renew()
			.then(() => this.#waker.wake())
			.catch(err => this.#o.logger.warn("The relay could not renew its leases.", err))
			.finally(() => {
				this.#renewing = null;
			});
		return this.#renewing;
	}

	async #run(): Promise<void> {
		await this.#renew();
		let backOffMs = 0;
		while (!this.#stopping) {
			try {
				await this.#o.leases.shed();
				const startedAt = performance.now();
				const rows = await this.#round();
				// A round that takes long shares its core: then it comes less often, and takes more at once.
				const lingerMs = Math.max(this.#o.lingerMs, Math.min(performance.now() - startedAt, LINGER_MAX_MS));
				if (backOffMs > 0) this.#o.logger.info("The relay publishes again.");
				backOffMs = 0;
				if (rows === 0 && !this.#stopping) await this.#waker.wait(this.#o.pollEveryMs);
				else if (rows < ROWS_SMALL) await this.#waker.sleep(lingerMs, () => this.#stopping);
			} catch (err) {
				if (backOffMs === 0) this.#warn(err);
				backOffMs = Math.min(Math.max(backOffMs * 2, BACK_OFF_MIN_MS), BACK_OFF_MAX_MS);
				await this.#waker.sleep(backOffMs, () => this.#stopping);
			}
		}
	}

	#warn(err: unknown): void {
		const foreseen = err instanceof KafkaAway || codeOf(err) === "UNAVAILABLE";
		const why = foreseen ? [(err as Error).message] : [err];
		this.#o.logger.warn("The relay cannot publish, and keeps what there is.", ...why);
	}

	/** @returns how many rows there were */
	async #round(): Promise<number> {
		const leases = this.#o.leases.current();
		if (leases.length === 0) return 0;
		const asked = leases.map(lease => ({ ...lease, rows: this.#appetites.get(lease.lane) ?? ROWS_MIN }));
		const rows = await this.#o.outbox.read(asked);
		for (const batch of batchesOf(rows, ROWS_MAX, this.#o.batchBytesMax)) {
			if (this.#stopping) return 0;
			await this.#publish(batch, leases);
		}
		const got = Map.groupBy(rows, row => row.lane);
		for (const { lane, rows: most } of asked)
			this.#appetites.set(lane, nextAppetite(most, got.get(lane)?.length ?? 0));
		return rows.length;
	}

	#publish(batch: OutboxRow[], leases: readonly LaneLease[]): Promise<void> {
		const { outbox, sink, logger, triesMax, triesPauseMs } = this.#o;
		return isolate(batch, {
			triesMax,
			pauseMs: triesPauseMs,
			isOwnFault: err => err instanceof KafkaRefused,
			attempt: async rows => {
				// Whoever was frozen since it read may have lost the lane to another.
				const ours = rows.filter(row => this.#o.leases.holds(row.lane));
				if (ours.length === 0) return;
				await sink.publish(ours);
				await outbox.remove(ours, leases);
				this.published += ours.length;
			},
			bury: async (row, why) => {
				const { id: position, lane, eventId, event, key } = row;
				const letter = deadLetter({
					consumer: "relay",
					origin: `lane-${lane}`,
					position,
					eventId,
					event,
					why,
				});
				logger.error(`The event ${eventId} cannot be published: ${letter.reason}. It is a dead letter now.`);
				await sink.publishDead(letter, key);
				await outbox.bury(row, letter, leases);
			},
		});
	}
}
