/** Who is in which chat, by numbers, so that nobody has to look it up: users and chats count from 0. */
import type { Tables } from "../../lib/tables.ts";

export interface Layout {
	/** Where its users and its chats begin, so that several layouts stand beside each other. */
	firstUser: number;
	firstChat: number;
	users: number;
	chats: number;
	/** Members of each chat. */
	size: number;
	/** How far the first member of a chat is from that of the chat before it. */
	step: number;
	/** How far a chat's members are from each other. */
	stride: number;
}

/** Chats that share no member. */
export function apart(chats: number, size: number, firstUser = 0, firstChat = 0): Layout {
	return { firstUser, firstChat, users: chats * size, chats, size, step: size, stride: 1 };
}

/** Chats in which each user is in `each`, with other company in most of them; `each` is a multiple of `size`. */
export function mixed(users: number, each: number, size: number): Layout {
	const stride = Math.floor(users / each) - 1;
	return { firstUser: 0, firstChat: 0, users, chats: (users * each) / size, size, step: 1, stride };
}

/** The user at a place of a chat, both counted within the layout's own. Where chats are more than users, they go round with wider strides. */
export function userAt({ firstUser, users, step, stride }: Layout, chat: number, place: number): number {
	return firstUser + ((chat * step + place * stride * (1 + Math.floor(chat / users))) % users);
}

/** The same in SQL, whose division leaves no fraction. */
const userSql = ({ firstUser, users, step, stride }: Layout, chat: string, place: string) =>
	idSql(
		"user",
		`${firstUser} + (${chat} * ${step} + ${place} * ${stride} * (1 + ${chat} / ${users})) % ${users}`,
	);

const KIND = { user: 0, chat: 1 } as const;
type Kind = keyof typeof KIND;
const HEX_DIGITS = 12;

/** A UUIDv7 that says what it stands for. */
export const idOf = (kind: Kind, number: number): string =>
	`01900000-000${KIND[kind]}-7000-8000-${number.toString(16).padStart(HEX_DIGITS, "0")}`;

const idSql = (kind: Kind, number: string) =>
	`('01900000-000${KIND[kind]}-7000-8000-' || lpad(to_hex(${number}), ${HEX_DIGITS}, '0'))::uuid`;

/** Of a message: chat and place are both in it. */
const messageIdSql = (chat: string, seq: string) =>
	`('01900001-0000-7000-8' || lpad(to_hex(${chat} % 4096), 3, '0') || '-' || lpad(to_hex(${chat} / 4096 * 4294967296 + ${seq}), ${HEX_DIGITS}, '0'))::uuid`;

/** SQL that makes some of the users, chats, members and heads of a layout, and messages of its chats. */
export const sql = {
	/** $1 to $2: users. $3: the issuer, whose subjects are the numbers. */
	users: (t: Tables) => `
		INSERT INTO ${t.users} (id, username, display_name, issuer, subject)
		SELECT ${idSql("user", "n")}, 'load.' || n, 'Load ' || n, $3, n::text FROM generate_series($1::bigint, $2) n
		ON CONFLICT DO NOTHING`,

	/** $1 to $2: chats within the layout. */
	chats: (t: Tables, layout: Layout) => `
		INSERT INTO ${t.chats} (id, type, name, created_by)
		SELECT ${idSql("chat", `n + ${layout.firstChat}`)}, 'group', 'room ' || n, ${userSql(layout, "n", "0")}
		FROM generate_series($1::bigint, $2) n`,

	/** One revision for each member. */
	heads: (t: Tables, { firstChat, size }: Layout) => `
		INSERT INTO ${t.heads} (chat_id, rev, member_epoch, member_count)
		SELECT ${idSql("chat", `n + ${firstChat}`)}, ${size}, ${size}, ${size} FROM generate_series($1::bigint, $2) n`,

	members: (t: Tables, layout: Layout) => `
		INSERT INTO ${t.members} (chat_id, user_id, role, joined_at, rev)
		SELECT ${idSql("chat", `n + ${layout.firstChat}`)}, ${userSql(layout, "n", "place")},
			CASE place WHEN 0 THEN 'owner' ELSE 'member' END, now() + place * interval '1 microsecond', place + 1
		FROM generate_series($1::bigint, $2) n, generate_series(0, ${layout.size - 1}) place`,

	/** $1 to $2: chats within the layout. $3 to $4: places in the log of each. Its members send in turn. */
	messages: (t: Tables, layout: Layout) => `
		INSERT INTO ${t.messages} (chat_id, seq, id, rev, sender_id, type, content, client_id, created_at)
		SELECT ${idSql("chat", `n + ${layout.firstChat}`)}, seq, ${messageIdSql(`(n + ${layout.firstChat})`, "seq")},
			seq + ${layout.size}, ${userSql(layout, "n", `(seq % ${layout.size})`)},
			'text', rpad('message ' || seq, 128, '.'), 'load ' || seq, now() - ($4 - seq) * interval '1 millisecond'
		FROM generate_series($1::bigint, $2) n, generate_series($3::bigint, $4) seq`,

	/** $1 to $2: chats within the layout. $3: how many messages each has now. */
	grown: (t: Tables, { firstChat, size }: Layout) => `
		UPDATE ${t.heads} SET last_seq = $3::bigint, rev = $3::bigint + ${size}, last_at = now(), tx = pg_current_xact_id()
		WHERE chat_id IN (SELECT ${idSql("chat", `n + ${firstChat}`)} FROM generate_series($1::bigint, $2) n)`,
};
