/** The outbox of an installation, seen from outside. */
import { Client } from "pg";
import { pause } from "./row.ts";

const LOOK_EVERY_MS = 100;

/** Looks into the tables of an installation while `work` runs. */
export async function withTables<T>(databaseUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
	const client = new Client({ connectionString: databaseUrl });
	await client.connect();
	try {
		return await work(client);
	} finally {
		await client.end();
	}
}

export async function countOf(client: Client, namespace: string, table: string): Promise<number> {
	const { rows } = await client.query(`SELECT count(*)::int AS count FROM "${namespace}"."${table}"`);
	return rows[0].count as number;
}

/**
 * Waits until all that was told is on Kafka, and has PostgreSQL look at the tables, as it does by itself a minute later:
 * until then it plans as if they were empty.
 */
export async function settled(databaseUrl: string, namespace: string, withinS = 60): Promise<void> {
	await drained(databaseUrl, namespace, withinS);
	await withTables(databaseUrl, client => client.query("ANALYZE"));
}

/**
 * Waits until all that was told is on Kafka, so that what a scenario's making left does not count as its work.
 * @returns seconds that it took
 */
export async function drained(databaseUrl: string, namespace: string, withinS = 30): Promise<number> {
	const startedAt = performance.now();
	const seconds = () => (performance.now() - startedAt) / 1_000;
	return withTables(databaseUrl, async client => {
		while ((await countOf(client, namespace, "outbox")) > 0) {
			if (seconds() > withinS) throw new Error(`The outbox was not empty after ${withinS} s.`);
			await pause(LOOK_EVERY_MS);
		}
		return seconds();
	});
}
