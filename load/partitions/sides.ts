/** The two that are compared: an installation with its table of messages as it is, and one with partitions. */
import pg from "pg";
import { Sequelize } from "sequelize";
import { type Database, databaseOn, pipelined } from "../../lib/database.ts";
import { ChatLog, silentExit } from "../../lib/log/change.ts";
import { migrate } from "../../models/migrate.ts";
import { fill, fillMessages } from "../stage/fill.ts";
import type { Layout } from "../stage/layout.ts";
import { ISSUER } from "../stage/tokens.ts";
import { type Split, split } from "./split.ts";

export interface Side {
	name: string;
	db: Database;
	log: ChatLog;
	/** For what is no part of the product. */
	client: pg.Client;
	/** Null where the table is whole. */
	keys: Split | null;
	close(): Promise<void>;
}

/** @param parts 0 leaves the table as it is */
export async function openSide(url: string, parts: number): Promise<Side> {
	const name = parts === 0 ? "one table" : `${parts} partitions`;
	const options = { dialect: "postgres", dialectModule: pg, logging: false, pool: { max: 1 } } as const;
	const db = databaseOn(pipelined(new Sequelize(url, options)), parts === 0 ? "whole" : "parts");
	await migrate(db);
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	const keys = parts === 0 ? null : await split(client, db.t, parts);
	const close = () => Promise.all([db.close(), client.end()]).then(() => {});
	return { name, db, log: new ChatLog(db, silentExit), client, keys, close };
}

export async function fillSide({ name, db, client }: Side, layout: Layout, each: number): Promise<void> {
	const ground = { db: client, t: db.t, issuer: ISSUER.issuer };
	await fill(ground, layout, name);
	await fillMessages(ground, layout, 1, each);
}

export interface Sizes {
	/** Bytes a message. */
	table: number;
	indexes: number;
}

export async function sizesOf({ client, db }: Side): Promise<Sizes> {
	const { rows } = await client.query<{ table: string; indexes: string; count: string }>(
		`SELECT sum(pg_table_size(relid)) AS table, sum(pg_indexes_size(relid)) AS indexes,
			(SELECT count(*) FROM ${db.t.messages}) AS count
		 FROM (SELECT $1::regclass AS relid UNION SELECT relid FROM pg_partition_tree($1::regclass)) AS tables`,
		[db.t.messages],
	);
	const [{ table = "0", indexes = "0", count = "1" } = {}] = rows;
	return { table: Number(table) / Number(count), indexes: Number(indexes) / Number(count) };
}
