/** What an inbox knows, and what each thing heard makes of it: pure. */
import type { MemberChange } from "../../contracts/changes.ts";
import type { Chat } from "../../contracts/chats.ts";
import type { InboxUpdate } from "../../contracts/events.ts";
import type { InboxChanges, InboxItem, InboxPage } from "../../contracts/inbox.ts";
import type { Message } from "../../contracts/messages.ts";

export interface InboxLog {
	me: string;
	items: ReadonlyMap<string, InboxItem>;
	/** Unread messages of chats that are not in `items`. */
	elsewhere: number;
	/** Where `inbox:sync` goes on; null before the first list. */
	since: string | null;
	/** Whether the server has chats below the last one here. */
	hasMore: boolean;
	/** The activity of the last chat of the list's pages: what lies below it waits for its page. */
	floor: string | null;
	/** Chats of which a message came and that are not here: the next answer brings them, or they are strangers. */
	wanted: ReadonlySet<string>;
	/** Chats that are open and none of the user's, as threads that are only read; the latest of them. */
	strangers: ReadonlySet<string>;
}

const STRANGERS_MAX = 500;

/** What came of something heard. `ask`: what it means for the counts only the server can say. */
export interface Step {
	log: InboxLog;
	ask: boolean;
	/** A message of someone else that was not there before. */
	received: Message | null;
}

export const emptyLog = (me: string): InboxLog => ({
	me,
	items: new Map(),
	elsewhere: 0,
	since: null,
	hasMore: false,
	floor: null,
	wanted: new Set(),
	strangers: new Set(),
});

const stay = (log: InboxLog, ask = false): Step => ({ log, ask, received: null });

/** Sorts as the server does: the last activity, then the id. */
export const activity = ({ chat }: InboxItem): string =>
	`${chat.lastMessage?.createdAt ?? chat.createdAt} ${chat.id}`;

export const unreadOf = (items: ReadonlyMap<string, InboxItem>): number =>
	[...items.values()].reduce((sum, { unread }) => sum + unread, 0);

/** Of many at once, the list is copied once. */
function withItems(log: InboxLog, found: readonly InboxItem[]): InboxLog {
	const items = new Map(log.items);
	for (const item of found) {
		const { id, lastMessage, lastSeq } = item.chat;
		const unread = Math.max(0, lastSeq - item.self.readSeq);
		items.set(id, { ...item, unread, mentions: unread && item.mentions, lastMessage });
	}
	return { ...log, items };
}

const withItem = (log: InboxLog, item: InboxItem): InboxLog => withItems(log, [item]);

/** Reads up to `readSeq`. Which mentions are left in the middle, only the server knows. */
function withRead(log: InboxLog, item: InboxItem, readSeq: number): Step {
	if (readSeq <= item.self.readSeq) return stay(log);
	const deliveredSeq = Math.max(item.self.deliveredSeq, readSeq);
	const next = { ...item, self: { ...item.self, readSeq, deliveredSeq } };
	return stay(withItem(log, next), item.mentions > 0 && readSeq < item.chat.lastSeq);
}

/**
 * A durable event of a chat. One at or below the chat's revision is known; one beyond the next leaves a gap, for which
 * the server is asked.
 */
function onRevision(log: InboxLog, chatId: string, rev: number, apply: (item: InboxItem) => Step): Step {
	const item = log.items.get(chatId);
	if (!item || rev <= item.chat.rev) return stay(log);
	return rev > item.chat.rev + 1 ? stay(log, true) : apply(item);
}

export function onMessage(log: InboxLog, message: Message): Step {
	const { chatId, senderId } = message;
	if (!log.items.has(chatId)) {
		// Who writes in a thread follows it.
		const mayBeOwn = senderId === log.me || !log.strangers.has(chatId);
		return mayBeOwn ? stay({ ...log, wanted: new Set(log.wanted).add(chatId) }, true) : stay(log);
	}
	return onRevision(log, chatId, message.rev, item => {
		const { seq, rev } = message;
		const isOwn = senderId === log.me;
		const chat: Chat = { ...item.chat, rev, lastSeq: seq, lastMessage: message };
		const self = isOwn ? { ...item.self, readSeq: seq, deliveredSeq: seq } : item.self;
		const mentions = item.mentions + Number(message.mentions.includes(log.me));
		const next = withItem(log, { ...item, chat, self, mentions });
		return { log: next, ask: false, received: isOwn ? null : message };
	});
}

/** An edit, deletion, pin or reaction. */
export function onMessageChanged(log: InboxLog, message: Message): Step {
	return onRevision(log, message.chatId, message.rev, item => {
		const { chat, mentions, self } = item;
		const isLast = chat.lastMessage?.id === message.id;
		const next = {
			...item,
			chat: { ...chat, rev: message.rev, lastMessage: isLast ? message : chat.lastMessage },
		};
		const mayCount = message.seq > self.readSeq && (mentions > 0 || message.mentions.includes(log.me));
		return stay(withItem(log, next), mayCount);
	});
}

