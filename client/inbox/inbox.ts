import type { InboxItem } from "../../contracts/inbox.ts";
import type { Message as WireMessage } from "../../contracts/messages.ts";
import type { ClientEvents, InboxState, Message } from "../api.ts";
import { ParleyError, parleyError } from "../errors.ts";
import type { Parts } from "../parts.ts";
import type { Users } from "../people/users.ts";
import { Store } from "../readable.ts";
import * as rules from "./inbox.rules.ts";
import { loadInbox, saveInbox } from "./inbox-store.ts";
import { InboxView, type Waiting } from "./inbox-view.ts";
import { Missed } from "./missed.ts";

const PAGE = 50;
const SYNC_PAGE = 200;
/** What came while the server was being asked; beyond it, it is asked once more. */
const EVENTS_MAX = 1_000;
const STRANGERS_MAX = 500;
/** Chats that change faster are asked for together. */
const ASK_EVERY_MS = 300;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 20_000;
const SAVE_AFTER_MS = 500;
/** Rounds of one catching up, each of which may have brought more than one page. */
const ROUNDS_MAX = 10;
const PAGES_MAX = 200;

type Change = (log: rules.InboxLog) => rules.Step;

/** What the inbox tells the other parts. */
export interface InboxPorts {
	outbox: Waiting;
	users: Users;
	/** Messages up to `seq` have reached this device. */
	delivered(chatId: string, seq: number): void;
	/** One is no longer in the chat. */
	removed(chatId: string): void;
}

/** The user's chats: asked for once, followed by events, and compared with the server after each gap. */
export class Inbox {
	readonly state: Store<InboxState>;
	readonly #parts: Parts;
	readonly #ports: InboxPorts;
	readonly #view: InboxView;
	readonly #missed: Missed;
	#log: rules.InboxLog;
	/** Of the next page; null where paging begins anew. */
	#cursor: string | null = null;
	/** What waits while the server is asked, or until the storage has been read. Null: nothing has to wait. */
	#held: Change[] | null = [];
	/** Messages that the application is told of once they are shown. */
	#news: WireMessage[] = [];
	#work: Promise<unknown> = Promise.resolve();
	#sync: Promise<void> | null = null;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#saving: ReturnType<typeof setTimeout> | undefined;
	#failures = 0;
	#askedAt = 0;
	/** Chats that the server was asked for, and those of them that are none of the user's: threads that are only read. */
	readonly #askedFor = new Set<string>();
	readonly #strangers = new Set<string>();
	#isStopped = false;

	constructor(parts: Parts, ports: InboxPorts) {
		this.#parts = parts;
		this.#ports = ports;
		this.#log = rules.emptyLog("");
		this.#view = new InboxView(parts, ports, () => this.#show());
		this.state = new Store(this.#view.of(this.#log));
		this.#missed = new Missed(parts, messages => {
			this.#news.push(...messages);
			if (!this.#held) this.#show();
		});
		this.#listen();
	}

	/** Shows what is stored. The client speaks for somebody now. */
	async start(): Promise<void> {
		const stored = await loadInbox(this.#parts.db, this.#parts.me).catch(() => null);
		this.#log = stored?.log ?? rules.emptyLog(this.#parts.me);
		for (const [chatId, card] of stored?.others ?? []) this.#view.met(chatId, card);
		this.#release();
		this.#show();
		if (this.#parts.link.state.get().status === "online") this.#ask();
	}

	has(chatId: string): boolean {
		return this.#log.items.has(chatId);
	}

	/** Resolves when all that the server had at the call is here. */
	sync(): Promise<void> {
		this.#sync ??= this.#alone(async () => {
			this.#sync = null;
			await this.#catchUp();
		});
		return this.#sync;
	}

