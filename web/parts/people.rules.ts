import type { UserCard } from "@parley/client";

/** Whether the server would find them by that: a name with a word that begins so. */
export function isFoundBy({ username, displayName }: UserCard, search: string): boolean {
	const wanted = search.trim().replace(/\s+/g, " ").toLowerCase();
	return ` ${username} ${displayName}`.toLowerCase().includes(` ${wanted}`);
}
