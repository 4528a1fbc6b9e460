/** What a new chat is to be: pure. */
import type { ChatType, create, Role } from "../../contracts/chats.ts";
import type { Params } from "../../contracts/contract.ts";
import { invalid } from "../../lib/errors.ts";
import type { Entrant } from "../../models/membership.ts";

/** A chat that is about to be made. */
export interface Plan {
	type: ChatType;
	/** The one who makes it comes first. */
	entrants: Entrant[];
	/** One chat for each pair: equal for both. Null where it is not `direct`. */
	directKey: string | null;
	name: string | null;
	description: string | null;
	avatarUrl: string | null;
	metadata: Record<string, unknown>;
	announceOnly: boolean;
	parentChatId: string | null;
	parentMessageId: string | null;
	clientId: string | null;
}

type Wish = Params<typeof create>;

export const directKeyOf = (a: string, b: string): string => [a, b].sort().join(":");

/** Without a type one participant means `direct`, none or several a group. Oneself among them counts once. */
function typeOf({ type, participantIds }: Wish, others: readonly string[]): ChatType {
	return type ?? (others.length === 1 || participantIds.length === 1 ? "direct" : "group");
}

/** In a `direct` chat there is nothing to name or to rule: both are equal, so both are `member`. */
function assertDirect(wish: Wish, others: readonly string[]): void {
	if (others.length !== 1) throw invalid("participantIds", "A direct chat needs exactly one other user.");
	const settings = ["name", "description", "avatarUrl", "metadata"] as const;
	const named = settings.find(field => wish[field] != null) ?? (wish.announceOnly ? "announceOnly" : null);
	if (named) throw invalid(named, `A direct chat has no '${named}'.`);
}

/** @throws VALIDATION_ERROR naming the field that does not fit the type */
export function planChat(creatorId: string, wish: Wish): Plan {
	const others = [...new Set(wish.participantIds)].filter(id => id !== creatorId);
	const type = typeOf(wish, others);
	const isDirect = type === "direct";
	if (isDirect) assertDirect(wish, others);
	const creatorRole: Role = isDirect ? "member" : "owner";
	return {
		type,
		entrants: [
			{ userId: creatorId, role: creatorRole },
			...others.map(userId => ({ userId, role: "member" as const })),
		],
		directKey: isDirect ? directKeyOf(creatorId, others[0] ?? "") : null,
		name: wish.name ?? null,
		description: wish.description ?? null,
		avatarUrl: wish.avatarUrl ?? null,
		metadata: wish.metadata ?? {},
		announceOnly: wish.announceOnly ?? false,
		parentChatId: null,
		parentMessageId: null,
		clientId: wish.clientId ?? null,
	};
}

/** A thread: its rights are the parent's, so a role in it says nothing. */
export const planThread = (makerId: string, parentChatId: string, parentMessageId: string): Plan => ({
	type: "thread",
	entrants: [{ userId: makerId, role: "member" }],
	directKey: null,
	name: null,
	description: null,
	avatarUrl: null,
	metadata: {},
	announceOnly: false,
	parentChatId,
	parentMessageId,
	clientId: null,
});
