import type { InboxEntry } from "@parley/client";

const SHOWN_MAX = 8;

/** Chats with a word that begins so, those that begin so first; without a search the latest. */
export function matching(
	items: readonly InboxEntry[],
	search: string,
	nameOf: (entry: InboxEntry) => string,
): InboxEntry[] {
	const wanted = search.trim().toLocaleLowerCase();
	const rank = (entry: InboxEntry) => {
		const name = `${nameOf(entry)} ${entry.other?.username ?? ""}`.toLocaleLowerCase();
		if (name.startsWith(wanted)) return 0;
		return name.split(/[\s\-_.@]+/).some(word => word.startsWith(wanted)) ? 1 : 2;
	};
	return items
		.map(entry => ({ entry, rank: rank(entry) }))
		.filter(({ rank }) => rank < 2)
		.sort((a, b) => a.rank - b.rank)
		.slice(0, SHOWN_MAX)
		.map(({ entry }) => entry);
}
