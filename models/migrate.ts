/** Migrations by umzug: forward only, one node at a time, the rest wait. */
import type { Database } from "../lib/database.ts";
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

/** Applies what is missing; answers with the names of what it applied. */
export async function migrate(db: Database): Promise<string[]> {
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
		if (MIGRATIONS.every(([name]) => known.has(name))) return [];
		// Most starts have nothing to migrate, and loading it takes a while.
		const { Umzug } = await import("umzug");
		const umzug = new Umzug({
			migrations: MIGRATIONS.map(([name, up]) => ({
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
