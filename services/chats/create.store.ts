/** Making chats: once for a key, once for a pair, whatever happens at the same time. */
import type { Chat, create } from "../../contracts/chats.ts";
import type { Params } from "../../contracts/contract.ts";
import type { Database, Query } from "../../lib/database.ts";
import { conflict, invalid, notFound } from "../../lib/errors.ts";
import { newId } from "../../lib/ids.ts";
import type { Change, ChatLog } from "../../lib/log/change.ts";
import { readAccess } from "../../models/access.ts";
import { toMember } from "../../models/member.ts";
import { enter } from "../../models/membership.ts";
import { type Plan, planChat } from "./create.rules.ts";
import { chatsNow, showChat } from "./seen.store.ts";

/** A chat that was asked for, and whether it was there already, or made by an earlier call with the same key. */
export interface Made {
	chat: Chat;
	existed?: boolean;
	replayed?: boolean;
}

/** @throws VALIDATION_ERROR; CONFLICT where the chat that the key made is gone for its maker */
export async function createChat(
	log: ChatLog,
	creatorId: string,
	wish: Params<typeof create>,
): Promise<Made> {
	const { db } = log;
	// The key comes first: it gives the first chat even where the body is another, or no longer fits.
	const first = await findMade(db, creatorId, wish.clientId ?? null, null);
	if (first) return first;
	const plan = planChat(creatorId, wish);
	const there = plan.directKey ? await findMade(db, creatorId, null, plan.directKey) : null;
	if (there) return there;
	await assertUsersExist(db, plan);
	const chat = await log.change([], change => makeChat(change, db, creatorId, plan));
	if (chat) return { chat };
	const other = await findMade(db, creatorId, plan.clientId, plan.directKey);
	if (!other) throw notFound("chat");
	return other;
}

/**
 * Writes a planned chat with its members, and tells it: one revision for each member, the last one told.
 * @returns null where its key, pair or message has one already, perhaps since a moment ago
 */
export async function makeChat(
	change: Change,
	db: Database,
	creatorId: string,
	plan: Plan,
): Promise<Chat | null> {
	const chatId = newId();
	if (!(await insertChat(change, db, chatId, creatorId, plan))) return null;
	await change.open(chatId);
	const rows = await enter(change, db.t, chatId, plan.entrants);
	const [chat] = await chatsNow(change, db, [chatId]);
	if (!chat) throw notFound("chat");
	const about = { chatId, rev: chat.rev, actorId: creatorId };
	const newUserIds = rows.map(row => row.user_id);
	change.tell({ change: "chat.created", ...about, data: chat, newUserIds });
	for (const row of rows) {
		const data = { chatId, rev: row.rev, member: toMember(row) };
		change.tell({ change: "member.created", ...about, data });
	}
	return chat;
}

/** It waits for others that make the same, and does nothing where one of them did. */
async function insertChat(
	change: Change,
	{ t }: Database,
	chatId: string,
	creatorId: string,
	plan: Plan,
): Promise<boolean> {
	const rows = await change.query(
		`INSERT INTO ${t.chats} (id, type, name, description, metadata, avatar_url, announce_only, parent_chat_id,
			parent_message_id, direct_key, client_id, created_by, created_at, updated_at)
		 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
		 ON CONFLICT DO NOTHING RETURNING id`,
		[
			chatId,
			plan.type,
			plan.name,
			plan.description,
			JSON.stringify(plan.metadata),
			plan.avatarUrl,
			plan.announceOnly,
			plan.parentChatId,
			plan.parentMessageId,
			plan.directKey,
			plan.clientId,
			creatorId,
			change.now,
		],
		"insert-chat",
	);
	return rows.length > 0;
}

/** The chat that a key or a pair has already. The key is looked at first. */
async function findMade(
	db: Database,
	creatorId: string,
	clientId: string | null,
	directKey: string | null,
): Promise<Made | null> {
	if (clientId === null && directKey === null) return null;
	const [found] = await db.query<{ id: string; by_key: boolean }>(
		`SELECT id, coalesce(created_by = $1 AND client_id = $2, false) AS by_key FROM ${db.t.chats}
		 WHERE (created_by = $1 AND client_id = $2) OR direct_key = $3 ORDER BY by_key DESC LIMIT 1`,
		[creatorId, clientId, directKey],
		"find-made-chat",
	);
	if (!found) return null;
	if (!(await readAccess(db.query, db.t, found.id, creatorId)))
		throw conflict("The chat that was made with this key is gone; use another key.");
	const chat = await showChat(db, found.id, creatorId);
	return found.by_key ? { chat, replayed: true } : { chat, existed: true };
}

/** @throws VALIDATION_ERROR naming `participantIds` */
async function assertUsersExist(db: Database, plan: Plan): Promise<void> {
	const ids = plan.entrants.slice(1).map(({ userId }) => userId);
	if ((await knownUsers(db.query, db, ids)).size < ids.length)
		throw invalid("participantIds", "There is no such user among 'participantIds'.");
}

/** Which of some users exist. */
export async function knownUsers(
	query: Query,
	{ t }: Database,
	ids: readonly string[],
): Promise<Set<string>> {
	const rows = await query<{ id: string }>(
		`SELECT id FROM ${t.users} WHERE id = ANY($1::uuid[])`,
		[ids],
		"known-users",
	);
	return new Set(rows.map(({ id }) => id));
}
