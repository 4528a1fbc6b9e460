import type { InboxItem } from "../../contracts/inbox.ts";
import type { UserCard } from "../api.ts";
import type { Database } from "../storage.ts";
import { activity, emptyLog, type InboxLog, unreadOf } from "./inbox.rules.ts";

const KEPT_MAX = 200;
const KEY = "inbox";

interface Stored extends Omit<InboxLog, "items" | "me" | "wanted" | "strangers"> {
	items: InboxItem[];
	others: [chatId: string, card: UserCard][];
}

/** What an earlier client of the same user kept, in this tab or another. */
export async function loadInbox(
	db: Database,
	me: string,
): Promise<{ log: InboxLog; others: [string, UserCard][] } | null> {
	const stored = await db.read(tx => tx.get<Stored>("kv", KEY));
	if (!stored) return null;
	const { items, others, ...rest } = stored;
	const log = { ...emptyLog(me), ...rest, items: new Map(items.map(item => [item.chat.id, item])) };
	return { log, others };
}

/** Keeps the first chats of the list; the others are counted, and loaded again by whoever pages on. */
export async function saveInbox(
	db: Database,
	log: InboxLog,
	others: ReadonlyMap<string, UserCard>,
): Promise<void> {
	const sorted = [...log.items.values()].sort((a, b) => (activity(a) < activity(b) ? 1 : -1));
	const items = sorted.slice(0, KEPT_MAX);
	const last = items.at(-1);
	const isCut = sorted.length > items.length && last !== undefined;
	const kept = new Map(items.map(item => [item.chat.id, item]));
	const { me: _, wanted: __, strangers: ___, ...rest } = log;
	const stored: Stored = {
		...rest,
		...(isCut && { hasMore: true, floor: activity(last) }),
		items,
		elsewhere: log.elsewhere + unreadOf(log.items) - unreadOf(kept),
		others: [...others].filter(([chatId]) => kept.has(chatId)),
	};
	await db.write(tx => tx.put("kv", KEY, stored));
}
