/** What a consumer has applied: the position in each source, and the ids of a day. */
import type { Consumer } from "../../../contracts/kafka.ts";
import type { Database, Query } from "../../../lib/database.ts";

const SWEEP_ROWS = 5_000;
/** Of one sweep: bounded, the next one goes on. */
const SWEEP_BATCHES_MAX = 200;

export class IntakeStore {
	readonly db: Database;
	readonly #consumer: Consumer;

	constructor(db: Database, consumer: Consumer) {
		this.db = db;
		this.#consumer = consumer;
	}

	/** The position after the last record applied; null before the first. */
	async position(source: string): Promise<number | null> {
		const [row] = await this.db.query<{ next_offset: number }>(
			`SELECT next_offset FROM ${this.db.t.consumed} WHERE consumer = $1 AND source = $2`,
			[this.#consumer, source],
			"read-position",
		);
		return row?.next_offset ?? null;
	}

	/** The same, locked until the end of the transaction: who applies records of a source is alone. */
	async lockPosition(query: Query, source: string): Promise<number> {
		const [row] = await query<{ next_offset: number }>(
			`INSERT INTO ${this.db.t.consumed} (consumer, source, next_offset) VALUES ($1, $2, 0)
			 ON CONFLICT (consumer, source) DO UPDATE SET consumer = EXCLUDED.consumer RETURNING next_offset`,
			[this.#consumer, source],
			"lock-position",
		);
		return row?.next_offset ?? 0;
	}

	async movePosition(query: Query, source: string, next: number): Promise<void> {
		await query(
			`UPDATE ${this.db.t.consumed} SET next_offset = $3 WHERE consumer = $1 AND source = $2`,
			[this.#consumer, source, next],
			"move-position",
		);
	}

	/** For a topic that was made anew, whose offsets begin again. */
	async forgetPosition(source: string): Promise<void> {
		await this.db.query(`DELETE FROM ${this.db.t.consumed} WHERE consumer = $1 AND source = $2`, [
			this.#consumer,
			source,
		]);
	}

	/** Which of the ids were seen before. */
	async seenAmong(ids: readonly string[]): Promise<Set<string>> {
		const rows = await this.db.query<{ event_id: string }>(
			`SELECT event_id FROM ${this.db.t.seen} WHERE consumer = $1 AND event_id = ANY($2::uuid[])`,
			[this.#consumer, ids],
			"read-seen",
		);
		return new Set(rows.map(row => row.event_id));
	}

	/** Marks ids as seen. @returns those that were not before */
	async markSeen(query: Query, ids: readonly string[]): Promise<Set<string>> {
		const rows = await query<{ event_id: string }>(
			`INSERT INTO ${this.db.t.seen} (consumer, event_id)
			 SELECT $1, id FROM unnest($2::uuid[]) AS id ORDER BY id ON CONFLICT DO NOTHING RETURNING event_id`,
			[this.#consumer, ids],
			"mark-seen",
		);
		return new Set(rows.map(row => row.event_id));
	}
}

/** Drops ids older than `keptMs`, of all consumers, and the marks of who was active long ago. Any node may. */
export async function sweep(db: Database, keptMs: number, activeKeptMs: number): Promise<number> {
	const older = async (table: string, ms: number) => {
		const rows = await db.query(
			`DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
				SELECT ctid FROM ${table} WHERE at < now() - $1 * interval '1 ms' ORDER BY at LIMIT ${SWEEP_ROWS} FOR UPDATE SKIP LOCKED
			)) RETURNING 1`,
			[ms],
		);
		return rows.length;
	};
	let swept = 0;
	for (let batch = 0; batch < SWEEP_BATCHES_MAX; batch++) {
		const gone = (await older(db.t.seen, keptMs)) + (await older(db.t.analyticsActive, activeKeptMs));
		swept += gone;
		if (gone < SWEEP_ROWS) break;
	}
	return swept;
}
