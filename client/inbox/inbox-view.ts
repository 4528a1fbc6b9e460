import type { InboxItem } from "../../contracts/inbox.ts";
import type { InboxEntry, InboxState, UserCard } from "../api.ts";
import type { Op } from "../outbox/outbox.rules.ts";
import type { Parts } from "../parts.ts";
import type { Users } from "../people/users.ts";
import { same } from "../readable.ts";
import { activity, type InboxLog } from "./inbox.rules.ts";

const AT_ONCE_MAX = 3;
const RETRY_MS = 5_000;

/** What the inbox reads of the outbox. */
export interface Waiting {
	of(chatId: string): readonly Op[];
	on(listener: (chatId: string) => void): () => void;
	/** Up to where one has read with the marks that wait; 0 where none does. */
	readSeq(chatId: string): number;
}

interface Shown {
	item: InboxItem;
	readSeq: number;
	other: UserCard | null;
	entry: InboxEntry;
	/** What it is sorted by. */
	at: string;
}

/** The inbox as it is shown: with the read marks that wait, and with the other one of each direct chat. */
export class InboxView {
	readonly #parts: Parts;
	readonly #ports: { outbox: Waiting; users: Users };
	/** Who the other one is, by direct chat. */
	readonly #others = new Map<string, string>();
	readonly #asking = new Set<string>();
	#shown = new Map<string, Shown>();
	#items: readonly InboxEntry[] = [];
	#timer: ReturnType<typeof setTimeout> | undefined;
	readonly #changed: () => void;
	readonly #stop: () => void;

	/** @param changed is called when someone in it looks different */
	constructor(parts: Parts, ports: { outbox: Waiting; users: Users }, changed: () => void) {
		this.#parts = parts;
		this.#ports = ports;
		this.#changed = changed;
		const mine = (userId: string) => [...this.#others.values()].includes(userId);
		const ends = [ports.users.changed.add(userId => mine(userId) && changed()), parts.link.onSocket(changed)];
		this.#stop = () => {
			for (const end of ends) end();
		};
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#stop();
	}

	met(chatId: string, card: UserCard): void {
		this.#others.set(chatId, card.id);
		this.#ports.users.saw([card]);
	}

	others(): Map<string, UserCard> {
		const cards = new Map<string, UserCard>();
		for (const [chatId, { other }] of this.#shown) if (other) cards.set(chatId, other);
		return cards;
	}

	of(log: InboxLog): InboxState {
		const shown = new Map<string, Shown>();
		for (const [chatId, item] of log.items) shown.set(chatId, this.#entry(item));
		const unknown = [...shown.values()].filter(({ item, other }) => item.chat.type === "direct" && !other);
		this.#meet(unknown.map(({ item }) => item.chat.id));
		const entries = [...shown.values()].sort((a, b) => (a.at < b.at ? 1 : -1)).map(({ entry }) => entry);
		this.#shown = shown;
		const sum = (count: (entry: InboxEntry) => number) => entries.reduce((n, entry) => n + count(entry), 0);
		this.#items = same(this.#items, entries);
		return {
			items: this.#items,
			totalUnread: log.elsewhere + sum(entry => entry.unread),
			totalMentions: sum(entry => entry.mentions),
			hasMore: log.hasMore,
			loaded: log.since !== null,
		};
	}

	#entry(item: InboxItem): Shown {
		const chatId = item.chat.id;
		const readSeq = Math.max(item.self.readSeq, this.#ports.outbox.readSeq(chatId));
		const otherId = this.#others.get(chatId);
		const other = otherId === undefined ? null : this.#ports.users.user(otherId).get();
		const old = this.#shown.get(chatId);
		if (old && old.item === item && old.readSeq === readSeq && old.other === other) return old;
		const unread = Math.max(0, item.chat.lastSeq - readSeq);
		const entry = { ...item, unread, mentions: unread && item.mentions, other } as InboxEntry;
		return { item, readSeq, other, entry, at: activity(item) };
	}

	/** A Chat does not name its members. */
	#meet(chatIds: readonly string[]): void {
		const { link, me } = this.#parts;
		if (link.state.get().status !== "online" || this.#timer !== undefined) return;
		for (const chatId of chatIds) {
			if (this.#asking.size >= AT_ONCE_MAX) return;
			if (this.#asking.has(chatId) || this.#others.has(chatId)) continue;
			this.#asking.add(chatId);
			link
				.rest("GET /chats/:chatId/members", { chatId, limit: 2 })
				.then(
					({ items }) => {
						const other = items.find(({ userId }) => userId !== me) ?? items[0];
						if (other) this.met(chatId, other.user);
					},
					() => {
						this.#timer ??= setTimeout(() => {
							this.#timer = undefined;
							this.#changed();
						}, RETRY_MS);
					},
				)
				.finally(() => {
					this.#asking.delete(chatId);
					this.#changed();
				});
		}
	}
}
