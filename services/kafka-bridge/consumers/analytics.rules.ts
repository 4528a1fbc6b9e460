/** What is counted of an event, and into which hour and day. Times are UTC. */
import type { MessageFigures, ParleyEvent } from "../../../contracts/kafka.ts";

export type Bucket = "hour" | "day";

export interface Mark {
	bucket: Bucket;
	at: string;
	kind: "user" | "chat";
	id: string;
}

export interface Count {
	bucket: Bucket;
	at: string;
	messages: number;
}

export const hourOf = (time: string): string => `${new Date(time).toISOString().slice(0, 13)}:00:00.000Z`;
export const dayOf = (time: string): string => `${new Date(time).toISOString().slice(0, 10)}T00:00:00.000Z`;

const bucketsOf = (time: string): [Bucket, string][] => [
	["hour", hourOf(time)],
	["day", dayOf(time)],
];

/** A user is active who does anything that makes an event, a chat in which a message is sent. Sorted, each once. */
export function marksOf(events: readonly ParleyEvent[]): Mark[] {
	const marks = new Map<string, Mark>();
	for (const event of events) {
		for (const [bucket, at] of bucketsOf(event.time)) {
			const active: [Mark["kind"], string][] = [];
			if ("actorId" in event.data) active.push(["user", event.data.actorId]);
			if (event.type === "message.created") active.push(["chat", event.data.chatId]);
			for (const [kind, id] of active) marks.set(`${bucket} ${at} ${kind} ${id}`, { bucket, at, kind, id });
		}
	}
	return [...marks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, mark]) => mark);
}

/** Messages by bucket, sorted, so that two consumers lock the rows in one order. */
export function countsOf(events: readonly ParleyEvent[]): Count[] {
	const counts = new Map<string, Count>();
	for (const { type, time } of events) {
		if (type !== "message.created") continue;
		for (const [bucket, at] of bucketsOf(time)) {
			const count = counts.get(`${bucket} ${at}`) ?? { bucket, at, messages: 0 };
			count.messages++;
			counts.set(`${bucket} ${at}`, count);
		}
	}
	return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, count]) => count);
}

export function figuresOf(event: ParleyEvent<"message.created">): MessageFigures {
	const { id, chatId, senderId, type, content, mentions, replyToId, isForwarded, createdAt } = event.data;
	return {
		messageId: id,
		chatId,
		senderId,
		messageType: type,
		contentUnits: content?.length ?? 0,
		mentions: mentions.length,
		isReply: replyToId !== null,
		isForwarded,
		createdAt,
	};
}
