import type { Message, MessageStatus, MessageType, Reaction } from "../contracts/messages.ts";
import type { Query } from "../lib/database.ts";
import type { Tables } from "../lib/tables.ts";

/** A row of `messages`, joined with its thread and with its chat's minima. */
export interface MessageRow {
	chat_id: string;
	seq: number;
	id: string;
	rev: number;
	sender_id: string;
	type: MessageType;
	content: string | null;
	metadata: Record<string, unknown>;
	client_id: string;
	reply_to_id: string | null;
	mentions: string[];
	reactions: Reaction[];
	edited_at: string | null;
	deleted_at: string | null;
	pinned_at: string | null;
	pinned_by: string | null;
	forwarded_from_id: string | null;
	original_sender_id: string | null;
	created_at: string;
	thread_id: string | null;
	thread_count: number | null;
	thread_at: string | null;
}

/** Of a message's chat, without the sender: what `status` is derived from. Null above `capabilities.receipts`. */
export interface Minima {
	minDeliveredSeq: number | null;
	minReadSeq: number | null;
}

const THREAD_COLUMNS = `tc.id AS thread_id, th.last_seq AS thread_count,
	CASE WHEN th.last_seq > 0 THEN th.last_at END AS thread_at`;

/** Columns for `FROM messages m` and `joinThread`. */
export const MESSAGE_COLUMNS = `m.chat_id, m.seq, m.id, m.rev, m.sender_id, m.type, m.content, m.metadata, m.client_id, m.reply_to_id,
	m.mentions, m.reactions, m.edited_at, m.deleted_at, m.pinned_at, m.pinned_by, m.forwarded_from_id,
	m.original_sender_id, m.created_at, ${THREAD_COLUMNS}`;

/** Joins the thread on the message `m`. */
export const joinThread = (t: Tables): string =>
	`LEFT JOIN ${t.chats} tc ON tc.parent_message_id = m.id AND tc.deleted_at IS NULL
	LEFT JOIN ${t.heads} th ON th.chat_id = tc.id`;

/** What a thread gives to the message that it is on: it changes without a revision of the message's chat. */
export type ThreadOfMessage = Pick<MessageRow, "thread_id" | "thread_count" | "thread_at">;

/** The threads on some messages, by the message's id. */
export async function readThreads(
	query: Query,
	t: Tables,
	messageIds: readonly string[],
): Promise<Map<string, ThreadOfMessage>> {
	if (messageIds.length === 0) return new Map();
	const rows = await query<ThreadOfMessage & { id: string }>(
		`SELECT m.id, ${THREAD_COLUMNS} FROM unnest($1::uuid[]) AS m (id) ${joinThread(t)} WHERE tc.id IS NOT NULL`,
		[messageIds],
		"read-threads",
	);
	return new Map(rows.map(({ id, ...thread }) => [id, thread]));
}

/** A message that was read at another time or place, with its thread as it is now. */
export const withThread = (row: MessageRow, thread: ThreadOfMessage | undefined): MessageRow =>
	thread
		? { ...row, ...thread }
		: row.thread_id
			? { ...row, thread_id: null, thread_count: null, thread_at: null }
			: row;

/** `SELECT … FROM messages m` with the thread on each; a caller adds WHERE, ORDER BY and LIMIT. */
export const selectMessages = (t: Tables): string =>
	`SELECT ${MESSAGE_COLUMNS} FROM ${t.messages} m ${joinThread(t)}`;

/** What is told of a message by the marks of the others. */
function statusOf(seq: number, minima: Minima): MessageStatus {
	if (minima.minReadSeq !== null && minima.minReadSeq >= seq) return "READ";
	if (minima.minDeliveredSeq !== null && minima.minDeliveredSeq >= seq) return "DELIVERED";
	return "SENT";
}

export function toMessage(row: MessageRow, minima: Minima): Message {
	return {
		id: row.id,
		chatId: row.chat_id,
		seq: row.seq,
		rev: row.rev,
		senderId: row.sender_id,
		type: row.type,
		content: row.content,
		metadata: row.metadata,
		clientId: row.client_id,
		replyToId: row.reply_to_id,
		thread: row.thread_id
			? { chatId: row.thread_id, count: row.thread_count ?? 0, lastAt: row.thread_at }
			: null,
		mentions: row.mentions,
		attachments: [],
		reactions: row.reactions,
		editedAt: row.edited_at,
		deletedAt: row.deleted_at,
		pinnedAt: row.pinned_at,
		pinnedBy: row.pinned_by,
		forwardedFromId: row.forwarded_from_id,
		originalSenderId: row.original_sender_id,
		isEdited: row.edited_at !== null,
		isDeleted: row.deleted_at !== null,
		isPinned: row.pinned_at !== null,
		isForwarded: row.forwarded_from_id !== null,
		status: statusOf(row.seq, minima),
		createdAt: row.created_at,
	};
}

interface LeastRow {
	chat_id: string;
	by: "d" | "r";
	user_id: string;
	delivered_seq: number;
	read_seq: number;
}

/** The two least marks of each kind among `own`, which holds members. */
const LEAST = `(SELECT 'd' AS by, * FROM own ORDER BY delivered_seq LIMIT 2)
	UNION ALL (SELECT 'r', * FROM own ORDER BY read_seq LIMIT 2)`;