	loadMore(): Promise<void> {
		if (!this.#log.hasMore) return Promise.resolve();
		return this.#alone(async () => {
			await this.#loadPage();
			await this.#catchUp();
		});
	}

	/** Loads pages until a chat of the user's is here. */
	async reach(chatId: string): Promise<void> {
		if (!this.has(chatId)) await this.sync();
		for (let pages = 0; !this.has(chatId) && this.#log.hasMore && pages < PAGES_MAX; pages++)
			await this.loadMore();
	}

	async stop(): Promise<void> {
		this.#isStopped = true;
		clearTimeout(this.#timer);
		this.#view.stop();
		if (this.#saving === undefined) return;
		clearTimeout(this.#saving);
		await this.#save();
	}

	/** Nobody is signed in any more. */
	clear(): void {
		clearTimeout(this.#saving);
		this.#saving = undefined;
		this.#log = rules.emptyLog("");
		this.state.set(this.#view.of(this.#log));
	}

	#listen(): void {
		const { link } = this.#parts;
		const { outbox } = this.#ports;
		link.on("message", message => {
			const { chatId, senderId } = message;
			if (senderId === this.#parts.me) this.#strangers.delete(chatId);
			if (this.#strangers.has(chatId)) return;
			if (!this.has(chatId)) this.#askedFor.add(chatId);
			this.#take(log => rules.onMessage(log, message));
		});
		for (const event of [
			"message:update",
			"message:delete",
			"message:pin",
			"message:unpin",
			"message:reaction",
		] as const)
			link.on(event, message => this.#take(log => rules.onMessageChanged(log, message)));
		link.on("chat:created", chat => {
			this.#strangers.delete(chat.id);
			this.#take(log => rules.onChatCreated(log, chat));
		});
		link.on("chat:updated", chat => this.#take(log => rules.onChatUpdated(log, chat)));
		link.on("chat:deleted", chat => this.#take(log => rules.onChatGone(log, chat.id)));
		for (const [event, joined] of [
			["chat:member-joined", 1],
			["chat:member-left", -1],
			["chat:member-updated", 0],
		] as const)
			link.on(event, change => this.#take(log => rules.onMember(log, change, joined)));
		link.on("inbox:update", update => this.#take(log => rules.onInboxUpdate(log, update)));
		link.onSocket(() => {
			this.#failures = 0;
			this.#ask();
		});
		link.onHeads(heads => {
			const isAhead = ([chatId, rev]: [string, number]) => {
				const item = this.#log.items.get(chatId);
				return item ? rev > item.chat.rev : !this.#strangers.has(chatId);
			};
			if (Object.entries(heads).some(isAhead)) this.#ask();
		});
		outbox.on(chatId => this.#outboxMoved(chatId));
	}

	/** A read mark that the server has taken is a fact; one that waits is only shown. */
	#outboxMoved(chatId: string): void {
		for (const op of this.#ports.outbox.of(chatId))
			if (op.kind === "read" && op.state === "done") {
				const { seq } = op;
				const known = this.#log.items.get(chatId)?.self.readSeq ?? 0;
				if (seq > known) this.#take(log => rules.onOwnRead(log, chatId, seq));
			}
		this.#show();
	}

	#take(change: Change): void {
		if (!this.#held) {
			this.#apply(change);
			this.#show();
		} else if (this.#held.length < EVENTS_MAX) this.#held.push(change);
		// The gap that this leaves is seen in the revisions, or in a heartbeat.
	}

	#apply(change: Change): void {
		const { log, ask, received } = change(this.#log);
		this.#log = log;
		if (ask) this.#ask();
		if (received) this.#news.push(received);
	}

	#tellNews(): void {
		const { me, emit } = this.#parts;
		const news = this.#news;
		this.#news = [];
		for (const message of news) {
			if (message.senderId === me || message.isDeleted) continue;
			const item = this.#log.items.get(message.chatId);
			if (item?.chat.capabilities.receipts) this.#ports.delivered(message.chatId, message.seq);
			const mentioned = message.mentions.includes(me);
			emit("received", { message: message as Message, mentioned } satisfies ClientEvents["received"]);
		}
	}

	/** Asks the server soon; while there is no connection, the next socket asks. */
	#ask(): void {
		if (this.#timer !== undefined || this.#isStopped) return;
		const wait = this.#failures
			? Math.min(RETRY_MIN_MS * 2 ** this.#failures, RETRY_MAX_MS)
			: Math.max(0, this.#askedAt + ASK_EVERY_MS - Date.now());
		this.#timer = setTimeout(() => {
			this.#timer = undefined;
			if (this.#parts.link.state.get().status !== "online" || this.#parts.me === "") return;
			this.sync().catch(() => {
				this.#failures++;
				this.#ask();
			});
		}, wait);
	}

	/** Runs what asks the server by itself, and holds back what comes meanwhile: it is applied to the answer. */
	#alone<T>(work: () => Promise<T>): Promise<T> {
		const done = this.#work.then(async () => {
			this.#held ??= [];
			try {
				if (this.#isStopped) throw new ParleyError("UNAVAILABLE", "The client has been ended.");
				return await work();
			} catch (err) {
				throw parleyError(err);
			} finally {
				this.#release();
				this.#show();
			}
		});
		this.#work = done.catch(() => {});
		return done;
	}

	#release(): void {
		const held = this.#held ?? [];
		this.#held = null;
		for (const change of held) this.#apply(change);
	}

	/** To a round that was of one snapshot: only its total is that of the chats here. */
	async #catchUp(): Promise<void> {
		this.#askedAt = Date.now();
		const { call } = this.#parts.link;
		if (this.#log.since === null) {
			const page = await call("inbox:list", { limit: PAGE });
			this.#log = rules.onList(this.#parts.me, page);
			this.#cursor = page.nextCursor;
			this.#found(page.items);
		} else
			for (let round = 0; round < ROUNDS_MAX; round++) {
				const pages = await this.#round();
				if (pages <= 1) break;
			}
		this.#failures = 0;
		this.#askedAt = Date.now();
	}

	async #round(): Promise<number> {
		const asked = new Set(this.#askedFor);
		for (let pages = 1; ; pages++) {
			const since = this.#log.since ?? "";
			const page = await this.#parts.link.call("inbox:sync", { since, limit: SYNC_PAGE });
			const before = this.#log;
			this.#log = rules.onChanges(before, page);
			for (const chatId of page.removed) this.#ports.removed(chatId);
			for (const { chat } of page.items) asked.delete(chat.id);
			this.#found(page.items);
			this.#missed.look(before, this.#log, page.items);
			if (page.hasMore && pages < PAGES_MAX) continue;
			for (const chatId of asked) this.#strangers.add(chatId);
			for (const chatId of this.#strangers) {
				if (this.#strangers.size <= STRANGERS_MAX) break;
				this.#strangers.delete(chatId);
			}
			this.#askedFor.clear();
			return pages;
		}
	}

	async #loadPage(): Promise<void> {
		for (let pages = 0; this.#log.hasMore && pages < PAGES_MAX; pages++) {
			const { size } = this.#log.items;
			const cursor = this.#cursor;
			const page = await this.#parts.link.call("inbox:list", { ...(cursor && { cursor }), limit: PAGE });
			this.#cursor = page.nextCursor;
			this.#log = rules.onOlder(this.#log, page);
			this.#found(page.items);
			if (this.#log.items.size > size) return;
		}
	}

	#found(items: readonly InboxItem[]): void {
		for (const { chat, self } of items)
			if (chat.capabilities.receipts && self.deliveredSeq < chat.lastSeq)
				this.#ports.delivered(chat.id, chat.lastSeq);
	}

	#show(): void {
		const next = this.#view.of(this.#log);
		const isSame = next === this.state.get();
		this.state.set(next);
		this.#tellNews();
		if (isSame || this.#log.since === null || this.#isStopped) return;
		this.#saving ??= setTimeout(() => void this.#save(), SAVE_AFTER_MS);
	}

	async #save(): Promise<void> {
		this.#saving = undefined;
		// Without it, the next start shows less; nothing is lost.
		await saveInbox(this.#parts.db, this.#log, this.#view.others()).catch(() => {});
	}
}
