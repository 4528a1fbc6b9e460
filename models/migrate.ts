/** Migrations by umzug: forward only, one node at a time, the rest wait. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Database, sqlState } from "../lib/database.ts";
import type { Tables } from "../lib/tables.ts";
import * as core from "./migrations/0001-core.ts";
import * as plainHeads from "./migrations/0002-plain-heads.ts";

/** The SQL of one migration, several statements; it runs in one transaction. */
export type Migration = (tables: Tables) => string;

const MIGRATIONS: [name: string, up: Migration][] = [
	["0001-core", core.up],
	["0002-plain-heads", plainHeads.up],
];

/** Any number that no other program takes its advisory locks by. */
const LOCK = 0x7061726c;

/** A large table takes longer than any call may, and so does waiting for the node that is at it. */
const UNHURRIED = { unhurried: true } as const;

/**
 * A table is waited for no longer than that: whoever comes meanwhile waits as well, and who holds it may be waiting for
 * one that is taken already. Shorter than PostgreSQL's own `deadlock_timeout`, which might end a user's call instead.
 */
const LOCK_WAIT_MS = 300;
const TRIES_MAX = 200;
const PAUSE_MS_MAX = 500;
/** A lock that did not come in time, or a deadlock. */
const LOCKED = new Set(["55P03", "40P01"]);

/** Applies what is missing; answers with the names of what it applied. What meets others at its tables begins anew. */
export async function migrate(db: Database, migrations = MIGRATIONS): Promise<string[]> {
	for (let tries = 1; ; tries++) {
		try {
			return await attempt(db, migrations);
		} catch (err) {
			const state = sqlState(err) ?? sqlState((err as Error).cause ?? {});
			if (!LOCKED.has(state ?? "") || tries === TRIES_MAX) throw err;
		}
		await sleep(Math.random() * PAUSE_MS_MAX);
	}
}

function attempt(db: Database, migrations: typeof MIGRATIONS): Promise<string[]> {
	const log = `"${db.schema}".migrations`;
	// Pooled connections: a transaction's lock ends with it, whatever becomes of the process.
	return db.tx(async query => {
		await query("SELECT pg_advisory_xact_lock($1, hashtext($2))", [LOCK, db.schema]);
		await query(`CREATE SCHEMA IF NOT EXISTS "${db.schema}"`);
		await query(
			`CREATE TABLE IF NOT EXISTS ${log} (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())`,
		);
		const executed = async () =>
			(await query<{ name: string }>(`SELECT name FROM ${log} ORDER BY name`)).map(row => row.name);
		const known = new Set(await executed());
		if (migrations.every(([name]) => known.has(name))) return [];
		await query(`SET LOCAL lock_timeout = ${LOCK_WAIT_MS}`);
		// Most starts have nothing to migrate, and loading it takes a while.
		const { Umzug } = await import("umzug");
		const umzug = new Umzug({
			migrations: migrations.map(([name, up]) => ({
				name,
				up: async () => {
					await query(up(db.t));
				},
			})),
			storage: {
				executed,
				logMigration: async ({ name }) => void (await query(`INSERT INTO ${log} (name) VALUES ($1)`, [name])),
				unlogMigration: async () => {
					throw new Error("Migrations go forward only.");
				},
			},
			logger: undefined,
		});
		return (await umzug.up()).map(({ name }) => name);
	}, UNHURRIED);
}
