/** One pool for the process: Sequelize owns it, and the log's SQL runs on its connections as prepared statements. */
import pg from "pg";
import { Sequelize } from "sequelize";
import { config } from "./config.ts";
import { type DatabaseEndpoint, databaseEndpoint } from "./embedded/endpoint.ts";
import { unavailable } from "./errors.ts";
import { isoTime } from "./iso-time.ts";
import { isDirect, keepsStatements } from "./pooler.ts";
import { Silence } from "./silence.ts";
import { type Tables, tablesOf } from "./tables.ts";
import { type Post, type Query, Transaction } from "./transaction.ts";

export type { Post, Query } from "./transaction.ts";

export interface TransactionOptions {
	/** One snapshot for all statements. */
	snapshot?: boolean;
	readOnly?: boolean;
	/**
	 * Prepared statements keep one plan, whatever they are given. Else PostgreSQL may plan them again each time, which
	 * for short arrays takes longer than running them.
	 */
	keepsPlans?: boolean;
	/** Its commit is not waited for on the disk: for what is done again where PostgreSQL loses it in a crash. */
	lazy?: boolean;
	/** Its statements take what they need, and wait for whoever is before them: a migration's. */
	unhurried?: boolean;
}

/** `keepsPlans` only with a `snapshot`. */
export type ReadOptions = Pick<TransactionOptions, "snapshot" | "keepsPlans">;

export interface Database {
	readonly sequelize: Sequelize;
	readonly schema: string;
	readonly t: Tables;
	/** One statement by itself. */
	query: Query;
	/**
	 * All or nothing. A deadlock or a serialization failure runs `work` again (3 times at most), so it must have
	 * no effect outside the transaction.
	 * @throws UNAVAILABLE where the server is away; a write may then have happened
	 */
	tx<T>(work: (query: Query, post: Post) => Promise<T>, options?: TransactionOptions): Promise<T>;
	/**
	 * Reads that `work` sends before it waits for any: they leave in one write, and each sees what the one before saw,
	 * or more; with `snapshot` all see the same.
	 */
	read<T>(work: (query: Query) => Promise<T>, options?: ReadOptions): Promise<T>;
	close(): Promise<void>;
}

const TRIES_MAX = 3;
/** Whoever asks hears within 5 s that nobody answers. */
const QUERY_TIMEOUT_MS = 4_500;
const UNHURRIED_TIMEOUT_MS = 24 * 3_600_000;
/**
 * A node that froze, or that nobody reaches any more, may hold the locks of chats: PostgreSQL ends its transaction before
 * those who wait for them give up.
 */
const IDLE_IN_TRANSACTION = `idle_in_transaction_session_timeout = ${QUERY_TIMEOUT_MS - 1_000}`;
/** What is asked for is in memory, mostly: with the default, for disks that turn, a table of some 1,000 rows is gone through whole. */
const RANDOM_PAGE_COST = "random_page_cost = 1.1";

/** Who hears so soon that a connection took too long to open hears of another one than their own. */
const STALE_CONNECT_MS = 1_000;

const OID = { int8: 20, timestamptz: 1184, jsonb: 3802, uuids: 2951 } as const;

const textParser = pg.types.getTypeParser as (oid: number, format: "text") => (text: string) => unknown;
const parseUuids = textParser(OID.uuids, "text");

/** Most messages have nothing in these, and a page has hundreds. */
const jsonOf = (text: string): unknown => (text === "{}" ? {} : text === "[]" ? [] : JSON.parse(text));
const uuidsOf = (text: string): unknown => (text === "{}" ? [] : parseUuids(text));

/** bigint as a number (seq and rev stay far below 2^53), timestamptz as ISO 8601 in UTC. */
const types = {
	getTypeParser(oid: number, format?: "text" | "binary") {
		if (oid === OID.int8) return Number;
		if (oid === OID.timestamptz) return isoTime;
		if (oid === OID.jsonb) return jsonOf;
		if (oid === OID.uuids) return uuidsOf;
		return pg.types.getTypeParser(oid, format as "text");
	},
};

/** SQLSTATE of an error of PostgreSQL's, however it is wrapped. */
export function sqlState(err: unknown): string | null {
	const { code, original } = err as { code?: unknown; original?: { code?: unknown } };
	const state = typeof original?.code === "string" ? original.code : code;
	return typeof state === "string" && /^[0-9A-Z]{5}$/.test(state) ? state : null;
}

