/** Chats and members as rows, for tests of services that neither make nor fill them. */
import type { ChatType, Role } from "../../contracts/chats.ts";
import type { Database } from "../../lib/database.ts";
import { newId } from "../../lib/ids.ts";

export interface ChatWanted {
	type?: ChatType;
	/** Users by role; the bare list is of members. */
	members?: readonly string[];
	roles?: Readonly<Partial<Record<Role, readonly string[]>>>;
	announceOnly?: boolean;
	/** For a thread. */
	parentChatId?: string;
	parentMessageId?: string;
}

export function chatRows({ query, t }: Database) {
	async function join(chatId: string, userId: string, role: Role = "member"): Promise<void> {
		await query(
			`WITH head AS (
				UPDATE ${t.heads} SET rev = rev + 1, member_epoch = member_epoch + 1, member_count = member_count + 1
				WHERE chat_id = $1 RETURNING rev, last_seq
			)
			INSERT INTO ${t.members} (chat_id, user_id, role, joined_seq, read_seq, delivered_seq, rev)
			SELECT $1, $2, $3, last_seq, last_seq, last_seq, rev FROM head
			ON CONFLICT (chat_id, user_id) DO UPDATE SET left_at = NULL, role = $3, rev = EXCLUDED.rev`,
			[chatId, userId, role],
		);
	}

	/** Users whom nobody knows yet. */
	async function users(count: number): Promise<string[]> {
		const made = await query<{ id: string }>(
			`INSERT INTO ${t.users} (id, username, display_name)
			 SELECT gen_random_uuid(), 'u' || substr(md5(random()::text || i), 1, 24), 'User ' || i
			 FROM generate_series(1, $1::int) i RETURNING id`,
			[count],
		);
		return made.map(({ id }) => id);
	}

	/** Many more members at once, whom nobody else knows, each at a revision of its own. */
	async function crowd(chatId: string, count: number): Promise<void> {
		await query(
			`WITH head AS (
				UPDATE ${t.heads} SET rev = rev + $2::int, member_epoch = member_epoch + 1, member_count = member_count + $2::int
				WHERE chat_id = $1 RETURNING rev - $2::int AS rev, last_seq
			), made AS (
				INSERT INTO ${t.users} (id, username, display_name)
				SELECT gen_random_uuid(), 'm' || substr(md5($1 || ' ' || i), 1, 24), 'Member ' || i
				FROM generate_series(1, $2::int) i RETURNING id
			)
			INSERT INTO ${t.members} (chat_id, user_id, joined_at, joined_seq, read_seq, delivered_seq, rev)
			SELECT $1::uuid, id, now() + place * interval '1 microsecond', last_seq, last_seq, last_seq, rev + place
			FROM head, (SELECT id, row_number() OVER () AS place FROM made) placed`,
			[chatId, count],
		);
	}

	/**
	 * Chats of the same few, each with one message of the first of them, a second apart; the latest comes first. Each
	 * also has as many of `others`, in turn.
	 */
	async function many(
		count: number,
		userIds: readonly string[],
		{ others = [], each = 0 }: { others?: readonly string[]; each?: number } = {},
	): Promise<string[]> {
		const memberCount = userIds.length + each;
		const ids = Array.from({ length: count }, newId);
		const numbered = "unnest($1::uuid[]) WITH ORDINALITY AS made (id, i)";
		await query(
			`INSERT INTO ${t.chats} (id, type, name, created_by, created_at)
			 SELECT id, 'group', 'chat ' || i, $2, now() - i * interval '1 second' FROM ${numbered}`,
			[ids, userIds[0]],
		);
		// The trigger of the heads looks at each chat, and plans that by what is known of the table.
		await query(`ANALYZE ${t.chats}`);
		await query(
			`INSERT INTO ${t.heads} (chat_id, last_seq, rev, member_epoch, member_count, last_at)
			 SELECT id, 1, $2::int + 1, $2::int, $2::int, now() - i * interval '1 second' FROM ${numbered}`,
			[ids, memberCount],
		);
		await query(
			`INSERT INTO ${t.messages} (chat_id, seq, id, rev, sender_id, type, content, client_id, created_at)
			 SELECT id, 1, gen_random_uuid(), $2::int + 1, $3, 'text', 'hello', id::text, now() - i * interval '1 second'
			 FROM ${numbered}`,
			[ids, memberCount, userIds[0]],
		);
		await query(
			`INSERT INTO ${t.members} (chat_id, user_id, role, read_seq, delivered_seq, rev)
			 SELECT made.id, u.id, CASE WHEN u.place = 1 THEN 'owner' ELSE 'member' END, 1, 1, u.place
			 FROM ${numbered} CROSS JOIN unnest($2::uuid[]) WITH ORDINALITY AS u (id, place)`,
			[ids, userIds],
		);
		await query(
			`INSERT INTO ${t.members} (chat_id, user_id, role, read_seq, delivered_seq, rev)
			 SELECT made.id, ($2::uuid[])[1 + (made.i * $3::int + place) % cardinality($2::uuid[])], 'member', 0, 0, $4::int + 1 + place
			 FROM ${numbered} CROSS JOIN generate_series(0, $3::int - 1) AS place`,
			[ids, others, each, userIds.length],
		);
		return ids;
	}

	async function leave(chatId: string, userId: string): Promise<void> {
		await query(
			`WITH head AS (
				UPDATE ${t.heads} SET rev = rev + 1, member_epoch = member_epoch + 1, member_count = member_count - 1
				WHERE chat_id = $1 RETURNING rev
			)
			UPDATE ${t.members} m SET left_at = now(), rev = head.rev FROM head WHERE m.chat_id = $1 AND m.user_id = $2`,
			[chatId, userId],
		);
	}

	/** Changes something about a member, as a moderator would. */
	async function change(
		chatId: string,
		userId: string,
		column: "role" | "silenced_until",
		value: string | null,
	) {
		await query(`UPDATE ${t.heads} SET member_epoch = member_epoch + 1, rev = rev + 1 WHERE chat_id = $1`, [
			chatId,
		]);
		await query(`UPDATE ${t.members} SET ${column} = $3 WHERE chat_id = $1 AND user_id = $2`, [
			chatId,
			userId,
			value,
		]);
	}

	async function chat(wanted: ChatWanted = {}): Promise<string> {
		const id = newId();
		const { type = "group", members = [], roles = {}, announceOnly = false } = wanted;
		await query(
			`INSERT INTO ${t.chats} (id, type, announce_only, parent_chat_id, parent_message_id, created_by)
			 VALUES ($1, $2, $3, $4, $5, $1)`,
			[id, type, announceOnly, wanted.parentChatId ?? null, wanted.parentMessageId ?? null],
		);
		await query(`INSERT INTO ${t.heads} (chat_id) VALUES ($1)`, [id]);
		for (const userId of members) await join(id, userId);
		for (const [role, userIds] of Object.entries(roles))
			for (const userId of userIds) await join(id, userId, role as Role);
		return id;
	}

	async function remove(chatId: string): Promise<void> {
		await query(`UPDATE ${t.heads} SET member_epoch = member_epoch + 1 WHERE chat_id = $1`, [chatId]);
		await query(`UPDATE ${t.chats} SET deleted_at = now() WHERE id = $1`, [chatId]);
	}

	async function head(chatId: string) {
		const [row] = await query<{ last_seq: number; rev: number; member_epoch: number; member_count: number }>(
			`SELECT last_seq, rev, member_epoch, member_count FROM ${t.heads} WHERE chat_id = $1`,
			[chatId],
		);
		if (!row) throw new Error("There is no such chat.");
		return row;
	}

	async function marks(chatId: string, userId: string): Promise<{ read: number; delivered: number }> {
		const [row] = await query<{ read: number; delivered: number }>(
			`SELECT read_seq AS read, delivered_seq AS delivered FROM ${t.members} WHERE chat_id = $1 AND user_id = $2`,
			[chatId, userId],
		);
		if (!row) throw new Error("There is no such member.");
		return row;
	}

	/** How many rows a table has, of a chat where it is said which. */
	async function count(table: keyof typeof t, chatId?: string): Promise<number> {
		const [row] = await query<{ n: number }>(
			`SELECT count(*) AS n FROM ${t[table]} ${chatId ? `WHERE ${table === "outbox" ? "key" : "chat_id"} = $1` : ""}`,
			chatId ? [chatId] : [],
		);
		return row?.n ?? 0;
	}

	return { chat, join, crowd, users, many, leave, change, remove, head, marks, count };
}

/** Waits for what the services tell after they have answered. */
export async function until(holds: () => boolean): Promise<void> {
	for (let i = 0; i < 2_000 && !holds(); i++) await new Promise(resolve => setTimeout(resolve, 5));
	if (!holds()) throw new Error("It did not happen.");
}
