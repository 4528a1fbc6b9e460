import { Batcher } from "../../lib/batcher.ts";
import { BoundedMap } from "../../lib/bounded-map.ts";
import type { Database } from "../../lib/database.ts";
import { notFound } from "../../lib/errors.ts";
import { InFlight } from "../../lib/in-flight.ts";
import { type Access, type Pair, pairOf, readAccesses } from "../../models/access.ts";

/** One statement reads so many. */
const READ_MAX = 500;
const WAITING_MAX = 10_000;

/**
 * How users stand to chats, as last read. A hint: whoever acts on it compares its epochs with the chat's head in the
 * transaction that acts. So nothing has to be told to it, and the least recently used goes first.
 */
export class AccessCache {
	readonly #entries: BoundedMap<string, Access>;
	/** Who asks meanwhile waits for the same answer, so that one user's sends stay in their order. */
	readonly #reading = new InFlight<string, Promise<Access | null>>();
	/** A node that has just started knows nobody: what is asked while one statement runs is the next. */
	readonly #reads: Batcher<Pair, Access | null>;

	constructor(db: Database, entriesMax: number) {
		this.#entries = new BoundedMap(entriesMax);
		this.#reads = new Batcher({
			run: async pairs => {
				const found = await readAccesses(db.query, db.t, pairs);
				const byKey = new Map(found.map(access => [pairOf(access), access]));
				return pairs.map(pair => ({ value: byKey.get(pairOf(pair)) ?? null }));
			},
			batchMax: READ_MAX,
			queueMax: WAITING_MAX,
			failsTogether: true,
		});
	}

	/** @throws NOT_FOUND where the user may not see the chat; that is never answered from the cache */
	async of(chatId: string, userId: string): Promise<Access> {
		const kept = this.#entries.get(pairOf({ chatId, userId }));
		const access = kept ?? (await this.#read({ chatId, userId }));
		if (!access) throw notFound("chat");
		this.keep(access);
		return access;
	}

	keep(access: Access): void {
		this.#entries.set(pairOf(access), access);
	}

	#read(pair: Pair): Promise<Access | null> {
		const key = pairOf(pair);
		let reading = this.#reading.get(key);
		if (!reading) {
			reading = this.#reads.add(pair);
			this.#reading.set(key, reading);
			const done = () => this.#reading.delete(key);
			reading.then(done, done);
		}
		return reading;
	}
}
