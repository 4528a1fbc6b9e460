import type { Capabilities, Chat, ChatType } from "../contracts/chats.ts";
import { config } from "../lib/config.ts";
import type { Query } from "../lib/database.ts";
import type { Tables } from "../lib/tables.ts";
import { joinThread, type LeastMarks, MESSAGE_COLUMNS, type MessageRow, toMessage } from "./message.ts";

/** A chat with its head, its last message, and the least marks of its members. */
export interface ChatRow extends Omit<MessageRow, "seq"> {
	/** Null where nothing has been sent. */
	seq: number | null;
	c_id: string;
	c_type: ChatType;
	name: string | null;
	description: string | null;
	c_metadata: Record<string, unknown>;
	avatar_url: string | null;
	announce_only: boolean;
	parent_chat_id: string | null;
	parent_message_id: string | null;
	created_by: string;
	c_created_at: string;
	updated_at: string;
	last_seq: number;
	c_rev: number;
	member_count: number;
	/** Of all members; null above `capabilities.receipts`. */
	min_delivered: number | null;
	min_read: number | null;
	/** Without the last message's sender. */
	min_delivered_others: number | null;
	min_read_others: number | null;
}

/** Columns for the chat `c` with its head `h`, and `joinLast`. */
export const CHAT_COLUMNS = `c.id AS c_id, c.type AS c_type, c.name, c.description, c.metadata AS c_metadata,
	c.avatar_url, c.announce_only, c.parent_chat_id, c.parent_message_id, c.created_by, c.created_at AS c_created_at,
	c.updated_at, h.last_seq, h.rev AS c_rev, h.member_count, low.*, ${MESSAGE_COLUMNS}`;

/** Joins the last message, by its place alone: a planner that goes by averages would read all of a long chat. */
export const joinLast = (t: Tables, receiptsMax: string): string => `LEFT JOIN LATERAL (
		SELECT * FROM ${t.messages} WHERE chat_id = h.chat_id AND seq = h.last_seq LIMIT 1
	) m ON true ${joinThread(t)}
	LEFT JOIN LATERAL (
		SELECT min(delivered_seq) AS min_delivered, min(read_seq) AS min_read,
			min(delivered_seq) FILTER (WHERE user_id <> m.sender_id) AS min_delivered_others,
			min(read_seq) FILTER (WHERE user_id <> m.sender_id) AS min_read_others
		FROM ${t.members} WHERE chat_id = h.chat_id AND left_at IS NULL AND h.member_count <= ${receiptsMax}
	) low ON true`;

/** What a chat still does with so many members. Typing goes with receipts. */
export function capabilitiesOf(memberCount: number): Capabilities {
	const { receipts, presence, notifyAll } = config.capabilities;
	return {
		typing: memberCount <= receipts,
		receipts: memberCount <= receipts,
		presence: memberCount <= presence,
		notifyAll: memberCount <= notifyAll,
	};
}

/** Rows by id; one statement for any number of chats. Marks of chats with more than `receiptsMax` members are not looked for. */
async function readRows(
	query: Query,
	t: Tables,
	ids: readonly string[],
	{ deleted, receiptsMax }: { deleted: boolean; receiptsMax: number },
): Promise<Map<string, ChatRow>> {
	const rows = await query<ChatRow>(
		`SELECT ${CHAT_COLUMNS} FROM ${t.chats} c JOIN ${t.heads} h ON h.chat_id = c.id ${joinLast(t, "$3")}
		 WHERE c.id = ANY($1::uuid[]) AND (c.deleted_at IS NULL OR $2)`,
		[ids, deleted, receiptsMax],
		"read-chats",
	);
	return new Map(rows.map(row => [row.c_id, row]));
}

/**
 * Chats as on the wire, in the order of `ids`; deleted ones are absent unless asked for. No rights are checked.
 * Call it with a page, inside the transaction whose state it shall show.
 */
export async function readChats(
	query: Query,
	t: Tables,
	ids: readonly string[],
	{ deleted = false } = {},
): Promise<Chat[]> {
	if (ids.length === 0) return [];
	const rows = await readRows(query, t, ids, { deleted, receiptsMax: config.capabilities.receipts });
	return ids.flatMap(id => {
		const row = rows.get(id);
		return row ? toChat(row) : [];
	});
}

/** One of them, which is not deleted. */
export async function readChat(query: Query, t: Tables, id: string): Promise<Chat | null> {
	const [row] = await query<ChatRow>(
		`SELECT ${CHAT_COLUMNS} FROM ${t.chats} c JOIN ${t.heads} h ON h.chat_id = c.id ${joinLast(t, "$2")}
		 WHERE c.id = $1 AND c.deleted_at IS NULL`,
		[id, config.capabilities.receipts],
		"read-chat",
	);
	return row ? toChat(row) : null;
}

/** As the most members whose marks are looked for. */
const NO_MEMBERS = -1;

/**
 * Chats that are not deleted, by id, for whoever reads their least marks beside them: they are not looked for a second
 * time. `withMarks` makes chats of them.
 */
export const readBareChats = (
	query: Query,
	t: Tables,
	ids: readonly string[],
): Promise<Map<string, ChatRow>> => readRows(query, t, ids, { deleted: false, receiptsMax: NO_MEMBERS });

export function withMarks(row: ChatRow, marks: LeastMarks): Chat {
	const all = marks.of(row.c_id, null);
	const others = row.seq === null ? null : marks.of(row.c_id, row.sender_id);
	return toChat({
		...row,
		min_delivered: all.minDeliveredSeq,
		min_read: all.minReadSeq,
		min_delivered_others: others?.minDeliveredSeq ?? null,
		min_read_others: others?.minReadSeq ?? null,
	});
}

export function toChat(row: ChatRow): Chat {
	const others = { minDeliveredSeq: row.min_delivered_others, minReadSeq: row.min_read_others };
	return {
		id: row.c_id,
		type: row.c_type,
		name: row.name,
		description: row.description,
		metadata: row.c_metadata,
		avatarUrl: row.avatar_url,
		announceOnly: row.announce_only,
		parentChatId: row.parent_chat_id,
		parentMessageId: row.parent_message_id,
		lastSeq: row.last_seq,
		rev: row.c_rev,
		lastMessage: row.seq === null ? null : toMessage(row as MessageRow, others),
		memberCount: row.member_count,
		minDeliveredSeq: row.min_delivered,
		minReadSeq: row.min_read,
		capabilities: capabilitiesOf(row.member_count),
		createdBy: row.created_by,
		createdAt: row.c_created_at,
		updatedAt: row.updated_at,
	};
}

/** A channel as those see it who are not in it: its Chat, not its messages. */
export const asOutsider = (chat: Chat): Chat => ({ ...chat, lastMessage: null });
