/** Makes the table of messages one of partitions by hash of the chat, with the indexes that it had. */
import type { Client } from "pg";
import type { Tables } from "../../lib/tables.ts";

interface Index {
	columns: string[];
	isUnique: boolean;
	/** Of a partial index. */
	only: string | null;
}

export interface Split {
	/** Unique keys as columns: those that hold over all partitions, and those that hold in each by itself. */
	kept: string[];
	local: string[];
}

/** The table must be empty. A unique key without the chat cannot span partitions: each has its own. */
export async function split(client: Client, t: Tables, parts: number): Promise<Split> {
	const indexes = await indexesOf(client, t.messages);
	const keys: Split = { kept: [], local: [] };
	await client.query(`ALTER TABLE ${t.messages} RENAME TO messages_whole`);
	const whole = t.messages.replace(/"messages"$/, "messages_whole");
	await client.query(
		`CREATE TABLE ${t.messages} (LIKE ${whole} INCLUDING DEFAULTS) PARTITION BY HASH (chat_id)`,
	);
	await client.query(`DROP TABLE ${whole}`);
	const partitions = Array.from({ length: parts }, (_, i) => t.messages.replace(/"$/, `_${i}"`));
	for (const [i, partition] of partitions.entries())
		await client.query(
			`CREATE TABLE ${partition} PARTITION OF ${t.messages} FOR VALUES WITH (MODULUS ${parts}, REMAINDER ${i})`,
		);
	for (const { columns, isUnique, only } of indexes) {
		const spans = !isUnique || columns.includes("chat_id");
		if (isUnique) (spans ? keys.kept : keys.local).push(columns.join(", "));
		for (const table of spans ? [t.messages] : partitions)
			await client.query(
				`CREATE ${isUnique ? "UNIQUE " : ""}INDEX ON ${table} (${columns}) ${only ? `WHERE ${only}` : ""}`,
			);
	}
	return keys;
}

async function indexesOf(client: Client, table: string): Promise<Index[]> {
	const { rows } = await client.query<Index>(
		`SELECT i.indisunique AS "isUnique", pg_get_expr(i.indpred, i.indrelid) AS only,
			ARRAY(SELECT a.attname::text FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
				JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number ORDER BY place) AS columns
		 FROM pg_index i WHERE i.indrelid = $1::regclass ORDER BY i.indexrelid`,
		[table],
	);
	return rows;
}
