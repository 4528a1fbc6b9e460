/** Changing one message: edit, delete, pin, react. Its chat's head is locked first, so that all of them come one by one. */
import type { Message } from "../../contracts/messages.ts";
import { notFound } from "../../lib/errors.ts";
import type { Change, ChatLog } from "../../lib/log/change.ts";
import type { Right } from "../../lib/rights.ts";
import { type Access, readAccess } from "../../models/access.ts";
import type { MessageRow } from "../../models/message.ts";
import {
	deleted,
	edited,
	pinned,
	problemOfDelete,
	problemOfEdit,
	problemOfRight,
	reacted,
	strangersMentioned,
	unpinned,
	unreacted,
} from "./messages.rules.ts";
import { findMembers, placeOf, present, readRow, saveRow } from "./messages.store.ts";
import * as extras from "./rewrite.store.ts";

/** A change of one message: who may make it, and what becomes of the message. The same object is: nothing. */
export interface Rewrite {
	told: "message.updated" | "message.deleted" | "message.pinned" | "message.unpinned" | "message.reacted";
	problem(row: MessageRow, access: Access, now: string): Error | null;
	apply(work: RewriteWork): MessageRow | Promise<MessageRow>;
}

export interface RewriteWork {
	row: MessageRow;
	access: Access;
	change: Change;
	log: ChatLog;
}

/**
 * Makes a change, raises the chat's revision by one and tells it; what changes nothing raises and tells nothing.
 * @throws NOT_FOUND where the user may not see the message, FORBIDDEN where they may, but not do this
 */
export async function rewrite(
	log: ChatLog,
	userId: string,
	messageId: string,
	how: Rewrite,
): Promise<Message> {
	const { query, t } = log.db;
	const place = await placeOf(query, t, messageId);
	if (!place) throw notFound("message");
	const { chatId, seq } = place;
	return log.change([chatId], async change => {
		const access = await readAccess(change.query, t, chatId, userId);
		const row = await readRow(change.query, t, chatId, seq);
		if (!row || !access || problemOfRight("read", access, change.now)) throw notFound("message");
		const problem = how.problem(row, access, change.now);
		if (problem) throw problem;
		const next = await how.apply({ row, access, change, log });
		if (next === row) return first(await present(change.query, t, [row]));
		const saved = { ...next, rev: change.nextRev(chatId) };
		await saveRow(change.query, t, saved);
		const message = first(await present(change.query, t, [saved]));
		change.tell({ change: how.told, chatId, rev: saved.rev, seq, actorId: userId, data: message });
		return message;
	});
}

const first = ([message]: Message[]): Message => message as Message;

const needs = (right: Right) => (_: MessageRow, access: Access, now: string) =>
	problemOfRight(right, access, now);

/** @param mentions null keeps those that are there */
export const edit = (content: string, mentions: readonly string[] | null): Rewrite => ({
	told: "message.updated",
	problem: problemOfEdit,
	async apply({ row, access, change, log }) {
		const { t } = log.db;
		const next = edited(row, content, mentions, change.now);
		const added = next.mentions.filter(id => !row.mentions.includes(id));
		const chatId = access.parentChatId ?? access.chatId;
		const members = await findMembers(
			change.query,
			t,
			added.map(userId => ({ chatId, userId })),
		);
		if (members.size < added.length) throw strangersMentioned();
		if (mentions !== null && next !== row) await extras.replaceMentions(change.query, t, row, next.mentions);
		return next;
	},
});

export const remove: Rewrite = {
	told: "message.deleted",
	problem: problemOfDelete,
	async apply({ row, change, log }) {
		const next = deleted(row, change.now);
		if (next !== row) await extras.clear(change.query, log.db.t, row);
		return next;
	},
};

export const pin: Rewrite = {
	told: "message.pinned",
	problem: needs("pin"),
	apply: ({ row, access, change }) => pinned(row, access.userId, change.now),
};

export const unpin: Rewrite = {
	told: "message.unpinned",
	problem: needs("pin"),
	apply: ({ row }) => unpinned(row),
};

export const react = (emoji: string): Rewrite => ({
	told: "message.reacted",
	problem: needs("react"),
	async apply({ row, access, change, log }) {
		if (row.deleted_at || (await extras.hasReacted(change.query, log.db.t, row, emoji, access.userId)))
			return row;
		const next = reacted(row, emoji, access.userId);
		await extras.addReaction(change.query, log.db.t, row, emoji, access.userId, change.now);
		return next;
	},
});

export const unreact = (emoji: string): Rewrite => ({
	told: "message.reacted",
	problem: needs("react"),
	async apply({ row, access, change, log }) {
		const { t } = log.db;
		if (!(await extras.removeReaction(change.query, t, row, emoji, access.userId))) return row;
		const shown = row.reactions.find(reaction => reaction.emoji === emoji)?.userIds ?? [];
		const wasShown = shown.includes(access.userId);
		const next = wasShown ? await extras.nextReactor(change.query, t, row, emoji, shown) : null;
		return unreacted(row, emoji, access.userId, next);
	},
});
