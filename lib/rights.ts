/** Who may do what: the one table, and the pure functions that read it. */
import { type ChatType, ROLES, type Role } from "../contracts/chats.ts";

/** The least role that has each right. In a `direct` chat only those with `direct` exist. */
export const RIGHTS = {
	read: { from: "member", direct: true },
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

/** What decides about rights. In a thread, `role` and the rest are those in its parent. */
export interface Standing {
	chatType: ChatType;
	/** In a thread the parent's. */
	ruledBy: ChatType;
	/** Null: may see the chat (a channel), but is not in it. */
	role: Role | null;
	announceOnly: boolean;
	/** ISO 8601; until then the member may not send. */
	silencedUntil: string | null;
}

export const rank = (role: Role): number => ROLES.indexOf(role);

/** Whether someone who stands so has a right at `now` (ISO 8601). */
export function may(right: Right, standing: Standing, now: string): boolean {
	const { role, ruledBy } = standing;
	if (role === null) return false;
	const rule = RIGHTS[right];
	if (ruledBy === "direct" && standing.chatType === "direct")
		return rule.direct && (right !== "send" || !isSilenced(standing, now));
	if (ruledBy === "direct") return (THREAD_IN_DIRECT as readonly Right[]).includes(right);
	if (rank(role) < rank(rule.from)) return false;
	if (right === "send")
		return !isSilenced(standing, now) && (!isAnnounceOnly(standing) || rank(role) >= rank("moderator"));
	return true;
}

/** A thread in a direct chat: both write, pin and unfollow; it has no name to change and nobody to add. */
const THREAD_IN_DIRECT = [
	"read",
	"send",
	"react",
	"editOwn",
	"deleteOwn",
	"mute",
	"leave",
	"pin",
] as const satisfies Right[];

const isSilenced = ({ silencedUntil }: Standing, now: string) =>
	silencedUntil !== null && silencedUntil > now;

/** Members of an announce-only chat do write in its threads. */
const isAnnounceOnly = ({ announceOnly, chatType }: Standing) => announceOnly && chatType !== "thread";

/** One acts on roles below one's own; an owner on all. */
export const outranks = (actor: Role, target: Role): boolean =>
	actor === "owner" || rank(actor) > rank(target);

/** One gives roles below one's own; an owner any. */
export const mayGive = (actor: Role, role: Role): boolean => outranks(actor, role);
