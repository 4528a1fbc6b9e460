/**
 * Which lanes of the outbox this relay publishes. Each lane has a row that names its owner, until when, and a fence
 * that rises with every change of owner. An advisory lock would not do: a frozen holder keeps it for ever, and a
 * pooler in transaction mode gives it to somebody else.
 *
 *   free ──take──▶ held ──renew──▶ held ──(too many for one relay)──▶ shed ──▶ free
 *                   └──(not renewed in time)──▶ lost: taken by another, with a higher fence
 *
 * `until` is by the clock of the database. The holder measures by its own, from before it asked, so it believes in
 * its lease for a shorter time than all others do.
 */

import type { Database } from "../../../lib/database.ts";
import { LANES } from "../../../lib/log/cloud-event.ts";
import { fairShare } from "./relay.rules.ts";

export interface LaneLease {
	lane: number;
	fence: number;
}

interface Held extends LaneLease {
	/** On the monotonic clock of this process. */
	until: number;
}

const ALL_LANES = Array.from({ length: LANES }, (_, lane) => lane);

export class Leases {
	readonly #db: Database;
	readonly #owner: string;
	readonly #leaseMs: number;
	readonly #held = new Map<number, Held>();
	#share = LANES;
	#prepared = false;

	constructor(db: Database, owner: string, leaseMs: number) {
		this.#db = db;
		this.#owner = owner;
		this.#leaseMs = leaseMs;
	}

	get owner(): string {
		return this.#owner;
	}

	/** The lanes that may be published now. */
	current(): LaneLease[] {
		const now = performance.now();
		return [...this.#held.values()].filter(({ until }) => until > now);
	}

	holds(lane: number): boolean {
		return (this.#held.get(lane)?.until ?? 0) > performance.now();
	}

	/** Says that this relay is alive, renews what it holds, and takes what is free up to its fair share. */
	async renew(): Promise<void> {
		const { t } = this.#db;
		const until = performance.now() + this.#leaseMs;
		if (!this.#prepared) {
			const rows = "INSERT INTO %s (lane) SELECT unnest($1::smallint[]) ON CONFLICT DO NOTHING";
			await this.#db.query(rows.replace("%s", t.lanes), [ALL_LANES], "prepare-lanes");
			this.#prepared = true;
		}
		const { kept, taken } = await this.#db.tx(async query => {
			const alive = await query<{ relays: number }>(
				`WITH me AS (
					INSERT INTO ${t.relays} (owner, until) VALUES ($1, now() + $2 * interval '1 ms')
					ON CONFLICT (owner) DO UPDATE SET until = EXCLUDED.until
				), gone AS (DELETE FROM ${t.relays} WHERE until < now() - interval '1 minute' AND owner <> $1)
				SELECT count(*)::int + 1 AS relays FROM ${t.relays} WHERE until > now() AND owner <> $1`,
				[this.#owner, this.#leaseMs],
				"relay-alive",
			);
			this.#share = fairShare(LANES, alive[0]?.relays ?? 1);
			const held = [...this.#held.values()];
			const kept = await query<LaneLease>(
				`UPDATE ${t.lanes} l SET until = now() + $2 * interval '1 ms'
				 FROM unnest($3::smallint[], $4::bigint[]) AS h (lane, fence)
				 WHERE l.owner = $1 AND l.lane = h.lane AND l.fence = h.fence RETURNING l.lane, l.fence`,
				[this.#owner, this.#leaseMs, held.map(({ lane }) => lane), held.map(({ fence }) => fence)],
				"renew-lanes",
			);
			const taken = await query<LaneLease>(
				`UPDATE ${t.lanes} SET owner = $1, fence = fence + 1, until = now() + $2 * interval '1 ms'
				 WHERE lane IN (SELECT lane FROM ${t.lanes} WHERE until < now() ORDER BY lane LIMIT $3 FOR UPDATE SKIP LOCKED)
				 RETURNING lane, fence`,
				[this.#owner, this.#leaseMs, Math.max(0, this.#share - kept.length)],
				"take-lanes",
			);
			return { kept, taken };
		});
		// What was shed meanwhile is not ours again.
		const ours = [...kept.filter(({ lane }) => this.#held.has(lane)), ...taken];
		this.#held.clear();
		for (const { lane, fence } of ours) this.#held.set(lane, { lane, fence, until });
	}

	get hasTooMany(): boolean {
		return this.#held.size > this.#share;
	}

	/** Gives away what is more than the fair share. Only between two batches: nothing of a lane may be on its way. */
	async shed(): Promise<void> {
		const excess = [...this.#held.values()].slice(this.#share);
		if (excess.length > 0) await this.#free(excess);
	}

	/** Gives everything away, so that another need not wait for the leases to end. */
	async release(): Promise<void> {
		await this.#free([...this.#held.values()]);
		await this.#db.query(`DELETE FROM ${this.#db.t.relays} WHERE owner = $1`, [this.#owner]);
	}

	async #free(leases: Held[]): Promise<void> {
		for (const { lane } of leases) this.#held.delete(lane);
		await this.#db.query(
			`UPDATE ${this.#db.t.lanes} l SET owner = NULL, until = '-infinity'
			 FROM unnest($2::smallint[], $3::bigint[]) AS h (lane, fence)
			 WHERE l.owner = $1 AND l.lane = h.lane AND l.fence = h.fence`,
			[this.#owner, leases.map(({ lane }) => lane), leases.map(({ fence }) => fence)],
			"free-lanes",
		);
	}
}
