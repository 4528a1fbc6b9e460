/** Reading and delivering, in batches of their own. A mark that does not move tells nothing. */
import type { Member } from "../../contracts/chats.ts";
import type { Events, StatusMark } from "../../contracts/events.ts";
import type { Outcome } from "../../lib/batcher.ts";
import type { Database } from "../../lib/database.ts";
import { forbidden, notFound } from "../../lib/errors.ts";
import type { Change, ChatLog } from "../../lib/log/change.ts";
import { type Access, pairOf, readAccesses } from "../../models/access.ts";
import { capabilitiesOf } from "../../models/chat.ts";
import { readInboxUpdates } from "../../models/inbox.ts";
import { toOwnMember } from "../../models/member.ts";
import { type MarkMoved, type MarkWanted, mergeMarks, statusesOf } from "./marks.rules.ts";
import { moveMarks } from "./marks.store.ts";

/** A mark that a user moves from one of their sockets, or over REST. */
export interface MarkMove extends MarkWanted {
	socketId: string | null;
	/** Whether a message named the chat: who may not see it is told that there is no such message. */
	byMessage: boolean;
}

/** Whose inbox has changed: the socket that knows already is left out. */
export interface InboxMoved {
	userId: string;
	chatId: string;
	exceptSocketId: string | null;
}

export interface MarkEffects {
	/** For who has the chat open. */
	told(marks: StatusMark[]): void;
	/** For the readers' other devices. */
	read(moved: InboxMoved): void;
}

/** Moves marks together, and answers each with the caller's member as it now is. */
export async function markBatch(
	log: ChatLog,
	moves: MarkMove[],
	effects: MarkEffects,
): Promise<Outcome<Member>[]> {
	const { moved, accesses } = await log.change([], async change => {
		const { t } = log.db;
		const moved = await moveMarks(change.query, t, mergeMarks(moves), change.now);
		for (const { row, readMoved } of moved)
			if (readMoved) tellRead(change, row.chat_id, row.user_id, row.read_seq);
		return { moved, accesses: await readAbsent(change, log, moves, moved) };
	});
	const statuses = moved.flatMap(({ memberCount, ...it }) =>
		capabilitiesOf(memberCount).receipts ? statusesOf(it) : [],
	);
	if (statuses.length > 0) effects.told(statuses);
	for (const { row, readMoved } of moved) {
		if (!readMoved) continue;
		const [chatId, userId] = [row.chat_id, row.user_id];
		effects.read({ chatId, userId, exceptSocketId: onlySocket(moves, chatId, userId) });
	}
	const members = new Map(moved.map(({ row }) => [pairOfRow(row), toOwnMember(row)]));
	return moves.map(move => {
		const key = pairOf(move);
		const value = members.get(key);
		return value ? { value } : { error: refusalOf(move, accesses.get(key)) };
	});
}

function tellRead(change: Change, chatId: string, userId: string, readSeq: number): void {
	const data = { chatId, userId, readSeq, readAt: change.now };
	change.tell({ change: "message.read", chatId, actorId: userId, rev: null, seq: null, data });
}

/** Where several devices read at once, each may lack what another did. */
function onlySocket(moves: MarkMove[], chatId: string, userId: string): string | null {
	const sockets = new Set(
		moves.filter(move => move.chatId === chatId && move.userId === userId).map(({ socketId }) => socketId),
	);
	const [socketId] = sockets;
	return sockets.size === 1 ? (socketId ?? null) : null;
}

/** What to tell the devices of those who have read; what moved twice is told once. */
export async function inboxUpdates(db: Database, moved: InboxMoved[]): Promise<Events["inbox.moved"][]> {
	const updates = await readInboxUpdates(db.query, db.t, moved);
	return updates.map(({ userId, ...update }) => {
		const sockets = new Set(
			moved.filter(it => it.userId === userId && it.chatId === update.chatId).map(it => it.exceptSocketId),
		);
		const [only = null] = sockets;
		return { userId, update, exceptSocketId: sockets.size === 1 ? only : null };
	});
}

const pairOfRow = ({ chat_id, user_id }: MarkMoved["row"]) => pairOf({ chatId: chat_id, userId: user_id });

/** How those stand to a chat who have no marks in it. */
async function readAbsent(
	change: Change,
	log: ChatLog,
	moves: MarkMove[],
	moved: MarkMoved[],
): Promise<Map<string, Access>> {
	const present = new Set(moved.map(({ row }) => pairOfRow(row)));
	const absent = moves.filter(move => !present.has(pairOf(move)));
	const accesses = await readAccesses(change.query, log.db.t, absent);
	return new Map(accesses.map(access => [pairOf(access), access]));
}

function refusalOf({ byMessage }: MarkMove, access: Access | undefined): Error {
	if (!access || (byMessage && access.role === null)) return notFound(byMessage ? "message" : "chat");
	if (access.role === null) return forbidden("You are not a member of this channel.");
	return forbidden("You do not follow this thread: there is no mark of yours to move.");
}
