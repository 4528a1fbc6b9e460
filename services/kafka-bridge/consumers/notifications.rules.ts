/** Whom a message notifies, and in which records. */
import type { Notification, ParleyEvent } from "../../../contracts/kafka.ts";

export const RECIPIENTS_MAX = 1_000;
export const AGE_MS_MAX = 10 * 60_000;

/** Whether a notification would still be news. */
export function isNews(event: ParleyEvent, now: number): event is ParleyEvent<"message.created"> {
	return event.type === "message.created" && now - Date.parse(event.time) <= AGE_MS_MAX;
}

/** One record for each thousand of a kind; those whom it mentions first. */
export function recordsOf(
	{ data }: ParleyEvent<"message.created">,
	recipientIds: readonly string[],
): Notification[] {
	const { chatId, id: messageId, seq, senderId, mentions } = data;
	const mentioned = new Set(mentions);
	const byKind = Map.groupBy(recipientIds, id => (mentioned.has(id) ? "mention" : "message"));
	return (["mention", "message"] as const).flatMap(kind => {
		const all = byKind.get(kind) ?? [];
		const pages = Math.ceil(all.length / RECIPIENTS_MAX);
		return Array.from({ length: pages }, (_, page) => ({
			chatId,
			messageId,
			seq,
			senderId,
			kind,
			recipientIds: all.slice(page * RECIPIENTS_MAX, (page + 1) * RECIPIENTS_MAX),
		}));
	});
}
