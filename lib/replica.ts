import type { Logger } from "moleculer";
import { config } from "./config.ts";
import { type Database, openDatabase, type Query, sqlState } from "./database.ts";

/** The primary knows it too, so nobody waits for longer than this. */
const SLOW_MS = 500;
/** After it was away or slow it is not asked for so long. */
const REST_MS = 5_000;
/** What the replica replays took away what a statement was reading. */
const CONFLICT = "40001";

type Say = Pick<Logger, "info" | "warn">;

/** A PostgreSQL that follows the primary, some time behind it. Whoever reads there compares what they find with the primary's head. */
export class Replica {
	readonly #db: Database;
	readonly #logger: Say;
	#restsUntil = 0;
	#away = false;

	constructor(db: Database, logger: Say) {
		this.#db = db;
		this.#logger = logger;
	}

	/** What `work` reads there, each statement as new as the one before or newer; null where that is not to be had now. */
	async read<T>(work: (query: Query) => Promise<T>): Promise<T | null> {
		if (performance.now() < this.#restsUntil) return null;
		try {
			const found = await soon(this.#db.read(work));
			this.#turn(false);
			return found;
		} catch (err) {
			if (sqlState(err) === CONFLICT) return null;
			this.#restsUntil = performance.now() + REST_MS;
			this.#turn(true, err);
			return null;
		}
	}

	close(): Promise<void> {
		return this.#db.close();
	}

	#turn(away: boolean, err?: unknown): void {
		if (away && !this.#away) this.#logger.warn("The replica is away: the primary is read.", err);
		if (!away && this.#away) this.#logger.info("The replica is back.");
		this.#away = away;
	}
}

/** Null where none is configured. */
export function openReplica(logger: Say): Replica | null {
	const { databaseReplicaUrl: url, databasePoolMax: poolMax } = config;
	return url === null ? null : new Replica(openDatabase({ kind: "url", url, poolMax }), logger);
}

async function soon<T>(answer: Promise<T>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error(`It took more than ${SLOW_MS} ms.`)), SLOW_MS);
	});
	answer.catch(() => {});
	return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
