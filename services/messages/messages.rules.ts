/** What becomes of a message when someone edits, deletes, pins or reacts. What changes nothing gives the same object back. */
import { LIMITS } from "../../contracts/limits.ts";
import { conflict, forbidden, invalid } from "../../lib/errors.ts";
import { may, type Right } from "../../lib/rights.ts";
import type { Access } from "../../models/access.ts";
import type { MessageRow } from "../../models/message.ts";

/** @throws CONFLICT where the message is deleted */
export function edited(
	row: MessageRow,
	content: string,
	mentions: readonly string[] | null,
	now: string,
): MessageRow {
	if (row.deleted_at) throw conflict("The message is deleted.");
	const same = row.content === content && (mentions === null || areSame(row.mentions, mentions));
	return same ? row : { ...row, content, mentions: [...(mentions ?? row.mentions)], edited_at: now };
}

const areSame = (a: readonly string[], b: readonly string[]) =>
	a.length === b.length && a.every(id => b.includes(id));

/** A deleted message keeps its place and loses what it held; it is pinned no more. */
export function deleted(row: MessageRow, now: string): MessageRow {
	if (row.deleted_at) return row;
	return {
		...row,
		content: null,
		metadata: {},
		mentions: [],
		reactions: [],
		pinned_at: null,
		pinned_by: null,
		deleted_at: now,
	};
}

export function pinned(row: MessageRow, userId: string, now: string): MessageRow {
	return row.deleted_at || row.pinned_at ? row : { ...row, pinned_at: now, pinned_by: userId };
}

export function unpinned(row: MessageRow): MessageRow {
	return row.pinned_at ? { ...row, pinned_at: null, pinned_by: null } : row;
}

/**
 * With one more who reacted.
 * @throws VALIDATION_ERROR where the message has as many different emojis as it may
 */
export function reacted(row: MessageRow, emoji: string, userId: string): MessageRow {
	const { reactions } = row;
	if (!reactions.some(reaction => reaction.emoji === emoji)) {
		if (reactions.length >= LIMITS.emojisPerMessageMax)
			throw invalid("emoji", `A message has at most ${LIMITS.emojisPerMessageMax} different emojis.`);
		return { ...row, reactions: [...reactions, { emoji, count: 1, userIds: [userId] }] };
	}
	const one = (reaction: (typeof reactions)[number]) => ({
		...reaction,
		count: reaction.count + 1,
		userIds: [...reaction.userIds, userId].slice(0, LIMITS.reactionUserIdsMax),
	});
	return { ...row, reactions: reactions.map(it => (it.emoji === emoji ? one(it) : it)) };
}

/**
 * With one less who reacted.
 * @param nextUserId who comes after those shown, where one of them went
 */
export function unreacted(
	row: MessageRow,
	emoji: string,
	userId: string,
	nextUserId: string | null,
): MessageRow {
	const reactions = row.reactions.flatMap(reaction => {
		if (reaction.emoji !== emoji) return [reaction];
		if (reaction.count <= 1) return [];
		const left = reaction.userIds.filter(id => id !== userId);
		const userIds = nextUserId && left.length < reaction.userIds.length ? [...left, nextUserId] : left;
		return [{ emoji, count: reaction.count - 1, userIds }];
	});
	return { ...row, reactions };
}

/** What a send is judged by, beside the sender's standing. */
export interface SendFacts {
	mentions: readonly string[];
	isMember(userId: string): boolean;
	/** Whether the message that it replies to is in the chat; true where it replies to none. */
	isReplyHere: boolean;
}

/** Why someone may not send this, or null. */
export function problemOfSend(access: Access, facts: SendFacts, now: string): Error | null {
	const right = problemOfRight("send", access, now);
	if (right) return right;
	if (!facts.isReplyHere) return invalid("replyToId", "The message to reply to is not in this chat.");
	if (!facts.mentions.every(facts.isMember)) return strangersMentioned();
	return null;
}

export const strangersMentioned = () => invalid("mentions", "Only members of the chat can be mentioned.");

/** Why someone who may see a chat may not do this in it, or null. */
export function problemOfRight(right: Right, access: Access, now: string): Error | null {
	if (may(right, access, now)) return null;
	if (access.role === null) return forbidden("You are not a member of this channel.");
	if (right !== "send") return forbidden("You have not the right to do this here.");
	const silenced = access.silencedUntil !== null && access.silencedUntil > now;
	return forbidden(
		silenced ? `You may not write before ${access.silencedUntil}.` : "You may not write here.",
	);
}

export function problemOfEdit(row: MessageRow, access: Access, now: string): Error | null {
	if (row.sender_id !== access.userId) return forbidden("Only its sender may edit a message.");
	return problemOfRight("editOwn", access, now);
}

export const problemOfDelete = (row: MessageRow, access: Access, now: string): Error | null =>
	problemOfRight(row.sender_id === access.userId ? "deleteOwn" : "deleteOthers", access, now);
