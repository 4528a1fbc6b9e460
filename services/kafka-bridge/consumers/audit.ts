/** Everything that happened, in chains that show every change: one for each source, written by whoever holds its position. */
import { GENESIS, hashOf } from "../../../lib/audit/chain.ts";
import type { Query } from "../../../lib/database.ts";
import { cloudEvent, derivedId } from "../../../lib/log/cloud-event.ts";
import type { Tables } from "../../../lib/tables.ts";
import type { BridgeConsumer, Fresh } from "./consumer.ts";

interface Row {
	chain: string;
	n: number;
	eventId: string;
	event: string;
	at: string;
	previousHash: string;
	hash: string;
}

export function auditConsumer(t: Tables, namespace: string): BridgeConsumer {
	return {
		name: "audit",
		topics: ["chat.events", "user.registered", "user.updated"],
		async apply(query, fresh, source) {
			const known = await loggedAmong(query, t, fresh);
			const added = fresh.filter(({ event }) => !known.has(event.id));
			const rows = chained(source, await headOf(query, t, source), added);
			await insert(query, t, rows);
			return rows.map((row, i) => asEvent(namespace, row, added[i] as Fresh));
		},
	};
}

/** For good: an event that comes again after its id was forgotten is in the log already. */
async function loggedAmong(query: Query, t: Tables, fresh: readonly Fresh[]): Promise<Set<string>> {
	const rows = await query<{ event_id: string }>(
		`SELECT event_id FROM ${t.audit} WHERE event_id = ANY($1::uuid[])`,
		[fresh.map(({ event }) => event.id)],
		"read-audited",
	);
	return new Set(rows.map(row => row.event_id));
}

async function headOf(query: Query, t: Tables, chain: string): Promise<{ n: number; hash: string }> {
	const [head] = await query<{ n: number; hash: string }>(
		`SELECT n, hash FROM ${t.audit} WHERE chain = $1 ORDER BY n DESC LIMIT 1`,
		[chain],
		"read-audit-head",
	);
	return head ?? { n: 0, hash: GENESIS };
}

function chained(chain: string, head: { n: number; hash: string }, fresh: readonly Fresh[]): Row[] {
	let { n, hash: previousHash } = head;
	return fresh.map(({ event, text }) => {
		const at = new Date(event.time).toISOString();
		const row = { chain, n: ++n, eventId: event.id, event: text, at, previousHash };
		previousHash = hashOf(row);
		return { ...row, hash: previousHash };
	});
}

async function insert(query: Query, t: Tables, rows: readonly Row[]): Promise<void> {
	await query(
		`INSERT INTO ${t.audit} (chain, n, event_id, event, at, previous_hash, hash)
		 SELECT * FROM unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[], $5::timestamptz[], $6::text[], $7::text[])`,
		[
			rows.map(({ chain }) => chain),
			rows.map(({ n }) => n),
			rows.map(({ eventId }) => eventId),
			rows.map(({ event }) => event),
			rows.map(({ at }) => at),
			rows.map(({ previousHash }) => previousHash),
			rows.map(({ hash }) => hash),
		],
		"insert-audit",
	);
}

/** Keyed as the event that it is about, so that with as many partitions a chain keeps its order in one of them. */
function asEvent(namespace: string, row: Row, { event }: Fresh) {
	const { event: _text, ...shown } = row;
	const actorId = "actorId" in event.data ? event.data.actorId : event.subject;
	return cloudEvent(namespace, {
		id: derivedId("audit.log", event.id),
		type: "audit.log",
		subject: event.subject,
		time: row.at,
		data: { ...shown, eventType: event.type, actorId },
	});
}
