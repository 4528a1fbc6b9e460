import type { Receipt, SendState } from "@parley/client";

/** The mark beside one's own message. */
export type Tick = "pending" | "sent" | "delivered" | "read" | "failed";

interface Marked {
	isOwn: boolean;
	isDeleted: boolean;
	delivery: SendState;
	change: SendState | null;
}

/** What its mark says: a message that waits or failed outdoes a change of it, a change what has become of it. Null: no mark. */
export function tickOf({ isOwn, isDeleted, delivery, change }: Marked): Tick | null {
	if (isOwn && (delivery.state === "pending" || delivery.state === "failed")) return delivery.state;
	if (change && (change.state === "pending" || change.state === "failed")) return change.state;
	return isOwn && !isDeleted ? delivery.state : null;
}

/** Who has read a message, whom it has only reached, and who has not got it, each by the time it happened. */
export interface Grouped {
	read: { userId: string; at: string }[];
	delivered: { userId: string; at: string }[];
	waiting: { userId: string }[];
}

export function groupReceipts(receipts: readonly Receipt[]): Grouped {
	const grouped: Grouped = { read: [], delivered: [], waiting: [] };
	for (const { userId, readAt, deliveredAt } of receipts) {
		if (readAt !== null) grouped.read.push({ userId, at: readAt });
		else if (deliveredAt !== null) grouped.delivered.push({ userId, at: deliveredAt });
		else grouped.waiting.push({ userId });
	}
	const latestFirst = (a: { at: string }, b: { at: string }) => b.at.localeCompare(a.at);
	grouped.read.sort(latestFirst);
	grouped.delivered.sort(latestFirst);
	return grouped;
}
