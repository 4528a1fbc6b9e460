/** Writing messages into chats whose heads are locked: what sending and forwarding share. */
import type { Message, MessageType, ThreadInfo } from "../../contracts/messages.ts";
import type { Change } from "../../lib/log/change.ts";
import { bigints, texts, uuids } from "../../lib/sql-arrays.ts";
import type { Tables } from "../../lib/tables.ts";
import type { Access } from "../../models/access.ts";
import { letIn } from "../../models/membership.ts";
import { type MessageRow, toMessage } from "../../models/message.ts";

/** A message that its sender may send, before it has its place. */
export interface Draft {
	id: string;
	/** The sender, and how they stand to the chat. */
	access: Access;
	clientId: string;
	type: MessageType;
	content: string;
	metadata: Record<string, unknown>;
	replyToId: string | null;
	mentions: readonly string[];
	forwardedFromId: string | null;
	originalSenderId: string | null;
}

/** A thread that has more messages than before. */
export interface Growth {
	parentChatId: string;
	messageId: string;
	thread: ThreadInfo;
}

/**
 * Gives each draft the next place in its chat, stores them with their mentions and their senders' own marks, and
 * tells them. Who writes in a thread without following it follows it first.
 * Its transaction throws SQLSTATE 23505 where a sender has used the `clientId` in that chat before
 */
export async function append(change: Change, t: Tables, drafts: readonly Draft[]): Promise<Message[]> {
	if (drafts.length === 0) return [];
	await followThreads(change, t, drafts);
	const rows = drafts.map(draft => place(change, draft));
	insert(change, t, rows);
	return rows.map(row => {
		const message = toMessage(row, { minDeliveredSeq: null, minReadSeq: null });
		const { chatId, rev, seq, senderId: actorId } = message;
		change.tell({ change: "message.created", chatId, rev, seq, actorId, data: message });
		if (message.isForwarded)
			change.tell({ change: "message.forwarded", chatId, rev, seq, actorId, data: message });
		return message;
	});
}

/** For each thread among the drafts' chats, how long it has become. */
export function growthOf(change: Change, drafts: readonly Draft[]): Growth[] {
	const threads = new Map(drafts.map(({ access }) => [access.chatId, access]));
	return [...threads.values()].flatMap(({ chatId, parentChatId, parentMessageId }) =>
		parentChatId && parentMessageId
			? [
					{
						parentChatId,
						messageId: parentMessageId,
						thread: { chatId, count: change.head(chatId).lastSeq, lastAt: change.now },
					},
				]
			: [],
	);
}

function place(change: Change, draft: Draft): MessageRow {
	const { chatId, userId } = draft.access;
	const head = change.head(chatId);
	head.lastAt = change.now;
	return {
		chat_id: chatId,
		seq: ++head.lastSeq,
		id: draft.id,
		rev: change.nextRev(chatId),
		sender_id: userId,
		type: draft.type,
		content: draft.content,
		metadata: draft.metadata,
		client_id: draft.clientId,
		reply_to_id: draft.replyToId,
		mentions: [...draft.mentions],
		reactions: [],
		edited_at: null,
		deleted_at: null,
		pinned_at: null,
		pinned_by: null,
		forwarded_from_id: draft.forwardedFromId,
		original_sender_id: draft.originalSenderId,
		created_at: change.now,
		thread_id: null,
		thread_count: null,
		thread_at: null,
	};
}

/** Before any message has its place, so that the Chat that a follower is told agrees with the table. */
async function followThreads(change: Change, t: Tables, drafts: readonly Draft[]): Promise<void> {
	const newcomers = new Map<string, Set<string>>();
	for (const { access } of drafts) {
		if (access.isMember) continue;
		const { chatId, userId } = access;
		newcomers.set(chatId, (newcomers.get(chatId) ?? new Set()).add(userId));
	}
	for (const [chatId, userIds] of newcomers) {
		const entrants = [...userIds].map(userId => ({ userId, role: "member" as const }));
		await letIn(change, t, { chatId, entrants, actorId: null });
	}
}

/**
 * Messages, mentions and the senders' marks in one statement. The marks are locked in order of their keys, as in
 * `marks.store.ts`, which does not hold the heads: two such statements never wait for each other in a circle.
 */
function insert(change: Change, t: Tables, rows: readonly MessageRow[]): void {
	const mentions = rows.flatMap(row => row.mentions.map(userId => ({ ...row, userId })));
	const senders = new Map(rows.map(row => [`${row.chat_id}:${row.sender_id}`, row]));
	const marks = [...senders.values()];
	change.post(
		`WITH sent AS (
			INSERT INTO ${t.messages} (chat_id, seq, id, rev, sender_id, type, content, metadata, client_id, reply_to_id,
				mentions, forwarded_from_id, original_sender_id, created_at)
			SELECT chat_id, seq, id, rev, sender_id, type, content, metadata::jsonb, client_id, reply_to_id,
				string_to_array(mentions, ',')::uuid[], forwarded_from_id, original_sender_id, $14
			FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bigint[], $5::uuid[], $6::text[], $7::text[], $8::text[],
				$9::text[], $10::uuid[], $11::text[], $12::uuid[], $13::uuid[])
				AS n (chat_id, seq, id, rev, sender_id, type, content, metadata, client_id, reply_to_id, mentions,
					forwarded_from_id, original_sender_id)
		), mentioned AS (
			INSERT INTO ${t.mentions} (user_id, chat_id, seq)
			SELECT * FROM unnest($15::uuid[], $16::uuid[], $17::bigint[])
		), own AS (
			SELECT m.chat_id, m.user_id, n.seq
			FROM unnest($18::uuid[], $19::uuid[], $20::bigint[]) AS n (chat_id, user_id, seq)
			JOIN ${t.members} m ON m.chat_id = n.chat_id AND m.user_id = n.user_id
			ORDER BY m.chat_id, m.user_id FOR NO KEY UPDATE OF m
		)
		UPDATE ${t.members} m SET read_seq = GREATEST(m.read_seq, own.seq), read_at = $14,
			delivered_seq = GREATEST(m.delivered_seq, own.seq), delivered_at = $14, tx = pg_current_xact_id()
		FROM own WHERE m.chat_id = own.chat_id AND m.user_id = own.user_id`,
		[
			uuids(rows.map(row => row.chat_id)),
			bigints(rows.map(row => row.seq)),
			uuids(rows.map(row => row.id)),
			bigints(rows.map(row => row.rev)),
			uuids(rows.map(row => row.sender_id)),
			texts(rows.map(row => row.type)),
			texts(rows.map(row => row.content)),
			texts(rows.map(row => JSON.stringify(row.metadata))),
			texts(rows.map(row => row.client_id)),
			uuids(rows.map(row => row.reply_to_id)),
			texts(rows.map(row => row.mentions.join(","))),
			uuids(rows.map(row => row.forwarded_from_id)),
			uuids(rows.map(row => row.original_sender_id)),
			change.now,
			uuids(mentions.map(({ userId }) => userId)),
			uuids(mentions.map(row => row.chat_id)),
			bigints(mentions.map(row => row.seq)),
			uuids(marks.map(row => row.chat_id)),
			uuids(marks.map(row => row.sender_id)),
			bigints(marks.map(row => row.seq)),
		],
		"append-messages",
	);
}