/** A text, a time or a number of no form or range that the column has; not a division by zero, which is a slip of ours. */
const REFUSED_VALUES = new Set(["22P02", "22P05", "22003", "22007", "22008", "22009", "22021"]);

/** Whether PostgreSQL refused a value, which nobody had checked as they should. */
export function isRefusedValue(err: unknown): boolean {
	return typeof err === "object" && err !== null && REFUSED_VALUES.has(sqlState(err) ?? "");
}

/** 25P03: it took our transaction for abandoned. */
const AWAY_STATES = /^(08|25P03|53|57P|58)/;
const AWAY_WORDS =
	/ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOENT|Connection terminated|connection timeout|timeout expired|Query read timeout|not queryable|ConnectionManager|Client has encountered|connection error|Connection ended/i;

/** Whether the server is away, or went away while we asked: what a write did is then unknown. */
export function isAway(err: unknown): boolean {
	const state = sqlState(err);
	if (state) return AWAY_STATES.test(state) || state === "57014";
	const { name = "", message = "", code = "" } = err as { name?: string; message?: string; code?: string };
	return name.startsWith("SequelizeConnection") || AWAY_WORDS.test(`${code} ${message}`);
}

function asCatalogued(err: unknown): unknown {
	// For the log: no door shows a cause.
	return isAway(err) ? Object.assign(unavailable(), { cause: err }) : err;
}

/** What a model of Sequelize's gives, with its errors put as ours. @throws UNAVAILABLE where the server is away */
export async function catalogued<T>(result: Promise<T>): Promise<T> {
	try {
		return await result;
	} catch (err) {
		throw asCatalogued(err);
	}
}

/** All in one statement of the simple protocol. */
function beginning(client: pg.Client, { snapshot, readOnly, keepsPlans, lazy }: TransactionOptions): string {
	return [
		`BEGIN${snapshot ? " ISOLATION LEVEL REPEATABLE READ" : ""}${readOnly ? " READ ONLY" : ""}`,
		...(keepsPlans ? ["SET LOCAL plan_cache_mode = force_generic_plan"] : []),
		...(lazy ? ["SET LOCAL synchronous_commit = off"] : []),
		...(pooled.has(client) ? [`SET LOCAL ${IDLE_IN_TRANSACTION}`] : []),
	].join("; ");
}

/**
 * Sequelize listens for errors from a moment after a connection is open. One that comes in that moment, from a server that
 * ends, would end the process; so it is heard here, and the connection's first statement says the same.
 */
class HeardClient extends pg.Client {
	constructor(config: pg.ClientConfig) {
		super(config);
		this.on("error", () => {});
	}
}

type PoolManager = {
	getConnection(options: { type: "write" }): Promise<pg.Client>;
	releaseConnection(client: pg.Client): void;
	destroyConnection?(client: pg.Client): Promise<void>;
	pool: { destroy(client: pg.Client): Promise<void> };
};

/** Opens the pool. Nothing connects before the first query. */
export function openDatabase(endpoint: DatabaseEndpoint = databaseEndpoint()): Database {
	const common = {
		dialect: "postgres" as const,
		dialectModule: { ...pg, Client: HeardClient },
		logging: false as const,
		schema: config.namespace,
		define: { schema: config.namespace, underscored: true, timestamps: false },
		dialectOptions: {
			application_name: "parley",
			query_timeout: QUERY_TIMEOUT_MS,
			connectionTimeoutMillis: QUERY_TIMEOUT_MS,
		},
		keepDefaultTimezone: false,
		retry: { max: 1 },
	};
	const sequelize =
		endpoint.kind === "url"
			? new Sequelize(endpoint.url, {
					...common,
					pool: { max: endpoint.poolMax, min: 0, idle: 60_000, acquire: QUERY_TIMEOUT_MS },
				})
			: new Sequelize(endpoint.database, endpoint.user, "", {
					...common,
					host: endpoint.socketDir,
					port: endpoint.port,
					// One backend serves all of PGlite's connections: a second one inside a transaction would wait for ever.
					pool: { max: 1, min: 1, idle: 2_147_483, acquire: 30_000 },
				});
	// PGlite's socket takes one statement at a time.
	if (endpoint.kind === "url") pipelined(sequelize);
	return databaseOn(sequelize, config.namespace);
}

/** Connections to a pooler: what one sets for its session may be another's. */
const pooled = new WeakSet<pg.Client>();

