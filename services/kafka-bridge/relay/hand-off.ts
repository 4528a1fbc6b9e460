/**
 * What writers have handed over and is not published yet, and for each chat how far it is on Kafka. Bounded: what finds
 * no room is read.
 */
import { BoundedMap } from "../../../lib/bounded-map.ts";
import { endsOf, type Handed, type Sorted, sortHanded } from "./hand-off.rules.ts";
import type { OutboxRow } from "./relay.rules.ts";

const KEYS_MAX = 50_000;
const ROWS_MAX = 4_000;
/** Of the events' texts, in UTF-16 units. */
const UNITS_MAX = 16 * 1024 * 1024;
/** A predecessor may still be on its way from another node. */
export const PATIENCE_MS = 50;

/** One that waits, since when by the monotonic clock. */
interface Waiting extends Handed {
	since: number;
}

export class HandOff {
	readonly #tails = new BoundedMap<string, number>(KEYS_MAX);
	#waiting: Waiting[] = [];
	#rows = 0;
	#units = 0;

	get isEmpty(): boolean {
		return this.#waiting.length === 0;
	}

	/** @returns whether there was room for it */
	offer(handed: Handed): boolean {
		const units = unitsOf(handed);
		if (this.#rows + handed.rows.length > ROWS_MAX || this.#units + units > UNITS_MAX) return false;
		this.#waiting.push({ ...handed, since: performance.now() });
		this.#rows += handed.rows.length;
		this.#units += units;
		return true;
	}

	/** Drops what is of no use: lanes that were lost, or all of it after a failure. */
	keep(isWanted: (lane: number) => boolean): void {
		this.#hold(this.#waiting.filter(({ lane }) => isWanted(lane)));
	}

	/** What may be published now; what has no predecessor yet goes on waiting. */
	sorted(): Sorted {
		return sortHanded(this.#waiting, this.#tails);
	}

	/** Lanes in which a predecessor is missing that nobody is going to tell of. */
	lanesToRead({ rest }: Sorted): Set<number> {
		const now = performance.now();
		const late = (rest as Waiting[]).filter(
			({ key, since }) => this.#tails.get(key) === undefined || now - since >= PATIENCE_MS,
		);
		return new Set(late.map(({ lane }) => lane));
	}

	/**
	 * What may be published behind rows that were read.
	 * @param whole the lanes of which all was read that was left
	 * @param read the lanes that were read, from `since` on
	 */
	sortedBehind(
		rows: readonly OutboxRow[],
		{ read, whole, since }: { read: ReadonlySet<number>; whole: ReadonlySet<number>; since: number },
	): Sorted {
		const ids = new Set(rows.map(({ id }) => id));
		this.#hold(this.#waiting.filter(one => !one.rows.some(({ id }) => ids.has(id))));
		const ends = endsOf(rows.filter(({ lane }) => whole.has(lane)));
		const sorted = sortHanded(this.#waiting, { get: key => ends.get(key) ?? this.#tails.get(key) });
		// What was committed before the reading and is not in it stands behind what was read, or is on Kafka.
		const isLeft = (one: Handed) => read.has(one.lane) && (one as Waiting).since < since;
		const rest = sorted.rest.filter(one => !isLeft(one));
		return { next: sorted.next, rest, ends: new Map([...ends, ...sorted.ends]) };
	}

	/** Takes what is going to be published out of what waits. */
	take({ rest }: Sorted): void {
		this.#hold(rest as Waiting[]);
	}

	/** All of it is on Kafka. */
	published({ ends }: Sorted): void {
		for (const [key, rev] of ends) this.#tails.set(key, rev);
	}

	#hold(waiting: Waiting[]): void {
		this.#waiting = waiting;
		this.#rows = waiting.reduce((sum, { rows }) => sum + rows.length, 0);
		this.#units = waiting.reduce((sum, one) => sum + unitsOf(one), 0);
	}
}

const unitsOf = ({ rows }: Handed): number => rows.reduce((sum, { event }) => sum + event.length, 0);
