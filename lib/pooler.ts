import type pg from "pg";

/** Of the probe. Poolers that keep prepared statements give them names of their own. */
const PROBE = "parley-probe";
const ALREADY_THERE = "42P05";

/** Whether no pooler stands between: what is set for the session stays set. One round trip. */
export async function isDirect(client: pg.Client): Promise<boolean> {
	// A pooler makes up the number by which a client may cancel, for it has no session yet.
	const { processID } = client as unknown as { processID: number };
	const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
	return rows[0]?.pid === processID;
}

/**
 * Whether a statement that is prepared on this connection is still there in its next transaction, and is ours. Behind
 * a pooler in transaction mode each transaction may have another session of PostgreSQL's: there a name may be unknown,
 * or worse, that of another client's statement.
 */
export async function keepsStatements(client: pg.Client): Promise<boolean> {
	if (await isDirect(client)) return true;
	try {
		const { rows } = await client.query<{ name: string }>({
			name: PROBE,
			text: "SELECT name FROM pg_prepared_statements",
		});
		return rows.every(({ name }) => name !== PROBE);
	} catch (err) {
		if ((err as { code?: string }).code === ALREADY_THERE) return false;
		throw err;
	}
}
