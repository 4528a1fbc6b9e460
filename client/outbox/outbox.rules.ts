/** Which operation may go next, and what an answer makes of it. Pure. */
import type { Member } from "../../contracts/chats.ts";
import type { ErrorCode } from "../../contracts/errors.ts";
import type { Message as WireMessage } from "../../contracts/messages.ts";
import type { Draft } from "../api.ts";
import { mayPass, type ParleyError } from "../errors.ts";

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
	/** Why it failed. */
	code?: ErrorCode;
	retryable?: boolean;
	/** What the server made of it. */
	message?: WireMessage;
};

/** What came of a try. */
export type Outcome = { message?: WireMessage; member?: Member } | { error: ParleyError };

/** Whether the operation is about a message that has no id yet. */
const isUnnamed = (op: Op): boolean => "messageId" in op && op.messageId === null;

const sendOf = (op: Op, ops: readonly Op[]): Op | undefined =>
	ops.find(it => it.kind === "send" && it.key === op.key);

/** Whether it will be sent by itself: what speaks of a message that failed has to wait for the user. */
export const willGo = (op: Op, ops: readonly Op[]): boolean =>
	op.state === "waiting" && !(isUnnamed(op) && sendOf(op, ops)?.state === "failed");

/** The next of a chat's operations, in order. What failed stops nobody, but those that speak of it. */
export function nextOf(ops: readonly Op[]): Op | undefined {
	const op = ops.find(it => willGo(it, ops));
	// Another tab may have asked for it while the send was under way.
	const send = op && isUnnamed(op) ? sendOf(op, ops) : undefined;
	return op && send ? named(op, send) : op;
}

/**
 * What an answer makes of an operation: waiting once more, done, failed, or gone (null: nobody has to see it).
 * What may pass is waited for without end, as giving up in an outage would put a chat out of order. Of a fault of the
 * server nobody knows whether it passes: a person may try again.
 */
export function settled(op: Op, outcome: Outcome): Op | null {
	if (!("error" in outcome)) {
		const { message } = outcome;
		// A read mark is done once the log has heard of it.
		return op.kind === "read" || message ? { ...op, state: "done", ...(message && { message }) } : null;
	}
	const { error } = outcome;
	const { code } = error;
	if (mayPass(error) || code === "UNAUTHENTICATED") return op;
	if (op.kind === "read") return null;
	return { ...op, state: "failed", code, retryable: code === "INTERNAL" };
}

/** With the id of the message that it is about, where its send has been acknowledged. */
export const named = (op: Op, { key, message }: Op): Op =>
	message && op.key === key && isUnnamed(op) ? ({ ...op, messageId: message.id } as Op) : op;

/** Whether it is about the shown message of that key and id: one that was not shown at the time knows only its id. */
export const isAbout = (op: Op, key: string, messageId?: string): boolean =>
	op.kind !== "read" &&
	(op.key === key || (messageId !== undefined && "messageId" in op && op.messageId === messageId));

/** Whether giving up a message's changes takes this operation: a send takes along what cannot be without it. */
export const isGivenUp = (op: Op, key: string, messageId?: string): boolean =>
	isAbout(op, key, messageId) && op.state !== "done";

/** Whether the log shows what the operation has done. */
export const isReached = (op: Op, cursor: number, readSeq: number): boolean =>
	op.state === "done" && (op.kind === "read" ? op.seq <= readSeq : (op.message?.rev ?? 0) <= cursor);

/** A list in the order of sending, with some of it as it now is; null is gone. */
export function edited(ops: readonly Op[], changes: ReadonlyMap<number, Op | null>): Op[] {
	const kept = ops.filter(({ n }) => !changes.has(n));
	return [...kept, ...[...changes.values()].filter(op => op !== null)].sort((a, b) => a.n - b.n);
}