/**
 * For each chat the two least marks of each kind, so that the least of all members but any one sender is known:
 * where the sender holds the least, the second counts. Chats above `receiptsMax` members are absent.
 */
export async function readLeastMarks(
	query: Query,
	t: Tables,
	chatIds: readonly string[],
	receiptsMax: number,
): Promise<LeastMarks> {
	const rows = await query<LeastRow>(
		`SELECT c.chat_id, x.by, x.user_id, x.delivered_seq, x.read_seq
		 FROM ${t.heads} c, LATERAL (
			WITH own AS MATERIALIZED (
				SELECT user_id, delivered_seq, read_seq FROM ${t.members} WHERE chat_id = c.chat_id AND left_at IS NULL
			) ${LEAST}
		 ) x
		 WHERE c.chat_id = ANY($1::uuid[]) AND c.member_count <= $2`,
		[chatIds, receiptsMax],
		"read-least-marks",
	);
	return new LeastMarks(rows);
}

export interface ChatHead {
	rev: number;
	lastSeq: number;
	epoch: number;
	marks: LeastMarks;
}

interface HeadRow extends Omit<LeastRow, "by"> {
	rev: number;
	last_seq: number;
	epoch: number;
	/** Null where no member's marks are looked at, as is all that is a mark's. */
	by: LeastRow["by"] | null;
}

/** `asked` is a relation `(chat_id)`; marks of chats with more than $2 members are not looked at. */
const headSql = (t: Tables, asked: string): string =>
	`SELECT h.rev, h.last_seq, h.member_epoch AS epoch, h.chat_id, x.*
	 FROM ${asked} a JOIN ${t.heads} h ON h.chat_id = a.chat_id
	 JOIN ${t.chats} c ON c.id = h.chat_id AND c.deleted_at IS NULL LEFT JOIN LATERAL (
		WITH own AS MATERIALIZED (
			SELECT user_id, delivered_seq, read_seq FROM ${t.members}
			WHERE chat_id = h.chat_id AND left_at IS NULL AND h.member_count <= $2
		) ${LEAST}
	 ) x ON true`;

/** The head of a chat that is not deleted, with its least marks, as above. */
export async function readHead(
	query: Query,
	t: Tables,
	chatId: string,
	receiptsMax: number,
): Promise<ChatHead | null> {
	const sql = headSql(t, "(SELECT $1::uuid AS chat_id)");
	const rows = await query<HeadRow>(sql, [chatId, receiptsMax], "read-head");
	return headsOf(rows).get(chatId) ?? null;
}

/** The same for many chats in one statement, by chat; those that are deleted are absent. */
export async function readHeads(
	query: Query,
	t: Tables,
	chatIds: readonly string[],
	receiptsMax: number,
): Promise<Map<string, ChatHead>> {
	const sql = headSql(t, "(SELECT * FROM unnest($1::uuid[]) AS asked (chat_id))");
	return headsOf(await query<HeadRow>(sql, [chatIds, receiptsMax], "read-heads"));
}

function headsOf(rows: readonly HeadRow[]): Map<string, ChatHead> {
	const marks = new LeastMarks(rows.filter((row): row is HeadRow & LeastRow => row.by !== null));
	return new Map(
		rows.map(({ chat_id, rev, last_seq, epoch }) => [chat_id, { rev, lastSeq: last_seq, epoch, marks }]),
	);
}

export class LeastMarks {
	readonly #byChat = new Map<string, { d: LeastRow[]; r: LeastRow[] }>();

	constructor(rows: readonly LeastRow[]) {
		for (const row of rows) {
			const marks = this.#byChat.get(row.chat_id) ?? { d: [], r: [] };
			marks[row.by].push(row);
			this.#byChat.set(row.chat_id, marks);
		}
	}

	/** The minima of a chat without `exceptUserId`; null above the threshold, or where nobody else is there. */
	of(chatId: string, exceptUserId: string | null): Minima {
		const marks = this.#byChat.get(chatId);
		const delivered = marks?.d.find(row => row.user_id !== exceptUserId)?.delivered_seq;
		const read = marks?.r.find(row => row.user_id !== exceptUserId)?.read_seq;
		return { minDeliveredSeq: delivered ?? null, minReadSeq: read ?? null };
	}

	/** Rows to messages, with the status that these marks give. */
	present(rows: readonly MessageRow[]): Message[] {
		return rows.map(row => toMessage(row, this.of(row.chat_id, row.sender_id)));
	}
}

/** Rows to messages, with the status that the marks give at this moment. */
export async function toMessages(
	query: Query,
	t: Tables,
	rows: readonly MessageRow[],
	receiptsMax: number,
): Promise<Message[]> {
	const marks = await readLeastMarks(query, t, [...new Set(rows.map(row => row.chat_id))], receiptsMax);
	return marks.present(rows);
}

/** How far a chat is here; null where it is not. */
export async function readRev(query: Query, t: Tables, chatId: string): Promise<number | null> {
	const [head] = await query<{ rev: number }>(
		`SELECT rev FROM ${t.heads} WHERE chat_id = $1`,
		[chatId],
		"read-rev",
	);
	return head?.rev ?? null;
}
