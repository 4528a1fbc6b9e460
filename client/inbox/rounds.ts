import type { InboxItem } from "../../contracts/inbox.ts";
import type { Parts } from "../parts.ts";
import * as rules from "./inbox.rules.ts";

const PAGE = 50;
const SYNC_PAGE = 200;
/** Rounds of one catching up, each of which may have brought more than one page. */
const ROUNDS_MAX = 10;
const PAGES_MAX = 200;

/** What the rounds work on, and whom they tell. */
export interface Asked {
	log: rules.InboxLog;
	found(items: readonly InboxItem[]): void;
	/** What `inbox:sync` said, between two states. */
	synced(before: rules.InboxLog, items: readonly InboxItem[]): void;
	removed(chatId: string): void;
}

/** Asks the server for the inbox: the first page, what has changed since, further pages. */
export class Rounds {
	readonly #parts: Parts;
	readonly #asked: Asked;
	/** Of the next page; null where paging begins anew. */
	#cursor: string | null = null;

	constructor(parts: Parts, asked: Asked) {
		this.#parts = parts;
		this.#asked = asked;
	}

	/** Up to a round that was of one snapshot: only its total is that of the chats here. */
	async catchUp(): Promise<void> {
		const asked = this.#asked;
		if (asked.log.since === null) {
			const page = await this.#parts.link.call("inbox:list", { limit: PAGE });
			asked.log = rules.onList(this.#parts.me, page);
			this.#cursor = page.nextCursor;
			asked.found(page.items);
			return;
		}
		for (let rounds = 0; rounds < ROUNDS_MAX && (await this.#round()) > 1; rounds++);
	}

	async nextPage(): Promise<void> {
		const asked = this.#asked;
		const { size } = asked.log.items;
		// Where paging began anew, the first pages hold what is here.
		for (let pages = 0; asked.log.hasMore && asked.log.items.size === size && pages < PAGES_MAX; pages++) {
			const cursor = this.#cursor;
			const page = await this.#parts.link.call("inbox:list", { ...(cursor && { cursor }), limit: PAGE });
			this.#cursor = page.nextCursor;
			asked.log = rules.onOlder(asked.log, page);
			asked.found(page.items);
		}
	}

	/** @returns how many pages it took */
	async #round(): Promise<number> {
		const asked = this.#asked;
		for (let pages = 1; ; pages++) {
			const before = asked.log;
			const since = before.since ?? "";
			const page = await this.#parts.link.call("inbox:sync", { since, limit: SYNC_PAGE });
			asked.log = rules.onChanges(before, page);
			page.removed.forEach(asked.removed);
			asked.found(page.items);
			asked.synced(before, page.items);
			if (!page.hasMore || pages === PAGES_MAX) return pages;
		}
	}
}
