/** Which operation may go next, and what an answer makes of it. Pure. */
import type { ErrorCode } from "../../contracts/errors.ts";
import type { Message as WireMessage } from "../../contracts/messages.ts";
import type { Draft } from "../api.ts";

/** What an operation does. A `messageId` that is null is not known before the send of that `key` is acknowledged. */
export type Work =
	| { kind: "send"; draft: Draft & { clientId: string } }
	| { kind: "edit"; messageId: string | null; content: string; mentions?: string[] }
	| { kind: "delete" | "pin" | "unpin"; messageId: string | null }
	| { kind: "react" | "unreact"; messageId: string | null; emoji: string }
	| { kind: "read"; seq: number };

/** One operation that waits, has failed, or is done and not yet seen in the log. */
export type Op = Work & {
	/** Its key in the table `outbox`, and its place in the order of sending. */
	n: number;
	id: string;
	chatId: string;
	/** The `key` of the shown message that it is about; of a read mark empty. */
	key: string;
	/** When it was asked for, ISO 8601. */
	at: string;
	state: "waiting" | "failed" | "done";
	/** How often it was sent: what never was can be taken back. */
	tried: number;
	/** How often the server answered that it may pass. */
	refused: number;
	/** Why it failed. */
	code?: ErrorCode;
	retryable?: boolean;
	/** What the server made of it. */
	message?: WireMessage;
};
