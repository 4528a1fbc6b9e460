import type { Chat, ChatType, Member, Role } from "@parley/client";

/** From the least to the most. */
export const ROLES = ["member", "moderator", "admin", "owner"] as const satisfies Role[];

/** The server's table of rights, so that nothing is offered that it would refuse. In a `direct` chat only those with `direct` exist. */
const RIGHTS = {
	send: { from: "member", direct: true },
	react: { from: "member", direct: true },
	makeThread: { from: "member", direct: true },
	editOwn: { from: "member", direct: true },
	deleteOwn: { from: "member", direct: true },
	mute: { from: "member", direct: true },
	leave: { from: "member", direct: false },
	pin: { from: "moderator", direct: true },
	deleteOthers: { from: "moderator", direct: false },
	silence: { from: "moderator", direct: false },
	update: { from: "admin", direct: false },
	addMembers: { from: "admin", direct: false },
	removeMember: { from: "admin", direct: false },
	changeRole: { from: "admin", direct: false },
	deleteChat: { from: "owner", direct: false },
	handOver: { from: "owner", direct: false },
} as const satisfies Record<string, { from: Role; direct: boolean }>;

export type Right = keyof typeof RIGHTS;

/** Those that exist in a thread on a message of a direct chat. */
const IN_DIRECT_THREAD: readonly Right[] = ["send", "react", "editOwn", "deleteOwn", "mute", "leave", "pin"];

/** What decides about rights. In a thread all but `chatType` are the parent's. */
export interface Standing {
	chatType: ChatType;
	ruledBy: ChatType;
	/** Null: one sees the chat and is not in it. */
	role: Role | null;
	announceOnly: boolean;
	/** ISO 8601. */
	silencedUntil: string | null;
}

type ChatPart = Pick<Chat, "type" | "announceOnly">;
type SelfPart = Pick<Member, "role" | "silencedUntil" | "leftAt">;

/** How one stands in a chat; in a thread, by its `parent`. */
export function standingOf(
	chat: ChatPart,
	self: SelfPart | null,
	parent?: { chat: ChatPart; self: SelfPart | null } | null,
): Standing {
	const ruling = parent ?? { chat, self };
	const isIn = ruling.self !== null && ruling.self.leftAt === null;
	return {
		chatType: chat.type,
		ruledBy: ruling.chat.type,
		role: isIn ? (ruling.self?.role ?? null) : null,
		announceOnly: ruling.chat.announceOnly,
		silencedUntil: isIn ? (ruling.self?.silencedUntil ?? null) : null,
	};
}

const rank = (role: Role): number => ROLES.indexOf(role);

/** Whether someone who stands so has a right at `now` (ISO 8601). */
export function may(right: Right, standing: Standing, now: string): boolean {
	const { role, ruledBy, chatType } = standing;
	if (role === null) return false;
	if (ruledBy === "direct") {
		const exists = chatType === "direct" ? RIGHTS[right].direct : IN_DIRECT_THREAD.includes(right);
		return exists && (right !== "send" || chatType !== "direct" || !isSilenced(standing, now));
	}
	if (rank(role) < rank(RIGHTS[right].from)) return false;
	return right !== "send" || whyNotSend(standing, now) === null;
}

/** Why one may not write: `null` where one may. */
export type Hindrance = { why: "not-member" } | { why: "announce-only" } | { why: "silenced"; until: string };

export function whyNotSend(standing: Standing, now: string): Hindrance | null {
	const { role, announceOnly, chatType, silencedUntil } = standing;
	if (role === null) return { why: "not-member" };
	const isRuled = standing.ruledBy !== "direct" || chatType === "direct";
	if (isRuled && silencedUntil !== null && isSilenced(standing, now))
		return { why: "silenced", until: silencedUntil };
	// Members of an announce-only chat do write in its threads.
	if (
		announceOnly &&
		chatType !== "thread" &&
		standing.ruledBy !== "direct" &&
		rank(role) < rank("moderator")
	)
		return { why: "announce-only" };
	return null;
}

const isSilenced = ({ silencedUntil }: Standing, now: string) =>
	silencedUntil !== null && silencedUntil > now;

/** One acts on roles below one's own; an owner on all. */
export const outranks = (actor: Role, target: Role): boolean =>
	actor === "owner" || rank(actor) > rank(target);

/** The roles that one may give to someone who has `target`, from the least. */
export function givableRoles(standing: Standing, target: Role, now: string): Role[] {
	const { role } = standing;
	if (role === null || !outranks(role, target) || !may("changeRole", standing, now)) return [];
	return ROLES.filter(given => (given === "owner" ? may("handOver", standing, now) : outranks(role, given)));
}

export type MessageAction =
	| "react"
	| "reply"
	| "thread"
	| "edit"
	| "copy"
	| "copyLink"
	| "forward"
	| "pin"
	| "unpin"
	| "read"
	| "receipts"
	| "delete"
	| "retry"
	| "discard";

/** What of a message decides about what may be done with it. */
export interface Subject {
	/** Null until the server has it. */
	seq: number | null;
	isOwn: boolean;
	isDeleted: boolean;
	isPinned: boolean;
	type: string;
	failed: { retryable: boolean } | null;
	/** The viewer's read mark is below it. */
	isUnread: boolean;
	/** The chat tells receipts at its size. */
	receipts: boolean;
	/** The product has addresses of messages. */
	hasLink?: boolean;
}

/** What one may do with a message, in the order in which it is offered. */
export function actionsOn(subject: Subject, standing: Standing, now: string): MessageAction[] {
	const { isOwn, isDeleted, isPinned, failed } = subject;
	if (isDeleted) return [];
	if (failed) return failed.retryable ? ["retry", "copy", "discard"] : ["copy", "discard"];
	const sent = subject.seq !== null;
	const has = (right: Right) => may(right, standing, now);
	const isThread = standing.chatType === "thread";
	const allowed: Record<MessageAction, boolean> = {
		react: sent && has("react"),
		reply: sent && has("send"),
		thread: sent && !isThread && has("makeThread"),
		edit: isOwn && subject.type === "text" && has("editOwn"),
		copy: true,
		copyLink: sent && (subject.hasLink ?? false),
		forward: sent && standing.role !== null,
		pin: sent && !isPinned && has("pin"),
		unpin: sent && isPinned && has("pin"),
		read: sent && !isOwn && subject.isUnread && standing.role !== null,
		receipts: sent && isOwn && subject.receipts,
		delete: has(isOwn ? "deleteOwn" : "deleteOthers"),
		retry: false,
		discard: false,
	};
	return (Object.keys(allowed) as MessageAction[]).filter(action => allowed[action]);
}
