import type { InboxEntry } from "@parley/client";

/** The chat `steps` further down the list, around its end; from nowhere the first or the last. */
export function neighbour(items: readonly InboxEntry[], chatId: string | null, steps: 1 | -1): string | null {
	const at = items.findIndex(({ chat }) => chat.id === chatId);
	const from = at === -1 ? (steps === 1 ? -1 : items.length) : at;
	return items[(from + steps + items.length) % items.length]?.chat.id ?? null;
}

/** The next chat further down, around its end, in which something waits. */
export function nextUnread(items: readonly InboxEntry[], chatId: string | null): string | null {
	const at = items.findIndex(({ chat }) => chat.id === chatId);
	const around = [...items.slice(at + 1), ...items.slice(0, at + 1)];
	return around.find(entry => entry.unread > 0 && entry.chat.id !== chatId)?.chat.id ?? null;
}
