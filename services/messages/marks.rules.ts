/** Two marks of each member, delivered and read, that only move forward. */
import type { StatusMark } from "../../contracts/events.ts";
import { pairOf } from "../../models/access.ts";
import type { MemberRow } from "../../models/member.ts";

/** Up to where a member says that messages have reached them; null is the end. */
export interface MarkWanted {
	chatId: string;
	userId: string;
	kind: "read" | "delivered";
	seq: number | null;
}

export interface MarkMoved {
	/** As the member now is. */
	row: MemberRow;
	memberCount: number;
	readMoved: boolean;
	deliveredMoved: boolean;
}

/** One per member, with the highest of what was asked: reading delivers. */
export interface Marks {
	chatId: string;
	userId: string;
	readSeq: number;
	deliveredSeq: number;
}

const THE_END = Number.MAX_SAFE_INTEGER;

export function mergeMarks(wanted: readonly MarkWanted[]): Marks[] {
	const merged = new Map<string, Marks>();
	for (const { chatId, userId, kind, seq } of wanted) {
		const key = pairOf({ chatId, userId });
		const marks = merged.get(key) ?? { chatId, userId, readSeq: 0, deliveredSeq: 0 };
		const to = seq ?? THE_END;
		if (kind === "read") marks.readSeq = Math.max(marks.readSeq, to);
		marks.deliveredSeq = Math.max(marks.deliveredSeq, to);
		merged.set(key, marks);
	}
	return [...merged.values()];
}

/** What others are told of a mark that moved. Having read says that it was delivered. */
export function statusesOf({ row, readMoved, deliveredMoved }: Omit<MarkMoved, "memberCount">): StatusMark[] {
	const { chat_id: chatId, user_id: userId, read_seq, delivered_seq } = row;
	const isDeliveredNews = deliveredMoved && !(readMoved && read_seq >= delivered_seq);
	return [
		...(isDeliveredNews ? [{ chatId, userId, status: "DELIVERED" as const, seq: delivered_seq }] : []),
		...(readMoved ? [{ chatId, userId, status: "READ" as const, seq: read_seq }] : []),
	];
}
