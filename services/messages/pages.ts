/** Reading a chat's messages: its history, its pins, one of them, and whom one has reached. */
import type { Page } from "../../contracts/contract.ts";
import { LIMITS } from "../../contracts/limits.ts";
import type { Message, Receipt } from "../../contracts/messages.ts";
import { config } from "../../lib/config.ts";
import { decodeCursor, encodeCursor } from "../../lib/cursor.ts";
import type { Database } from "../../lib/database.ts";
import { notFound } from "../../lib/errors.ts";
import type { Replica } from "../../lib/replica.ts";
import { may } from "../../lib/rights.ts";
import { type Access, readAccess, requireRight } from "../../models/access.ts";
import { capabilitiesOf } from "../../models/chat.ts";
import {
	type ChatHead,
	type MessageRow,
	readHead,
	readRev,
	readThreads,
	withThread,
} from "../../models/message.ts";
import { placeOf, present, readRow } from "./messages.store.ts";
import { type PageWanted, pageRange } from "./pages.rules.ts";
import { readPinned, readReceipts, readWanted } from "./pages.store.ts";

/** The messages are read after the chat's end, so that it is at least the last of them. */
export async function history(
	db: Database,
	replica: Replica | null,
	userId: string,
	chatId: string,
	wanted: PageWanted,
): Promise<Page<Message>> {
	const { t } = db;
	const atReplica = replica && (await historyAtReplica(db, replica, userId, chatId, wanted));
	if (atReplica) return atReplica;
	return db.read(async query => {
		const [head, rows] = await Promise.all([
			readHead(query, t, chatId, config.capabilities.receipts),
			readWanted(query, t, chatId, wanted),
			requireRight(query, t, "read", chatId, userId),
		]);
		return pageOf(head, rows, wanted);
	});
}

/**
 * What a replica gives is what was written: rights, marks, the chat's end and the sizes of threads are the primary's.
 * @returns null where the replica has not got to where the primary says that the chat is
 */
async function historyAtReplica(
	db: Database,
	replica: Replica,
	userId: string,
	chatId: string,
	wanted: PageWanted,
): Promise<Page<Message> | null> {
	const { t } = db;
	// Head first: the messages are as new as that, or newer.
	const reading = replica.read(query =>
		Promise.all([readRev(query, t, chatId), readWanted(query, t, chatId, wanted)]),
	);
	const [head] = await db.read(query =>
		Promise.all([
			readHead(query, t, chatId, config.capabilities.receipts),
			requireRight(query, t, "read", chatId, userId),
		]),
	);
	const [rev, rows] = (await reading) ?? [null, []];
	if (!head || rev === null || rev < head.rev) return null;
	const threads = await readThreads(
		db.query,
		t,
		rows.map(({ id }) => id),
	);
	return pageOf(
		head,
		rows.map(row => withThread(row, threads.get(row.id))),
		wanted,
	);
}

function pageOf(head: ChatHead | null, rows: MessageRow[], wanted: PageWanted): Page<Message> {
	if (!head) throw notFound("chat");
	const lastSeq = Math.max(head.lastSeq, rows.at(-1)?.seq ?? 0);
	const { from, to, nextCursor } = pageRange(wanted, lastSeq);
	return { items: head.marks.present(rows.filter(({ seq }) => from <= seq && seq <= to)), nextCursor };
}

/**
 * A message that a user may see, and how they stand to its chat.
 * @throws NOT_FOUND where they may not see it, or there is none
 */
export async function readVisible(
	{ query, t }: Database,
	userId: string,
	messageId: string,
): Promise<{ row: MessageRow; access: Access }> {
	const place = await placeOf(query, t, messageId);
	const access = place && (await readAccess(query, t, place.chatId, userId));
	const row = place && (await readRow(query, t, place.chatId, place.seq));
	if (!row || !access || !may("read", access, new Date().toISOString())) throw notFound("message");
	return { row, access };
}

export async function getMessage(db: Database, userId: string, messageId: string): Promise<Message> {
	const { row } = await readVisible(db, userId, messageId);
	const [message] = await present(db.query, db.t, [row]);
	return message as Message;
}

export async function pins(
	{ query, t }: Database,
	userId: string,
	chatId: string,
	{ cursor, limit }: { cursor?: string | null; limit?: number | null },
): Promise<Page<Message>> {
	await requireRight(query, t, "read", chatId, userId);
	const after = cursor ? pinnedAfter(cursor) : null;
	const count = limit ?? LIMITS.pageDefault;
	const rows = await readPinned(query, t, chatId, after, count + 1);
	const last = rows[count] && rows[count - 1];
	return {
		items: await present(query, t, rows.slice(0, count)),
		nextCursor: last ? encodeCursor([last.pinned_at, last.seq]) : null,
	};
}

function pinnedAfter(cursor: string): { at: string; seq: number } {
	const [at, seq] = decodeCursor(cursor, ["isoTime", "number"]) as [string, number];
	return { at, seq };
}

/** Whom a message has reached: those who are members now, without its sender. */
export async function receipts(
	db: Database,
	userId: string,
	messageId: string,
	{ cursor, limit }: { cursor?: string | null; limit?: number | null },
): Promise<Page<Receipt>> {
	const { row, access } = await readVisible(db, userId, messageId);
	if (!capabilitiesOf(access.memberCount).receipts) return { items: [], nextCursor: null };
	const after = cursor ? receiptsAfter(cursor) : null;
	const count = limit ?? LIMITS.pageDefault;
	const rows = await readReceipts(db.query, db.t, row, after, count + 1);
	const last = rows[count] && rows[count - 1];
	return { items: rows.slice(0, count), nextCursor: last ? encodeCursor([last.userId]) : null };
}

function receiptsAfter(cursor: string): string {
	const [userId] = decodeCursor(cursor, ["uuid"]) as [string];
	return userId;
}
