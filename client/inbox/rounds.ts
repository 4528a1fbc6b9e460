import type { InboxItem } from "../../contracts/inbox.ts";
import { type ParleyError, parleyError, unavailable } from "../errors.ts";
import type { Parts } from "../parts.ts";
import { inTurn, waitMs } from "../waits.ts";
import * as rules from "./inbox.rules.ts";

const PAGE = 50;
const SYNC_PAGE = 200;
/** Rounds of one catching up, each of which may have brought more than one page. */
const ROUNDS_MAX = 10;
const PAGES_MAX = 200;
/** How far a chat is looked for that is not at the top; further down it is found by scrolling, or by what comes in it. */
const REACH_PAGES_MAX = 5;
/** Chats that change faster are asked for together. */
const ASK_EVERY_MS = 300;

/** What the rounds work on, and whom they tell. */
export interface Asked {
	log: rules.InboxLog;
	/** Between the two, nothing else may be applied to the log. */
	hold(): void;
	release(): void;
	found(items: readonly InboxItem[]): void;
	/** What `inbox:sync` said, between two states. */
	synced(before: rules.InboxLog, items: readonly InboxItem[]): void;
	removed(chatId: string): void;
}

/** Asks the server for the inbox, one question at a time: the first page, what has changed since, further pages. */
export class Rounds {
	readonly #parts: Parts;
	readonly #asked: Asked;
	readonly #turns = inTurn();
	/** Of the next page; null where paging begins anew. */
	#cursor: string | null = null;
	/** A catching up that has not begun. */
	#next: Promise<void> | null = null;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#failures = 0;
	#failed: ParleyError | null = null;
	#askedAt = 0;
	#isStopped = false;

	constructor(parts: Parts, asked: Asked) {
		this.#parts = parts;
		this.#asked = asked;
		parts.link.onSocket(() => {
			this.#failures = 0;
			this.#failed = null;
			this.soon();
		});
	}

	/** Asks soon; while there is no connection, the next socket asks. */
	soon(): void {
		if (this.#timer !== undefined || this.#isStopped) return;
		const { link, times } = this.#parts;
		const wait = this.#failed
			? waitMs(times, this.#failures, this.#failed)
			: Math.max(0, this.#askedAt + ASK_EVERY_MS - Date.now());
		this.#timer = setTimeout(() => {
			this.#timer = undefined;
			if (link.state.get().status !== "online" || this.#parts.me === "") return;
			this.sync().catch(err => {
				this.#failures++;
				this.#failed = parleyError(err);
				this.soon();
			});
		}, wait);
	}

	/** Resolves when all that the server had at the call is here. */
	sync(): Promise<void> {
		this.#next ??= this.#alone(async () => {
			this.#next = null;
		});
		return this.#next;
	}

	async loadMore(): Promise<void> {
		if (this.#asked.log.hasMore) await this.#alone(() => this.#page());
	}

	/** Loads some pages until a chat of the user's is here: one that somebody has just made, or made long ago. */
	async reach(chatId: string): Promise<void> {
		const asked = this.#asked;
		if (!asked.log.items.has(chatId)) await this.sync();
		for (let pages = 0; !asked.log.items.has(chatId) && asked.log.hasMore && pages < REACH_PAGES_MAX; pages++)
			await this.loadMore();
	}

	stop(): void {
		this.#isStopped = true;
		clearTimeout(this.#timer);
	}

	/** Does `work`, then catches up. */
	#alone(work: () => Promise<void>): Promise<void> {
		return this.#turns(async () => {
			this.#asked.hold();
			try {
				if (this.#isStopped) throw unavailable("The client has ended.");
				await work();
				this.#askedAt = Date.now();
				await this.#catchUp();
				this.#failures = 0;
				this.#failed = null;
				this.#askedAt = Date.now();
			} catch (err) {
				throw parleyError(err);
			} finally {
				this.#asked.release();
			}
		});
	}

	/** Up to a round that was of one snapshot: only its total is that of the chats here. */
	async #catchUp(): Promise<void> {
		const asked = this.#asked;
		if (asked.log.since === null) {
			const page = await this.#parts.link.ask("inbox:list", { limit: PAGE });
			asked.log = rules.onList(this.#parts.me, page);
			this.#cursor = page.nextCursor;
			asked.found(page.items);
			return;
		}
		for (let rounds = 0; rounds < ROUNDS_MAX && (await this.#round()) > 1; rounds++);
	}

	async #page(): Promise<void> {
		const asked = this.#asked;
		const { size } = asked.log.items;
		// Where paging began anew, the first pages hold what is here.
		for (let pages = 0; asked.log.hasMore && asked.log.items.size === size && pages < PAGES_MAX; pages++) {
			const cursor = this.#cursor;
			const page = await this.#parts.link.ask("inbox:list", { ...(cursor && { cursor }), limit: PAGE });
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
			const page = await this.#parts.link.ask("inbox:sync", { since, limit: SYNC_PAGE });
			asked.log = rules.onChanges(before, page);
			page.removed.forEach(asked.removed);
			asked.found(page.items);
			asked.synced(before, page.items);
			if (!page.hasMore || pages === PAGES_MAX) return pages;
		}
	}
}
