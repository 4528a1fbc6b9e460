import type { User, UserCard } from "@parley/client";
import { useMemo } from "react";
import { useClient } from "../context.tsx";
import { constant, useReadable, useSelected } from "../use-readable.ts";

const NOBODY = constant<UserCard | null>(null);

/** Null until the server (or the storage) has told who one is. */
export function useMe(): User | null {
	return useReadable(useClient().me);
}

/** Somebody's name and picture; null until they are known. */
export function useUser(userId: string | null | undefined): UserCard | null {
	const client = useClient();
	const readable = useMemo(() => (userId ? client.user(userId) : NOBODY), [client, userId]);
	return useReadable<UserCard | null>(readable);
}

/** Several at once, in the order asked for; those not known yet are left out. */
export function useUsers(userIds: readonly string[]): readonly UserCard[] {
	const client = useClient();
	const key = userIds.join(" ");
	const readable = useMemo(() => {
		const users = key === "" ? [] : key.split(" ").map(id => client.user(id));
		return {
			get: () => users.map(user => user.get()),
			subscribe: (listener: () => void) => {
				const ends = users.map(user => user.subscribe(listener));
				return () => {
					for (const end of ends) end();
				};
			},
		};
	}, [client, key]);
	const cards = useSelected(readable, all => all);
	return useMemo(() => cards.filter(card => card !== null), [cards]);
}
