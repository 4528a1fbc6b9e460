/**
 * What is read: a chat of a million messages, and a user in a thousand chats among others'. Written by SQL, but as the
 * services would have left it: dense `seq` and `rev`, heads that agree, marks within bounds.
 */
import type { Client } from "pg";
import { type Tables, tablesOf } from "../../lib/tables.ts";
import { inParts, settle } from "../stage/fill.ts";
import { ISSUER } from "../stage/tokens.ts";

export const BIG = { messages: 1_000_000, members: 80 } as const;
export const INBOX = { chats: 1_000, left: 100, deleted: 20 } as const;

const USERS = 2_000;
/** The reader's, those that the reader is out of, and others'. */
const CHATS = 3_000;
const PORTION = 25_000;
/** Ten messages take eleven revisions: one of them was changed later. */
const REVS_PER_TEN = 11;

export const BIG_REV = BIG.members + (BIG.messages / 10) * REVS_PER_TEN;

export interface Seeded {
	bigChatId: string;
}

const BIG_CHAT = "pg_temp.uid(9, 1)";

export async function seed(
	client: Client,
	schema: string,
	progress: (share: number) => void,
): Promise<Seeded> {
	const t = tablesOf(schema);
	// As UUIDv7: ids that rise with time, and differ by kind.
	await client.query(`CREATE FUNCTION pg_temp.uid(kind int, n bigint) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$
		SELECT (lpad(to_hex(1767000000000 + n), 12, '0') || '7' || lpad(to_hex(kind), 3, '0') || '8'
			|| left(md5(kind || '.' || n), 15))::uuid $$`);
	const { rows } = await client.query<{ id: string; there: boolean }>(
		`SELECT ${BIG_CHAT} AS id, EXISTS (SELECT 1 FROM ${t.heads} WHERE chat_id = ${BIG_CHAT}) AS there`,
	);
	const [big] = rows;
	if (!big) throw new Error("PostgreSQL answers nothing.");
	if (!big.there) {
		for (const statement of [users(t), ...chats(t)]) await client.query(statement);
		await bigChat(client, t, progress);
		await settle(client, [t.users, t.chats, t.heads, t.members, t.messages, t.mentions]);
	}
	return { bigChatId: big.id };
}

const users = (t: Tables) => `INSERT INTO ${t.users} (id, username, display_name, issuer, subject, avatar_url)
	SELECT pg_temp.uid(1, i), 'reader.' || i, 'Reader ' || i, '${ISSUER.issuer}', i::text,
		CASE WHEN i % 2 = 0 THEN 'https://pictures.example/' || i || '.png' END
	FROM generate_series(1, ${USERS}) i`;

/** Directs, groups of up to 100, channels of 300, threads in those. The plan stays for the statements after it. */
const chats = (t: Tables) => [
	`CREATE TEMP TABLE plan AS SELECT i, pg_temp.uid(2, i * 100) AS id,
		CASE WHEN i % 20 < 6 THEN 'direct' WHEN i % 20 < 18 THEN 'group' WHEN i % 20 = 18 THEN 'channel' ELSE 'thread' END AS type,
		CASE WHEN i % 20 < 6 THEN 2 WHEN i % 20 < 16 THEN 5 + i % 26 WHEN i % 20 < 18 THEN 100 WHEN i % 20 = 18 THEN 300 ELSE 4 END AS members,
		20 + i % 41 AS messages, now() - ((i * 7919) % ${CHATS}) * interval '1 minute' AS last_at
	 FROM generate_series(1, ${CHATS}) i`,
	`INSERT INTO ${t.chats} (id, type, name, description, parent_chat_id, parent_message_id, created_by, created_at, deleted_at)
	 SELECT id, type, CASE WHEN type IN ('group', 'channel') THEN 'Chat number ' || i END,
		CASE WHEN type = 'channel' THEN 'Where everybody hears of number ' || i END,
		CASE WHEN type = 'thread' THEN pg_temp.uid(2, (i - 1) * 100) END,
		CASE WHEN type = 'thread' THEN pg_temp.uid(3, (i - 1) * 100 + 5) END,
		pg_temp.uid(1, 1), last_at - interval '90 days',
		CASE WHEN i > ${INBOX.chats + INBOX.left} AND i <= ${INBOX.chats + INBOX.left + INBOX.deleted} THEN now() END
	 FROM plan`,
	`INSERT INTO ${t.heads} (chat_id, last_seq, rev, member_epoch, member_count, last_at)
	 SELECT id, messages, messages + members, members, members, last_at FROM plan`,
	// The reader is the first member of the first chats.
	`INSERT INTO ${t.members} (chat_id, user_id, role, joined_at, read_seq, delivered_seq, read_at, delivered_at, muted_until, left_at, rev)
	 SELECT p.id, pg_temp.uid(1, CASE WHEN k = 0 AND i <= ${INBOX.chats + INBOX.left + INBOX.deleted} THEN 1 ELSE (i * 7 + k) % ${USERS - 1} + 2 END),
		CASE k WHEN 0 THEN 'owner' WHEN 1 THEN 'admin' ELSE 'member' END, last_at - interval '90 days',
		messages - unread, messages - unread / 2, last_at, last_at,
		CASE WHEN k = 0 AND i % 12 = 0 THEN now() + interval '30 days' END,
		CASE WHEN k = 0 AND i > ${INBOX.chats} AND i <= ${INBOX.chats + INBOX.left} THEN now() END, k + 1
	 FROM plan p, generate_series(0, members - 1) k,
		LATERAL (SELECT CASE WHEN (i + k) % 5 < 2 THEN (i * 3 + k) % 13 ELSE 0 END AS unread) u ORDER BY i, k`,
	`INSERT INTO ${t.messages} (chat_id, seq, id, rev, sender_id, type, content, client_id, mentions, created_at)
	 SELECT p.id, n, pg_temp.uid(3, i * 100 + n), members + n,
		pg_temp.uid(1, (i * 7 + 1 + n % (members - 1)) % ${USERS - 1} + 2), 'text',
		repeat('Words of message ' || n || '. ', 1 + n % 8), 'c' || n,
		CASE WHEN i % 10 < 2 AND n > messages - 3 THEN ARRAY[pg_temp.uid(1, 1)] ELSE '{}'::uuid[] END,
		last_at - (messages - n) * interval '10 minutes'
	 FROM plan p, generate_series(1, messages) n`,
	`INSERT INTO ${t.mentions} (user_id, chat_id, seq)
	 SELECT pg_temp.uid(1, 1), id, n FROM plan p, generate_series(messages - 2, messages) n WHERE i % 10 < 2`,
];

