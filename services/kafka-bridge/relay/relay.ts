/**
 * Publishes the outbox of the lanes that it holds: what writers hand over, where it may follow (`hand-off.rules.ts`),
 * and what it reads, from the first row that is left. It reads when it starts or gets a lane, where a hand-off is not
 * enough, and where rows have waited for long, for a hand-off may be lost. Nothing is ever skipped, and a row that was
 * published may be published again: by whom the lane passes to, or after an answer that was lost. But nothing is
 * published before all that its chat told earlier with a revision (read marks have none), so the first occurrences are
 * in order whoever publishes, and a holder that froze only repeats. What was acknowledged is deleted a little later.
 */
import type { Logger } from "moleculer";
import type { LogBatch } from "../../../contracts/events.ts";
import { codeOf } from "../../../lib/errors.ts";
import { LANES } from "../../../lib/log/cloud-event.ts";
import { type DeadRow, deadLetter } from "../dead-letters.ts";
import { isolate } from "../isolate.ts";
import { KafkaAway, KafkaRefused } from "../port.ts";
import { Deletions } from "./deletions.ts";
import { handedOf, type Sorted } from "./hand-off.rules.ts";
import { HandOff, PATIENCE_MS } from "./hand-off.ts";
import type { LaneLease, Leases } from "./leases.ts";
import type { OutboxPlace, OutboxStore } from "./outbox.store.ts";
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
	/** Name of the installation. */
	namespace: string;
	outbox: OutboxStore;
	leases: Leases;
	sink: Sink;
	logger: Logger;
	renewEveryMs: number;
	/** Behind the hand-offs, which may be lost. */
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
const ALL_LANES = Array.from({ length: LANES }, (_, lane) => lane);

/** What a round publishes. */
interface Gathered {
	rows: OutboxRow[];
	sorted: Sorted;
}

export class Relay {
	readonly #o: RelayOptions;
	readonly #waker = new Waker();
	readonly #handOff = new HandOff();
	readonly #deletions: Deletions;
	/** Lanes to read in the next round. */
	readonly #unread = new Set<number>();
	/** The lanes of the last round, with their fences. */
	#fences = new Map<number, number>();
	/** Rows to ask each lane for. */
	readonly #appetites = new Map<number, number>();
	#pollAt = 0;
	#ended: Promise<void> = Promise.resolve();
	#renewer: NodeJS.Timeout | undefined;
	#renewing: Promise<void> | null = null;
	#stopping = false;
	/** Rows that were published since the start. */
	published = 0;

	constructor(options: RelayOptions) {
		this.#o = options;
		this.#deletions = new Deletions(options.outbox);
	}

	start(): void {
		this.#renewer = setInterval(() => this.#renew(), this.#o.renewEveryMs);
		this.#ended = this.#run();
	}

