/** The questions that the relay asks of the outbox. Each names its leases: who has lost one reads and deletes nothing. */
import type { Database, Post } from "../../../lib/database.ts";
import { LANES } from "../../../lib/log/cloud-event.ts";
import { bigints } from "../../../lib/sql-arrays.ts";
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

/** The answer for one lane. */
export interface LaneRows {
	lane: number;
	rows: OutboxRow[];
	asked: number;
	/** Whether nothing else was left. */
	isAll: boolean;
}

/** A row, by whom it was published. */
export interface OutboxPlace extends LaneLease {
	id: number;
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
	async read(wanted: readonly LaneWanted[]): Promise<LaneRows[]> {
		const { t } = this.#db;
		const text = `SELECT o.id, o.lane, o.topics, o.key, o.event_id, o.event
			 FROM unnest($2::smallint[], $3::bigint[], $4::int[]) AS w (lane, fence, rows)
			 JOIN ${t.lanes} l ON l.lane = w.lane AND l.fence = w.fence AND l.owner = $1 AND l.until > now()
			 CROSS JOIN LATERAL (
				SELECT s.*, sum(octet_length(s.event)) OVER (ORDER BY s.id) - octet_length(s.event) AS before
				FROM (SELECT * FROM ${t.outbox} WHERE lane = w.lane ORDER BY lane, id LIMIT w.rows) s
			 ) o
			 WHERE o.before < ${LANE_BYTES_MAX}
			 ORDER BY o.lane, o.id`;
		const values = [
			this.#owner,
			wanted.map(({ lane }) => lane),
			wanted.map(({ fence }) => fence),
			wanted.map(({ rows }) => rows),
		];
		const rows = await this.#db.tx(query => query<Row>(text, values, "read-outbox"), {
			readOnly: true,
			keepsPlans: true,
		});
		const byLane = Map.groupBy(
			rows.map(({ event_id: eventId, ...row }) => ({ ...row, eventId })),
			row => row.lane,
		);
		return wanted.map(({ lane, rows: asked }) => {
			const some = byLane.get(lane) ?? [];
			const bytes = some.reduce((sum, { event }) => sum + Buffer.byteLength(event), 0);
			return { lane, rows: some, asked, isAll: some.length < asked && bytes < LANE_BYTES_MAX };
		});
	}

	/** Deletes what was acknowledged. Where a crash of PostgreSQL brings it back, it is published again. */
	async remove(places: readonly OutboxPlace[]): Promise<void> {
		await this.#db.tx(async (_query, post) => this.#delete(post, places), { keepsPlans: true, lazy: true });
	}

	/** Deletes a row that Kafka will never take, and keeps it as a dead letter. */
	async bury(place: OutboxPlace, letter: DeadRow): Promise<void> {
		await this.#db.tx(async (query, post) => {
			await insertDeadLetters(query, this.#db.t, [letter]);
			this.#delete(post, [place]);
		});
	}

	/**
	 * Lane by lane: whatever plan PostgreSQL keeps for it, its work grows with the rows. Joined with a list of places, a
	 * plan from when the table was small went through all rows for each place.
	 */
	#delete(post: Post, places: readonly OutboxPlace[]): void {
		const { t } = this.#db;
		for (const some of Map.groupBy(places, ({ lane, fence }) => `${lane} ${fence}`).values()) {
			const [{ lane, fence }] = some as [OutboxPlace];
			post(
				`DELETE FROM ${t.outbox} WHERE lane = $2 AND id = ANY($4::bigint[])
					AND EXISTS (SELECT FROM ${t.lanes} WHERE lane = $2 AND owner = $1 AND fence = $3)`,
				[this.#owner, lane, fence, bigints(some.map(({ id }) => id))],
				"remove-outbox",
			);
		}
	}

	/** The first row of each lane, by as many looks into the index. */
	get #firstOfEach(): string {
		return `(SELECT o.lane, o.created_at FROM generate_series(0, ${LANES - 1}) AS l (lane), LATERAL (
			SELECT lane, created_at FROM ${this.#db.t.outbox} WHERE lane = l.lane::smallint ORDER BY lane, id LIMIT 1
		) o) first`;
	}

	/** The lanes whose first row was written longer ago than that. */
	async lanesBehind(ms: number): Promise<number[]> {
		const rows = await this.#db.query<{ lane: number }>(
			`SELECT lane FROM ${this.#firstOfEach} WHERE created_at < now() - $1 * interval '1 ms'`,
			[ms],
			"lanes-behind",
		);
		return rows.map(({ lane }) => lane);
	}

	/** Seconds since the first row that is left was written; 0 where there is none. */
	async oldestS(): Promise<number> {
		const [row] = await this.#db.query<{ s: number }>(
			`SELECT greatest(0, extract(epoch FROM now() - created_at))::float8 AS s
			 FROM ${this.#firstOfEach} ORDER BY created_at LIMIT 1`,
			[],
			"oldest-outbox",
		);
		return row?.s ?? 0;
	}
}
