import type { User } from "@parley/client";
import { useClient } from "@parley/react";
import { isFoundBy } from "./people.rules.ts";
import { useValue } from "./store.ts";
import { type Pages, usePages } from "./use-pages.ts";

const PAGE = 20;

/** People whose name begins so, but oneself; never who was found by what was typed before. */
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
	const isFound = (person: User) => person.id !== me?.id && (pages.isCurrent || isFoundBy(person, wanted));
	return { ...pages, items: pages.items?.filter(isFound) ?? null };
}
