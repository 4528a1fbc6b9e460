import type { Logger } from "moleculer";
import type { Database } from "../../lib/database.ts";
import { sweep } from "./consumers/intake.store.ts";

const DAY_MS = 86_400_000;
const SEEN_KEPT_MS = DAY_MS;
/** A relay that catches up after a long outage still finds whom it has counted. */
const ACTIVE_KEPT_MS = 14 * DAY_MS;
/** Sweeps between two rounds of vacuum. */
const VACUUM_EVERY = 10;

/** Forgets what is too old to come again; and does what autovacuum does where there is none. */
export class Sweeper {
	readonly #db: Database;
	readonly #logger: Logger;
	readonly #everyMs: number;
	readonly #embedded: boolean;
	#timer: NodeJS.Timeout | undefined;
	#sweeps = 0;

	constructor(db: Database, logger: Logger, everyMs: number, embedded: boolean) {
		this.#db = db;
		this.#logger = logger;
		this.#everyMs = everyMs;
		this.#embedded = embedded;
	}

	start(): void {
		this.#timer = setTimeout(async () => {
			await this.#sweep().catch(err => this.#logger.warn("The sweep of consumers' marks failed.", err));
			if (this.#timer) this.start();
		}, this.#everyMs);
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}

	async #sweep(): Promise<void> {
		await sweep(this.#db, SEEN_KEPT_MS, ACTIVE_KEPT_MS);
		if (!this.#embedded || ++this.#sweeps % VACUUM_EVERY > 0) return;
		// Rows of these come and go with every event, and the embedded PostgreSQL has no autovacuum.
		for (const table of [this.#db.t.outbox, this.#db.t.seen]) await this.#db.query(`VACUUM ${table}`);
	}
}
