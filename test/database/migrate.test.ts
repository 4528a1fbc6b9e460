import "../support/env.ts";
import { randomBytes } from "node:crypto";
import { expect, test } from "@jest/globals";
import pg from "pg";
import { Sequelize } from "sequelize";
import { databaseOn } from "../../lib/database.ts";
import { type Migration, migrate } from "../../models/migrate.ts";

/** A database of its own, where nothing is yet. */
async function withEmptyDatabase(work: (url: string) => Promise<void>): Promise<void> {
	const url = new URL(process.env.TEST_DATABASE_URL ?? "");
	const admin = new pg.Client({ connectionString: url.href });
	await admin.connect();
	const name = `empty_${randomBytes(6).toString("hex")}`;
	await admin.query(`CREATE DATABASE ${name}`);
	url.pathname = name;
	try {
		await work(url.href);
	} finally {
		await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
		await admin.end();
	}
}

test("installations that share a database, and nodes of each, may all be new at once", async () => {
	await withEmptyDatabase(async url => {
		const schemas = ["one", "two", "three", "one", "two", "three"];
		const databases = schemas.map(schema =>
			databaseOn(new Sequelize(url, { dialect: "postgres", logging: false, pool: { max: 1 } }), schema),
		);
		try {
			const applied = await Promise.all(databases.map(db => migrate(db)));
			for (const schema of new Set(schemas)) {
				const names = applied.flatMap((some, i) => (schemas[i] === schema ? some : []));
				expect(names.filter(name => name === "0001-core")).toHaveLength(1);
			}
			expect(await migrate(databases[0] as (typeof databases)[0])).toEqual([]);
		} finally {
			await Promise.all(databases.map(db => db.close()));
		}
	});
});

test("a node that finds another at it waits for as long as that takes", async () => {
	await withEmptyDatabase(async url => {
		const options = {
			dialect: "postgres",
			logging: false,
			dialectOptions: { query_timeout: 2_500 },
		} as const;
		const db = databaseOn(new Sequelize(url, { ...options, pool: { max: 1 } }), "slow");
		const other = new pg.Client({ connectionString: url });
		await other.connect();
		try {
			await other.query("BEGIN; SELECT pg_advisory_xact_lock(x'7061726c'::int, hashtext('slow'))");
			const migrated = migrate(db);
			migrated.catch(() => {});
			await new Promise(resolve => setTimeout(resolve, 4_000));
			await other.query("COMMIT");
			expect(await migrated).toContain("0001-core");
		} finally {
			await Promise.all([db.close(), other.end()]);
		}
	});
});

test("I39: a migration gives way to a user who holds one of its tables and waits for another", async () => {
	await withEmptyDatabase(async url => {
		const options = { dialect: "postgres", logging: false, pool: { max: 1 } } as const;
		const db = databaseOn(new Sequelize(url, options), "busy");
		const user = new pg.Client({ connectionString: url });
		await user.connect();
		try {
			await migrate(db);
			await user.query("BEGIN; SELECT FROM busy.messages");
			const column = (table: string) => `ALTER TABLE ${table} ADD COLUMN next text;`;
			// The user has waited for longer than the migration when PostgreSQL looks who is to blame.
			const up: Migration = t => `${column(t.chats)} SELECT pg_sleep(0.5); ${column(t.messages)}`;
			const next = migrate(db, [["0003-next", up]]);
			next.catch(() => {});
			await user.query("SELECT pg_sleep(0.2)");
			expect((await user.query("SELECT FROM busy.chats")).rows).toEqual([]);
			await user.query("COMMIT");
			expect(await next).toEqual(["0003-next"]);
		} finally {
			await Promise.all([db.close(), user.end()]);
		}
	});
});