	/** Some writer has committed this. */
	hand(batch: LogBatch): void {
		const { handed, unread } = handedOf(batch, this.#o.namespace, lane => this.#o.leases.holds(lane));
		for (const one of handed) if (!this.#handOff.offer(one)) unread.add(one.lane);
		for (const lane of unread) this.#unread.add(lane);
		if (handed.length > 0 || unread.size > 0) this.#waker.wake();
	}

	/** Ends with the batch that is on its way, and gives the lanes away. */
	async stop(): Promise<void> {
		this.#stopping = true;
		clearInterval(this.#renewer);
		this.#waker.wake();
		await this.#ended;
		await this.#renewing;
		await this.#deletions.flush().catch(() => {});
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
				const startedAt = performance.now();
				const rows = await this.#round();
				await this.#deletions.tend(() => this.#readAll());
				// A round that takes long shares its core: then it comes less often, and takes more at once.
				const lingerMs = Math.max(this.#o.lingerMs, Math.min(performance.now() - startedAt, LINGER_MAX_MS));
				if (backOffMs > 0) this.#o.logger.info("The relay publishes again.");
				backOffMs = 0;
				if (rows === 0 && !this.#stopping) await this.#waker.wait(this.#idleMs());
				else if (rows < ROWS_SMALL) await this.#waker.sleep(lingerMs, () => this.#stopping);
			} catch (err) {
				if (backOffMs === 0) this.#warn(err);
				backOffMs = Math.min(Math.max(backOffMs * 2, BACK_OFF_MIN_MS), BACK_OFF_MAX_MS);
				await this.#waker.sleep(backOffMs, () => this.#stopping);
				// What came of the failed round is unknown, so nothing may follow it: the outbox has all of it.
				this.#handOff.keep(() => false);
				this.#readAll();
			}
		}
	}

	#readAll(): void {
		for (const lane of ALL_LANES) this.#unread.add(lane);
	}

	#idleMs(): number {
		const patienceMs = this.#handOff.isEmpty ? Number.POSITIVE_INFINITY : PATIENCE_MS;
		const idleMs = Math.min(this.#pollAt - performance.now(), this.#deletions.dueInMs, patienceMs);
		return Math.max(0, Math.ceil(idleMs));
	}

	#warn(err: unknown): void {
		const foreseen = err instanceof KafkaAway || codeOf(err) === "UNAVAILABLE";
		const why = foreseen ? [(err as Error).message] : [err];
		this.#o.logger.warn("The relay cannot publish, and keeps what there is.", ...why);
	}

	/** @returns how many rows there were */
	async #round(): Promise<number> {
		const { leases } = this.#o;
		if (leases.hasTooMany) {
			await this.#deletions.flush();
			await leases.shed();
		}
		const current = leases.current();
		this.#notice(current);
		await this.#poll();
		const { rows, sorted } = await this.#gather(current);
		let isAll = true;
		for (const batch of batchesOf(rows, ROWS_MAX, this.#o.batchBytesMax)) {
			if (this.#stopping) return 0;
			isAll = (await this.#publish(batch)) && isAll;
		}
		if (isAll) this.#handOff.published(sorted);
		else this.#readAll();
		return rows.length;
	}

	/** What stands in a lane that comes to us was handed to another, and what waits for one that goes is not ours. */
	#notice(leases: readonly LaneLease[]): void {
		for (const { lane, fence } of leases) if (this.#fences.get(lane) !== fence) this.#unread.add(lane);
		this.#fences = new Map(leases.map(({ lane, fence }) => [lane, fence]));
		this.#handOff.keep(lane => this.#fences.has(lane));
	}

	/** Nobody may have told of what has waited for so long. */
	async #poll(): Promise<void> {
		const { outbox, pollEveryMs } = this.#o;
		if (performance.now() < this.#pollAt) return;
		this.#pollAt = performance.now() + pollEveryMs;
		for (const lane of await outbox.lanesBehind(pollEveryMs)) this.#unread.add(lane);
	}

	async #gather(leases: readonly LaneLease[]): Promise<Gathered> {
		let sorted = this.#handOff.sorted();
		for (const lane of this.#handOff.lanesToRead(sorted)) this.#unread.add(lane);
		const wanted = leases.filter(({ lane }) => this.#unread.has(lane));
		const rows: OutboxRow[] = [];
		if (wanted.length > 0) {
			// So that nothing is read that is on Kafka.
			await this.#deletions.flush();
			const since = performance.now();
			this.#unread.clear();
			const read = await this.#read(wanted);
			rows.push(...read.flatMap(lane => lane.rows));
			const lanes = new Set(read.map(({ lane }) => lane));
			const whole = new Set(read.filter(({ isAll }) => isAll).map(({ lane }) => lane));
			sorted = this.#handOff.sortedBehind(rows, { read: lanes, whole, since });
		}
		this.#handOff.take(sorted);
		rows.push(...sorted.next.flatMap(one => one.rows));
		return { rows, sorted };
	}

	async #read(leases: readonly LaneLease[]) {
		const wanted = leases.map(lease => ({ ...lease, rows: this.#appetites.get(lease.lane) ?? ROWS_MIN }));
		const read = await this.#o.outbox.read(wanted);
		for (const { lane, rows, asked, isAll } of read) {
			this.#appetites.set(lane, nextAppetite(asked, rows.length));
			if (!isAll) this.#unread.add(lane);
		}
		return read;
	}

	/** @returns whether all of them are on Kafka */
	async #publish(batch: OutboxRow[]): Promise<boolean> {
		const { outbox, sink, logger, triesMax, triesPauseMs } = this.#o;
		let isAll = true;
		await isolate(batch, {
			triesMax,
			pauseMs: triesPauseMs,
			isOwnFault: err => err instanceof KafkaRefused,
			attempt: async rows => {
				const ours = rows.filter(row => this.#isOurs(row));
				if (ours.length < rows.length) isAll = false;
				if (ours.length === 0) return;
				await sink.publish(ours);
				this.#deletions.add(ours.map(row => this.#placeOf(row)));
				this.published += ours.length;
			},
			bury: async (row, why) => {
				const { id, lane, eventId, event, key } = row;
				const letter = deadLetter({
					consumer: "relay",
					origin: `lane-${lane}`,
					position: id,
					eventId,
					event,
					why,
				});
				logger.error(`The event ${eventId} cannot be published: ${letter.reason}. It is a dead letter now.`);
				await sink.publishDead(letter, key);
				await outbox.bury(this.#placeOf(row), letter);
			},
		});
		return isAll;
	}

	/**
	 * Whoever was frozen since it read may have lost the lane to another, and even have it again by the next batch: what is
	 * behind rows that were left out is left out as well, until the lane is read anew.
	 */
	#isOurs({ lane }: OutboxRow): boolean {
		if (!this.#o.leases.holds(lane)) this.#fences.delete(lane);
		return this.#fences.has(lane);
	}

	/** Without a lease, under a fence that none has. */
	#placeOf({ id, lane }: OutboxRow): OutboxPlace {
		return { id, lane, fence: this.#fences.get(lane) ?? 0 };
	}
}
