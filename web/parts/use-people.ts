import type { User } from "@parley/client";
import { useClient } from "@parley/react";
import { useValue } from "./store.ts";
import { type Pages, usePages } from "./use-pages.ts";

const PAGE = 20;

/** People whose name begins so, but oneself. */
export function usePeople(search: string): Pages<User> {
	const client = useClient();
	const me = useValue(client.me);
	const wanted = search.trim();
	const pages = usePages<User>(
		cursor =>
			client.rest("GET /users", {
				limit: PAGE,
				...(wanted && { search: wanted }),
				...(cursor && { cursor }),
			}),
		wanted,
	);
	return { ...pages, items: pages.items?.filter(person => person.id !== me?.id) ?? null };
}