/** Of them those whose session may be another with each transaction: what was prepared there is not here. */
const forgetful = new WeakSet<pg.Client>();

/** Sets up connections for what Sequelize has no setting for: they send a statement before the one before it is answered. */
export function pipelined(sequelize: Sequelize): Sequelize {
	sequelize.addHook("afterConnect", async connection => {
		const client = connection as pg.Client;
		if (await isDirect(client)) await client.query(`SET ${IDLE_IN_TRANSACTION}; SET ${RANDOM_PAGE_COST}`);
		else {
			pooled.add(client);
			if (!(await keepsStatements(client))) forgetful.add(client);
		}
		(client as { pipeline: boolean }).pipeline = true;
	});
	return sequelize;
}

/** The same over a Sequelize that is there already; tests bring their own. */
export function databaseOn(sequelize: Sequelize, schema: string): Database {
	const manager = sequelize.connectionManager as unknown as PoolManager;

	const silence = new Silence();
	const withClient = <T>(work: (client: pg.Client) => Promise<T>): Promise<T> =>
		silence.around(() => onClient(work), isAway);

	async function onClient<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
		let client: pg.Client | undefined;
		try {
			client = await connection();
			const result = await work(client);
			manager.releaseConnection(client);
			return result;
		} catch (err) {
			// A connection that failed us, or whose transaction may still be open, is not given to the next.
			if (client)
				await (isAway(err)
					? manager.pool.destroy(client).catch(() => {})
					: manager.releaseConnection(client));
			throw err;
		}
	}

	/**
	 * The pool hands the next connection that opens, or fails to, to whoever has waited longest: also one that was begun
	 * for somebody else while the server was away, and that says nothing of now.
	 */
	async function connection(): Promise<pg.Client> {
		const askedAt = performance.now();
		for (;;)
			try {
				return await manager.getConnection({ type: "write" });
			} catch (err) {
				const isOurs = performance.now() - askedAt > STALE_CONNECT_MS;
				if (isOurs || !(err as Error).message.includes("timeout expired")) throw err;
			}
	}

	const queryOn =
		(client: pg.Client, { unhurried }: TransactionOptions = {}): Query =>
		async <Row>(text: string, values: readonly unknown[] = [], name?: string) => {
			const result = await client.query({
				text,
				values: values as unknown[],
				types,
				...(name && !forgetful.has(client) ? { name } : {}),
				...(unhurried ? { query_timeout: UNHURRIED_TIMEOUT_MS } : {}),
			});
			return result.rows as Row[];
		};

	async function readOn<T>(client: pg.Client, work: (query: Query) => Promise<T>, options: ReadOptions) {
		const { snapshot } = options;
		const reading = new Transaction(client, queryOn(client));
		if (snapshot) reading.post(beginning(client, { ...options, readOnly: true }));
		try {
			const result = work(reading.query);
			if (snapshot) reading.post("COMMIT");
			return await result;
		} finally {
			await reading.idle();
		}
	}

	async function once<T>(
		work: (query: Query, post: Post) => Promise<T>,
		options: TransactionOptions,
	): Promise<T> {
		return withClient(async client => {
			const transaction = new Transaction(client, queryOn(client, options));
			transaction.post(beginning(client, options));
			try {
				const result = await work(transaction.query, transaction.post);
				if (options.readOnly) await transaction.leave();
				else await transaction.commit();
				return result;
			} catch (err) {
				if (!isAway(err)) await transaction.rollBack();
				throw transaction.failure?.err ?? err;
			}
		});
	}

	return {
		sequelize,
		schema,
		t: tablesOf(schema),

		async query<Row>(text: string, values?: readonly unknown[], name?: string) {
			try {
				return await withClient(client => queryOn(client)<Row>(text, values, name));
			} catch (err) {
				throw asCatalogued(err);
			}
		},

		async tx(work, options = {}) {
			for (let tries = 1; ; tries++) {
				try {
					return await once(work, options);
				} catch (err) {
					const again = ["40P01", "40001"].includes(sqlState(err) ?? "") && tries < TRIES_MAX;
					if (!again) throw asCatalogued(err);
				}
			}
		},

		async read(work, options = {}) {
			try {
				return await withClient(client => readOn(client, work, options));
			} catch (err) {
				throw asCatalogued(err);
			}
		},

		close: () => sequelize.close(),
	};
}
