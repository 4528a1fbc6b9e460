/** Who may do what to whom, and how a chat's settings change: pure. What each role may is in `lib/rights.ts`. */
import type { Chat, ChatType, Role, update } from "../../contracts/chats.ts";
import type { Params } from "../../contracts/contract.ts";
import { LIMITS } from "../../contracts/limits.ts";
import { conflict, forbidden, invalid } from "../../lib/errors.ts";
import { mayGive, outranks } from "../../lib/rights.ts";
import type { Access } from "../../models/access.ts";

/** How many members a chat may have; a thread as many as what it hangs on. */
export const membersMax = (ruledBy: ChatType): number =>
	ruledBy === "channel" ? LIMITS.channelMembersMax : LIMITS.groupMembersMax;

/** @throws VALIDATION_ERROR naming the field that brings more members than the chat may have */
export function assertRoom(access: Access, memberCount: number, more: number, field: string): void {
	const max = membersMax(access.ruledBy);
	if (memberCount + more > max) throw invalid(field, `This chat has at most ${max} members.`);
}

/** @throws FORBIDDEN where the role is not below the actor's own, and they are no owner */
export function assertMayGive(access: Access, role: Role): void {
	if (!mayGive(access.role ?? "member", role))
		throw forbidden("You may only give roles that are below your own.");
}

/** @throws FORBIDDEN where the other's role is not below the actor's own, and they are no owner */
export function assertOutranks(access: Access, target: Role): void {
	if (!outranks(access.role ?? "member", target))
		throw forbidden("You may only act on members whose role is below your own.");
}

/** @throws FORBIDDEN where someone removed them: only a member with the right can let them in again */
export function assertMayJoin(access: Access): void {
	if (access.chatType === "channel" && access.wasRemoved && !access.isMember)
		throw forbidden("You were removed from this channel.");
}

/** @throws CONFLICT for roles in a thread, where nobody has one */
export function assertRolesCount(access: Access): void {
	if (access.chatType === "thread")
		throw conflict("Roles in a thread are those in the chat that it belongs to; change them there.");
}

/** A time that has passed silences nobody. */
export const silenceUntil = (time: string | null, now: string): string | null =>
	time !== null && time > now ? time : null;

export interface MemberState {
	role: Role;
	silencedUntil: string | null;
}

/** A member after an edit; what is not named stays. */
export function editedMember(
	before: MemberState,
	edit: { role?: Role | null; silencedUntil?: string | null },
	now: string,
): MemberState {
	return {
		role: edit.role ?? before.role,
		silencedUntil:
			edit.silencedUntil === undefined ? before.silencedUntil : silenceUntil(edit.silencedUntil, now),
	};
}

export const sameMember = (a: MemberState, b: MemberState): boolean =>
	a.role === b.role && a.silencedUntil === b.silencedUntil;

export type Settings = Pick<Chat, "name" | "description" | "avatarUrl" | "metadata" | "announceOnly">;

/** A chat's settings after an edit: null empties what may be empty, and otherwise is as if not named. */
export function editedSettings(before: Settings, edit: Omit<Params<typeof update>, "chatId">): Settings {
	const text = (key: "name" | "description" | "avatarUrl") =>
		edit[key] === undefined ? before[key] : edit[key];
	return {
		name: text("name"),
		description: text("description"),
		avatarUrl: text("avatarUrl"),
		metadata: edit.metadata ?? before.metadata,
		announceOnly: edit.announceOnly ?? before.announceOnly,
	};
}
