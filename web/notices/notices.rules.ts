import type { InboxEntry, InboxState, Message, Status } from "@parley/client";

export const titleOf = (count: number): string => (count > 0 ? `(${count}) Parley` : "Parley");
export const badgeText = (count: number): string => (count > 99 ? "99" : String(count));

/** Whether one's own notifications of a chat are off. */
export function isMuted(entry: Pick<InboxEntry, "self">, now: number): boolean {
	const until = entry.self.mutedUntil;
	return until !== null && until !== undefined && Date.parse(until) > now;
}

/**
 * Messages that wait in chats that one has not muted; of muted ones the mentions. Of chats that are not loaded it is
 * not known whether they are muted: they count in full.
 */
export function waitingCount(
	{ items, totalUnread }: Pick<InboxState, "items" | "totalUnread">,
	now: number,
): number {
	const muted = items.filter(entry => isMuted(entry, now));
	return muted.reduce((sum, entry) => sum - entry.unread + entry.mentions, totalUnread);
}

/** Whether somebody is to be told of a message by a notification. */
export function isWorthTelling(what: {
	message: Pick<Message, "chatId" | "isDeleted" | "createdAt">;
	mentioned: boolean;
	entry: InboxEntry | undefined;
	myStatus: Status;
	/** The chat that is before their eyes now, in this tab. */
	watching: string | null;
	now: number;
}): boolean {
	const { message, mentioned, entry, now } = what;
	if (!entry || message.isDeleted || what.myStatus === "dnd") return false;
	if (message.chatId === what.watching || isMuted(entry, now)) return false;
	if (!mentioned && !entry.chat.capabilities.notifyAll) return false;
	// What was missed long ago waits in the list; only news is told.
	return now - Date.parse(message.createdAt) < 10 * 60_000;
}