export function onChatUpdated(log: InboxLog, chat: Chat): Step {
	return onRevision(log, chat.id, chat.rev, item => stay(withItem(log, { ...item, chat })));
}

/** One's own Member does not come with it. */
export function onChatCreated(log: InboxLog, chat: Chat): Step {
	const item = log.items.get(chat.id);
	const strangers = new Set(log.strangers);
	strangers.delete(chat.id);
	return stay({ ...log, strangers }, !item || item.chat.rev < chat.rev);
}

/** It is gone, and with it the threads in it. What it had unread, the server says. */
export function onChatGone(log: InboxLog, chatId: string): Step {
	const items = new Map(log.items);
	for (const [id, { chat }] of items) if (id === chatId || chat.parentChatId === chatId) items.delete(id);
	return stay({ ...log, items }, true);
}

export function onMember(log: InboxLog, change: MemberChange, joined: number): Step {
	const { chatId, rev, member } = change;
	const isOwn = member.userId === log.me;
	if (isOwn && member.leftAt !== null) return onChatGone(log, chatId);
	return onRevision(log, chatId, rev, item => {
		const { readSeq, deliveredSeq, mutedUntil = null } = item.self;
		const self = isOwn ? { ...member, readSeq, deliveredSeq, mutedUntil } : item.self;
		const { capabilities = item.chat.capabilities } = change;
		const chat = { ...item.chat, rev, memberCount: item.chat.memberCount + joined, capabilities };
		return stay(withItem(log, { ...item, chat, self }));
	});
}

/** What another device of the user did. It holds where the user stood at one moment, which has no revision. */
export function onInboxUpdate(log: InboxLog, { chatId, readSeq, unread, mentions }: InboxUpdate): Step {
	const item = log.items.get(chatId);
	if (!item) return stay(log, true);
	if (readSeq < item.self.readSeq) return stay(log);
	// Nothing was read: then it was muted, or joined anew.
	if (readSeq === item.self.readSeq) return stay(log, true);
	const { log: next } = withRead(log, item, readSeq);
	const seenSeq = readSeq + unread;
	const isExact = seenSeq === item.chat.lastSeq || (mentions === 0 && seenSeq > item.chat.lastSeq);
	const now = next.items.get(chatId);
	return now && isExact ? stay(withItem(next, { ...now, mentions })) : stay(next, true);
}

/** The server has taken one's own mark from this device. */
export function onOwnRead(log: InboxLog, chatId: string, readSeq: number): Step {
	const item = log.items.get(chatId);
	return item ? withRead(log, item, readSeq) : stay(log, true);
}

/** The later of two states of one chat. Marks of another device may be ahead of either. */
function merged(old: InboxItem | undefined, found: InboxItem): InboxItem {
	if (!old) return found;
	const [older, newer] = found.chat.rev >= old.chat.rev ? [old, found] : [found, old];
	// A later state of one's own Member goes with a later mark; with the same one, the answer is later.
	const self = older.self.readSeq > newer.self.readSeq ? older.self : found.self;
	return { ...newer, self };
}

/** The first page: all is as it was when the server read it. */
export function onList(me: string, page: InboxPage): InboxLog {
	const items = new Map(page.items.map(item => [item.chat.id, item]));
	const last = page.items.at(-1);
	return {
		...emptyLog(me),
		items,
		elsewhere: page.totalUnread - unreadOf(items),
		since: page.since,
		hasMore: page.nextCursor !== null,
		floor: page.nextCursor !== null && last ? activity(last) : null,
	};
}

/** A further page; what it holds is counted once the next answer of `inbox:sync` is in. */
export function onOlder(log: InboxLog, page: InboxPage): InboxLog {
	const next = withItems(
		log,
		page.items.map(item => merged(log.items.get(item.chat.id), item)),
	);
	const last = page.items.at(-1);
	const floor = page.nextCursor === null ? null : last ? activity(last) : log.floor;
	return { ...next, hasMore: page.nextCursor !== null, floor };
}

/**
 * What changed since. Nothing else may be applied between the question and this answer; then all chats that are not in
 * it stand as they stood at that moment, and the total is theirs. It is so on the last page.
 */
export function onChanges(log: InboxLog, page: InboxChanges): InboxLog {
	const isAbove = (item: InboxItem) => log.floor === null || activity(item) > log.floor;
	const shown = page.items.filter(item => log.items.has(item.chat.id) || isAbove(item));
	const next = withItems(
		log,
		shown.map(item => merged(log.items.get(item.chat.id), item)),
	);
	const items = new Map(next.items);
	for (const chatId of page.removed) items.delete(chatId);
	const told = new Set(page.items.map(({ chat }) => chat.id));
	let wanted = new Set([...log.wanted].filter(chatId => !told.has(chatId)));
	let { strangers } = log;
	if (!page.hasMore) {
		strangers = new Set([...strangers, ...wanted].slice(-STRANGERS_MAX));
		wanted = new Set();
	}
	const elsewhere = page.totalUnread - unreadOf(items);
	return { ...next, items, elsewhere, since: page.since, wanted, strangers };
}