/** Of each ten messages one was edited, deleted, reacted to, or seldom pinned, soon after; some have threads. */
async function bigChat(client: Client, t: Tables, progress: (share: number) => void): Promise<void> {
	await client.query(`INSERT INTO ${t.chats} (id, type, name, created_by, created_at)
		VALUES (${BIG_CHAT}, 'group', 'The long one', pg_temp.uid(1, 1), now() - interval '3 years')`);
	await client.query(`INSERT INTO ${t.members} (chat_id, user_id, role, joined_at, read_seq, delivered_seq, rev)
		SELECT ${BIG_CHAT}, pg_temp.uid(1, i), 'member', now() - interval '3 years',
			${BIG.messages} - i % 40, ${BIG.messages} - i % 20, i FROM generate_series(1, ${BIG.members}) i`);
	await inParts(1, BIG.messages, PORTION, progress, (from, to) =>
		client.query(
			`INSERT INTO ${t.messages} (chat_id, seq, id, rev, sender_id, type, content, client_id, reply_to_id, reactions,
				edited_at, deleted_at, pinned_at, pinned_by, created_at)
			 SELECT ${BIG_CHAT}, n, pg_temp.uid(4, n),
				${BIG.members} + k * ${REVS_PER_TEN} + CASE WHEN changed THEN ${REVS_PER_TEN} ELSE 1 + (n - 1) % 10 END,
				pg_temp.uid(1, 1 + n * 31 % ${BIG.members}), 'text',
				CASE WHEN changed AND k % 5 = 1 THEN NULL ELSE repeat('Words of message ' || n || '. ', 1 + n::int % 8) END,
				'c' || n, CASE WHEN n % 17 = 0 THEN pg_temp.uid(4, n - 3) END,
				CASE WHEN changed AND k % 5 = 2 THEN jsonb_build_array(jsonb_build_object('emoji', '👍', 'count', 2,
					'userIds', jsonb_build_array(pg_temp.uid(1, 2), pg_temp.uid(1, 3)))) ELSE '[]'::jsonb END,
				CASE WHEN changed AND k % 5 IN (0, 4) THEN at + interval '1 minute' END,
				CASE WHEN changed AND k % 5 = 1 THEN at + interval '1 minute' END,
				CASE WHEN changed AND k % 1000 = 3 THEN at END, CASE WHEN changed AND k % 1000 = 3 THEN pg_temp.uid(1, 2) END, at
			 FROM generate_series($1::bigint, $2::bigint) n,
				LATERAL (SELECT (n - 1) / 10 AS k, (n - 1) % 10 = (n - 1) / 10 % 10 AS changed,
					now() - (${BIG.messages} + 60 - n) * interval '90 seconds' AS at) x`,
			[from, to],
		),
	);
	const threads = `generate_series(0, ${BIG.messages - 10}, 500) n`;
	await client.query(`INSERT INTO ${t.chats} (id, type, parent_chat_id, parent_message_id, created_by)
		SELECT pg_temp.uid(5, n), 'thread', ${BIG_CHAT}, pg_temp.uid(4, ${BIG.messages} - n), pg_temp.uid(1, 2) FROM ${threads}`);
	await client.query(`INSERT INTO ${t.heads} (chat_id, last_seq, rev, member_count)
		SELECT pg_temp.uid(5, n), 3, 4, 1 FROM ${threads}`);
	await client.query(`INSERT INTO ${t.heads} (chat_id, last_seq, rev, member_epoch, member_count, last_at)
		SELECT chat_id, seq, ${BIG_REV}, ${BIG.members}, ${BIG.members}, created_at FROM ${t.messages}
		WHERE chat_id = ${BIG_CHAT} AND seq = ${BIG.messages}`);
}
