/** The outbox of an installation, seen from outside. */
import { setTimeout as sleep } from "node:timers/promises";
import { Client } from "pg";

const LOOK_EVERY_MS = 100;
const DRAIN_MAX_S = 30;

export interface Drain {
	/** Until nothing waited for Kafka any more, or until there was no more time. */
	seconds: number;
	/** Events that still wait. */
	left: number;
}

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

/** Waits until all that was told is on Kafka, but no longer than `withinS`. */
export async function drain(client: Client, namespace: string, withinS: number): Promise<Drain> {
	const startedAt = performance.now();
	for (;;) {
		const left = await countOf(client, namespace, "outbox");
		const seconds = (performance.now() - startedAt) / 1_000;
		if (left === 0 || seconds > withinS) return { seconds, left };
		await sleep(LOOK_EVERY_MS);
	}
}

/**
 * Waits until all that was told is on Kafka, so that what a scenario's making left does not count as its work.
 * @throws where it takes too long
 */
export function drained(databaseUrl: string, namespace: string, withinS = DRAIN_MAX_S): Promise<void> {
	return withTables(databaseUrl, async client => {
		const { left } = await drain(client, namespace, withinS);
		if (left > 0) throw new Error(`${left} events still waited for Kafka after ${withinS} s.`);
	});
}

/**
 * Waits until all that was told is on Kafka, and has PostgreSQL look at the tables, as it does by itself a minute later:
 * until then it plans as if they were empty.
 */
export async function settled(databaseUrl: string, namespace: string, withinS = 60): Promise<void> {
	await drained(databaseUrl, namespace, withinS);
	await withTables(databaseUrl, client => client.query("ANALYZE"));
}
