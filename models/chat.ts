import type { Capabilities, Chat, ChatType } from "../contracts/chats.ts";
import type { Message } from "../contracts/messages.ts";
import { config } from "../lib/config.ts";
import type { Query } from "../lib/database.ts";
import type { Tables } from "../lib/tables.ts";
import { type LeastMarks, type MessageRow, readLeastMarks, selectMessages, toMessage } from "./message.ts";

interface ChatRow {
	id: string;
	type: ChatType;
	name: string | null;
	description: string | null;
	metadata: Record<string, unknown>;
	avatar_url: string | null;
	announce_only: boolean;
	parent_chat_id: string | null;
	parent_message_id: string | null;
	created_by: string;
	created_at: string;
	updated_at: string;
	last_seq: number;
	rev: number;
	member_count: number;
}

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

/**
 * Chats as on the wire, in the order of `ids`; deleted ones are absent unless asked for. No rights are checked.
 * Four statements for any number of chats: call it with a page, inside the transaction whose state it shall show.
 */
export async function readChats(
	query: Query,
	t: Tables,
	ids: readonly string[],
	{ deleted = false } = {},
): Promise<Chat[]> {
	if (ids.length === 0) return [];
	const rows = await query<ChatRow>(
		`SELECT c.id, c.type, c.name, c.description, c.metadata, c.avatar_url, c.announce_only, c.parent_chat_id,
			c.parent_message_id, c.created_by, c.created_at, c.updated_at, h.last_seq, h.rev, h.member_count
		 FROM ${t.chats} c JOIN ${t.heads} h ON h.chat_id = c.id
		 WHERE c.id = ANY($1::uuid[]) AND (c.deleted_at IS NULL OR $2)`,
		[ids, deleted],
		"read-chats",
	);
	const marks = await readLeastMarks(query, t, ids, config.capabilities.receipts);
	const lasts = await query<MessageRow>(
		`${selectMessages(t)} JOIN ${t.heads} h ON h.chat_id = m.chat_id AND m.seq = h.last_seq WHERE m.chat_id = ANY($1::uuid[])`,
		[ids],
		"read-last-messages",
	);
	const lastOf = new Map(
		lasts.map(row => [row.chat_id, toMessage(row, marks.of(row.chat_id, row.sender_id))]),
	);
	const chats = new Map(rows.map(row => [row.id, toChat(row, lastOf.get(row.id) ?? null, marks)]));
	return ids.flatMap(id => chats.get(id) ?? []);
}

function toChat(row: ChatRow, lastMessage: Message | null, marks: LeastMarks): Chat {
	const capabilities = capabilitiesOf(row.member_count);
	return {
		id: row.id,
		type: row.type,
		name: row.name,
		description: row.description,
		metadata: row.metadata,
		avatarUrl: row.avatar_url,
		announceOnly: row.announce_only,
		parentChatId: row.parent_chat_id,
		parentMessageId: row.parent_message_id,
		lastSeq: row.last_seq,
		rev: row.rev,
		lastMessage,
		memberCount: row.member_count,
		...marks.of(row.id, null),
		capabilities,
		createdBy: row.created_by,
		createdAt: row.created_at,
		updatedAt: row.updated_at,
	};
}

/** A channel as those see it who are not in it: its Chat, not its messages. */
export const asOutsider = (chat: Chat): Chat => ({ ...chat, lastMessage: null });
