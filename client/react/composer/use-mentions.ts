import type { UserCard } from "@parley/client";
import { useEffect, useId, useMemo, useState } from "react";
import { useMembers } from "../hooks/use-members.ts";
import { useMe } from "../hooks/use-user.ts";
import { complete, queryAt, suggest } from "./mentions.rules.ts";

export interface Completion {
	items: readonly UserCard[];
	active: number;
	listId: string;
	optionId: (index: number) => string;
	setActive: (index: number) => void;
	/** The text and caret with the one at `index` filled in. */
	pick: (index: number) => { text: string; caret: number } | null;
	/** Until the next `@` nothing is offered. */
	dismiss: () => void;
}

/** Who may be mentioned in a chat; `chatId` is the parent's in a thread. */
export function useMentionable(chatId: string | undefined, isWanted: boolean): readonly UserCard[] {
	const { members } = useMembers(chatId, { load: isWanted });
	return useMemo(() => members.filter(({ leftAt }) => leftAt === null).map(({ user }) => user), [members]);
}

/** What to offer for the `@word` at the caret. */
export function useMentions(text: string, caret: number, users: readonly UserCard[]): Completion {
	const me = useMe();
	const listId = useId();
	const query = useMemo(() => queryAt(text, caret), [text, caret]);
	const [dismissed, setDismissed] = useState<number | null>(null);
	const [active, setActive] = useState(0);
	const isOff = query === null || query.from === dismissed;
	const items = useMemo(
		() => (isOff || !query ? [] : suggest(users, query.text, me?.id)),
		[isOff, query, users, me],
	);
	const key = `${query?.from} ${query?.text}`;
	// biome-ignore lint/correctness/useExhaustiveDependencies: another query begins at its first suggestion.
	useEffect(() => setActive(0), [key]);
	useEffect(() => {
		if (query === null) setDismissed(null);
	}, [query]);
	return {
		items,
		active: Math.min(active, Math.max(items.length - 1, 0)),
		listId,
		optionId: index => `${listId}-${index}`,
		setActive,
		pick: index => {
			const user = items[index];
			return user && query ? complete(text, query, user.username) : null;
		},
		dismiss: () => setDismissed(query?.from ?? null),
	};
}
