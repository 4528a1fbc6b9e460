/** The log with what waits in the outbox laid over it: what is shown. Pure. */
import type { Message as WireMessage } from "../../contracts/messages.ts";
import type { ChangeState, Message, SendState, ShownMessage } from "../api.ts";
import type { Op } from "../outbox/outbox.rules.ts";
import { same } from "../readable.ts";
import { groupBy } from "../tables.ts";
import { isAttached, type Log, newer } from "./log.rules.ts";
import { leastOf, stateOf } from "./receipts.rules.ts";

export type SendOp = Extract<Op, { kind: "send" }>;
export const isSend = (op: Op): op is SendOp => op.kind === "send";

/** One's own messages keep the key that they were sent with, so that a list sees one row from `pending` on. */
export const keyOf = ({ id, senderId, clientId }: WireMessage, me: string): string =>
	senderId === me ? clientId : id;

/** What was shown before, by key: what has not changed stays the same object. */
export type Shown = Map<string, { message: WireMessage; ops: readonly Op[]; shown: ShownMessage }>;

const NONE: readonly Op[] = [];
const PENDING: ChangeState = { state: "pending" };

/**
 * The window, then what waits to be sent, where the window reaches the log's end.
 * @param before is changed: it holds what is shown now
 */
export function overlay(log: Log | null, ops: readonly Op[], me: string, before: Shown): ShownMessage[] {
	const last = new Map(before);
	before.clear();
	const byKey = groupBy(ops, op => op.key);
	// A change of a message outside the window at the time knows only its id.
	const byId = groupBy(ops, op => ("messageId" in op && op.messageId) || "");
	const least = log && leastOf(log, me);
	const put = (
		message: WireMessage,
		key: string,
		about: readonly Op[],
		delivery?: SendState,
	): ShownMessage => {
		const held = last.get(key);
		const got = delivery ?? { state: least ? stateOf(message, least, me) : "sent" };
		const state = same(held?.shown.delivery, got);
		const isSame =
			held?.message === message && held.shown.delivery === state && same(held.ops, about) === held.ops;
		const shown = isSame ? held.shown : same(held?.shown, show(message, key, about, state, me));
		before.set(key, { message, ops: about, shown });
		return shown;
	};
	const messages = (log?.messages ?? []).map(message => {
		const key = keyOf(message, me);
		const own = byKey.get(key);
		const named = byId.get(message.id);
		const about = named && own ? [...new Set([...own, ...named])].sort((a, b) => a.n - b.n) : (own ?? named);
		return put(message, key, about ?? NONE);
	});
	if (log && !isAttached(log)) return messages;
	const waits = (op: SendOp) => Number(op.state !== "done");
	for (const op of ops.filter(isSend).sort((a, b) => waits(a) - waits(b))) {
		if (before.has(op.key) || (op.message && log && op.message.seq < log.from)) continue;
		const held = last.get(op.key)?.message;
		const pending = held?.seq === 0 && held.createdAt === op.at ? held : asMessage(op, me);
		messages.push(put(op.message ?? pending, op.key, byKey.get(op.key) ?? NONE, sendState(op)));
	}
	return messages;
}

/** A message that is not sent yet, with what is asked of it meanwhile. */
export const shownSend = (op: SendOp, me: string): ShownMessage =>
	show(asMessage(op, me), op.key, [op], sendState(op), me);

function sendState({ state, code, retryable }: SendOp): SendState {
	if (state === "failed") return { state, code: code ?? "INTERNAL", retryable: retryable ?? false };
	return { state: state === "done" ? "sent" : "pending" };
}

function show(
	message: WireMessage,
	key: string,
	about: readonly Op[],
	delivery: SendState,
	me: string,
): ShownMessage {
	let now = message;
	let change: ChangeState | null = null;
	// Once the log has what the answer told, the log's it is.
	for (const { message } of about) if (message && message.rev > now.rev) now = newer(now, message);
	for (const op of about) {
		if (op.kind === "send" || op.kind === "read" || op.state === "done") continue;
		if (op.state === "waiting") {
			now = changed(now, op, me);
			change ??= PENDING;
		} else change = refused(op);
	}
	const isPending = now.seq === 0;
	return {
		...(now as Message),
		seq: isPending ? null : now.seq,
		rev: isPending ? null : now.rev,
		key,
		isOwn: now.senderId === me,
		delivery,
		change,
	};
}

function refused(op: Exclude<Op, { kind: "send" | "read" }>): ChangeState {
	const { kind, code = "INTERNAL", retryable = false } = op;
	return { state: "failed", code, retryable, kind, content: kind === "edit" ? op.content : null };
}

/** `seq` 0 says that it has no place yet. */
function asMessage({ chatId, draft, key, at }: SendOp, senderId: string): WireMessage {
	const { content, type = "text", metadata = {}, replyToId = null, mentions = [] } = draft;
	return {
		id: key,
		chatId,
		seq: 0,
		rev: 0,
		senderId,
		clientId: key,
		createdAt: at,
		type,
		content,
		metadata: metadata as WireMessage["metadata"],
		replyToId,
		mentions,
		thread: null,
		attachments: [],
		reactions: [],
		editedAt: null,
		deletedAt: null,
		status: "SENT",
		isEdited: false,
		isDeleted: false,
		isPinned: false,
		isForwarded: false,
		pinnedAt: null,
		pinnedBy: null,
		forwardedFromId: null,
		originalSenderId: null,
	};
}

const UNPINNED = { isPinned: false, pinnedAt: null, pinnedBy: null };

/** What the server will make of it, as far as one can tell. */
function changed(message: WireMessage, op: Op, me: string): WireMessage {
	if (message.isDeleted) return message;
	const { at } = op;
	switch (op.kind) {
		case "edit": {
			const { content, mentions = message.mentions } = op;
			return { ...message, content, mentions, isEdited: true, editedAt: at };
		}
		case "delete":
			return {
				...message,
				...UNPINNED,
				content: null,
				metadata: {},
				mentions: [],
				reactions: [],
				isDeleted: true,
				deletedAt: at,
			};
		case "pin":
			return message.isPinned ? message : { ...message, isPinned: true, pinnedAt: at, pinnedBy: me };
		case "unpin":
			return { ...message, ...UNPINNED };
		case "react":
		case "unreact":
			return { ...message, reactions: reacted(message.reactions, op.emoji, me, op.kind === "react") };
		default:
			return message;
	}
}

type Reactions = WireMessage["reactions"];

function reacted(reactions: Reactions, emoji: string, me: string, isOn: boolean): Reactions {
	const held = reactions.find(reaction => reaction.emoji === emoji);
	if ((held?.userIds.includes(me) ?? false) === isOn) return reactions;
	if (!held) return [...reactions, { emoji, count: 1, userIds: [me] }];
	const userIds = isOn ? [...held.userIds, me] : held.userIds.filter(id => id !== me);
	const count = held.count + (isOn ? 1 : -1);
	return reactions.flatMap(it => (it !== held ? [it] : count > 0 ? [{ emoji, count, userIds }] : []));
}
