/** How far one's own messages have got, from the marks of the others. Pure. */
import type { Message } from "../../contracts/messages.ts";
import type { SendState } from "../api.ts";
import type { Log } from "./log.rules.ts";

/** What all others have. */
export interface Least {
	deliveredSeq: number;
	readSeq: number;
}

/** Nothing is known above `capabilities.receipts`, without all members, or without others. */
export function leastOf({ chat, members, membersComplete }: Log, me: string): Least {
	const others = members.filter(({ userId }) => userId !== me);
	if (!chat.capabilities.receipts || !membersComplete || others.length === 0)
		return { deliveredSeq: 0, readSeq: 0 };
	return {
		deliveredSeq: Math.min(...others.map(member => member.deliveredSeq)),
		readSeq: Math.min(...others.map(member => member.readSeq)),
	};
}

type Sent = Extract<SendState["state"], "sent" | "delivered" | "read">;

/** Others' messages are `sent`. The server's own `status` counts where it knows more. */
export function stateOf(
	{ senderId, seq, status }: Message,
	{ deliveredSeq, readSeq }: Least,
	me: string,
): Sent {
	if (senderId !== me) return "sent";
	if (status === "READ" || readSeq >= seq) return "read";
	return status === "DELIVERED" || deliveredSeq >= seq ? "delivered" : "sent";
}
