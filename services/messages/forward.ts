/** Forwarding into several chats, all or none, in one change of all of them. */
import type { Message } from "../../contracts/messages.ts";
import { type Database, sqlState } from "../../lib/database.ts";
import { conflict, notFound } from "../../lib/errors.ts";
import { newId } from "../../lib/ids.ts";
import type { Change, ChatLog } from "../../lib/log/change.ts";
import { may } from "../../lib/rights.ts";
import { type Access, readAccess, readAccesses } from "../../models/access.ts";
import type { MessageRow } from "../../models/message.ts";
import { append, type Draft, type Growth, growthOf } from "./append.ts";
import { findForward, keepForward } from "./forward.store.ts";
import { problemOfRight } from "./messages.rules.ts";
import { findSent, placeOf, present, readByIds, readRow, textOfKey } from "./messages.store.ts";

export interface Forward {
	userId: string;
	messageId: string;
	chatIds: readonly string[];
	clientId: string;
}

export interface Forwarded {
	messages: Message[];
	replayed: boolean;
	growths: Growth[];
}

/**
 * Copies a message into chats, in the order given. A repeat by key answers with the first copies.
 * @throws NOT_FOUND where the message or a chat may not be seen, FORBIDDEN where a chat may not be written in,
 * CONFLICT where the message is deleted
 */
export async function forward(log: ChatLog, wanted: Forward): Promise<Forwarded> {
	const place = await placeOf(log.db.query, log.db.t, wanted.messageId);
	const heads = [...wanted.chatIds, ...(await parentsOf(log.db, wanted.chatIds))];
	const attempt = () => log.change(heads, change => forwardIn(change, log, wanted, place));
	try {
		return await attempt();
	} catch (err) {
		// The same key into other chats on another node, which no lock of ours waits for: now it is in the table.
		if (sqlState(err) !== "23505") throw err;
		return attempt();
	}
}

/** Whoever follows a thread by forwarding into it must be in its parent: its lock keeps them there. */
async function parentsOf({ query, t }: Database, chatIds: readonly string[]): Promise<string[]> {
	const rows = await query<{ id: string }>(
		`SELECT parent_chat_id AS id FROM ${t.chats} WHERE id = ANY($1::uuid[]) AND parent_chat_id IS NOT NULL`,
		[chatIds],
		"parents-of",
	);
	return rows.map(({ id }) => id);
}

async function forwardIn(
	change: Change,
	log: ChatLog,
	wanted: Forward,
	place: { chatId: string; seq: number } | null,
): Promise<Forwarded> {
	const { query } = change;
	const { t } = log.db;
	const first = await findForward(query, t, wanted.userId, wanted.clientId);
	if (first)
		return { messages: await repeat(change, log, wanted.userId, first), replayed: true, growths: [] };
	const source = await readSource(change, log, wanted.userId, place);
	const targets = await readTargets(change, log, wanted);
	const taken = await findSent(
		query,
		t,
		targets.map(({ chatId }) => ({ ...wanted, chatId })),
	);
	const drafts = targets.map((access): Draft => {
		const key = textOfKey({ ...wanted, chatId: access.chatId });
		// A send has used the key in that chat: it is another matter, and the copy takes a key of its own.
		return draftOf(source, access, taken.has(key) ? newId() : wanted.clientId);
	});
	const messages = await append(change, t, drafts);
	await keepForward(
		query,
		t,
		wanted.userId,
		wanted.clientId,
		messages.map(({ id }) => id),
	);
	return { messages, replayed: false, growths: growthOf(change, drafts) };
}

async function repeat(
	change: Change,
	log: ChatLog,
	userId: string,
	ids: readonly string[],
): Promise<Message[]> {
	const { t } = log.db;
	const rows = await readByIds(change.query, t, ids);
	const pairs = rows.map(row => ({ chatId: row.chat_id, userId }));
	const seen = (await readAccesses(change.query, t, pairs)).filter(access => may("read", access, change.now));
	if (seen.length < ids.length) throw notFound("chat");
	return present(change.query, t, rows);
}

async function readSource(
	change: Change,
	log: ChatLog,
	userId: string,
	place: { chatId: string; seq: number } | null,
): Promise<MessageRow> {
	const { t } = log.db;
	const access = place && (await readAccess(change.query, t, place.chatId, userId));
	const row = place && (await readRow(change.query, t, place.chatId, place.seq));
	if (!row || !access || !may("read", access, change.now)) throw notFound("message");
	if (row.deleted_at) throw conflict("The message is deleted.");
	return row;
}

async function readTargets(change: Change, log: ChatLog, { userId, chatIds }: Forward): Promise<Access[]> {
	const found = await readAccesses(
		change.query,
		log.db.t,
		chatIds.map(chatId => ({ chatId, userId })),
	);
	const byChat = new Map(found.map(access => [access.chatId, access]));
	return chatIds.map(chatId => {
		const access = byChat.get(chatId);
		if (!access) throw notFound("chat");
		const problem = problemOfRight("send", access, change.now);
		if (problem) throw problem;
		return access;
	});
}

const draftOf = (source: MessageRow, access: Access, clientId: string): Draft => ({
	id: newId(),
	access,
	clientId,
	type: source.type,
	content: source.content ?? "",
	metadata: source.metadata,
	replyToId: null,
	mentions: [],
	forwardedFromId: source.id,
	originalSenderId: source.original_sender_id ?? source.sender_id,
});
