/** The questions that the relay asks of the outbox. Each names its leases: who has lost one reads and deletes nothing. */
import type { Database } from "../../../lib/database.ts";
import { type DeadRow, insertDeadLetters } from "../dead-letters.ts";
import type { LaneLease } from "./leases.ts";
import type { OutboxRow } from "./relay.rules.ts";

interface Row {
	id: number;
	lane: number;
	topics: string[];
	key: string;
	event_id: string;
	event: string;
}

/** What is asked of one lane. */
export interface LaneWanted extends LaneLease {
	rows: number;
}

/** Bytes of events read at once from one lane; the first row comes whatever its size. */
const LANE_BYTES_MAX = 1024 * 1024;

export class OutboxStore {
	readonly #db: Database;
	readonly #owner: string;

	constructor(db: Database, owner: string) {
		this.#db = db;
		this.#owner = owner;
	}

	/**
	 * The first rows that are left of each lane, in order. Always from the start, never beyond the last id seen: a row
	 * with a lower id may be committed later.
	 */
	async read(wanted: readonly LaneWanted[]): Promise<OutboxRow[]> {
		const { t } = this.#db;
		const rows = await this.#db.query<Row>(
			`SELECT o.id, o.lane, o.topics, o.key, o.event_id, o.event
			 FROM unnest($2::smallint[], $3::bigint[], $4::int[]) AS w (lane, fence, rows)
			 JOIN ${t.lanes} l ON l.lane = w.lane AND l.fence = w.fence AND l.owner = $1 AND l.until > now()
			 CROSS JOIN LATERAL (
				SELECT s.*, sum(octet_length(s.event)) OVER (ORDER BY s.id) - octet_length(s.event) AS before
				FROM (SELECT * FROM ${t.outbox} WHERE lane = w.lane ORDER BY lane, id LIMIT w.rows) s
			 ) o
			 WHERE o.before < ${LANE_BYTES_MAX}
			 ORDER BY o.lane, o.id`,
			[
				this.#owner,
				wanted.map(({ lane }) => lane),
				wanted.map(({ fence }) => fence),
				wanted.map(({ rows }) => rows),
			],
			"read-outbox",
		);
		return rows.map(({ event_id: eventId, ...row }) => ({ ...row, eventId }));
	}

	/** Deletes what was acknowledged. */
	async remove(rows: readonly OutboxRow[], leases: readonly LaneLease[]): Promise<void> {
		await this.#db.query(this.#removal(), this.#removed(rows, leases), "remove-outbox");
	}

	/** Deletes a row that Kafka will never take, and keeps it as a dead letter. */
	async bury(row: OutboxRow, letter: DeadRow, leases: readonly LaneLease[]): Promise<void> {
		await this.#db.tx(async query => {
			await insertDeadLetters(query, this.#db.t, [letter]);
			await query(this.#removal(), this.#removed([row], leases), "remove-outbox");
		});
	}

	#removal(): string {
		const { t } = this.#db;
		return `DELETE FROM ${t.outbox} o USING ${t.lanes} l, unnest($3::smallint[], $4::bigint[]) AS h (lane, fence)
			WHERE o.id = ANY($2::bigint[]) AND l.lane = o.lane AND l.owner = $1 AND h.lane = l.lane AND h.fence = l.fence`;
	}

	#removed(rows: readonly OutboxRow[], leases: readonly LaneLease[]): unknown[] {
		return [
			this.#owner,
			rows.map(({ id }) => id),
			leases.map(({ lane }) => lane),
			leases.map(({ fence }) => fence),
		];
	}

	/** Seconds since the first row that is left was written; 0 where there is none. */
	async oldestS(): Promise<number> {
		const [row] = await this.#db.query<{ s: number }>(
			`SELECT greatest(0, extract(epoch FROM now() - created_at))::float8 AS s
			 FROM ${this.#db.t.outbox} ORDER BY id LIMIT 1`,
			[],
			"oldest-outbox",
		);
		return row?.s ?? 0;
	}
}
