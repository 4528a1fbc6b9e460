import type { InboxItem } from "../../contracts/inbox.ts";
import type { Message as WireMessage } from "../../contracts/messages.ts";
import type { InboxState, Message } from "../api.ts";
import { parleyError, unavailable } from "../errors.ts";
import type { Parts } from "../parts.ts";
import type { Users } from "../people/users.ts";
import { Store } from "../readable.ts";
import * as rules from "./inbox.rules.ts";
import { type Change, hear } from "./inbox-events.ts";
import { loadInbox, saveInbox } from "./inbox-store.ts";
import { InboxView, type Waiting } from "./inbox-view.ts";
import { Missed } from "./missed.ts";
import { Rounds } from "./rounds.ts";

/** What came while the server was being asked; beyond it, revisions and heartbeats tell what is missing. */
const EVENTS_MAX = 1_000;
/** Chats that change faster are asked for together. */
const ASK_EVERY_MS = 300;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 20_000;
const SAVE_AFTER_MS = 500;
/** Until the chat that somebody has just made, or made long ago, is here. */
const PAGES_MAX = 200;

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
	/** What is known of the server's inbox. */
	log = rules.emptyLog("");
	readonly state: Store<InboxState>;
	readonly removed: (chatId: string) => void;
	readonly #parts: Parts;
	readonly #ports: InboxPorts;
	readonly #view: InboxView;
	readonly #rounds: Rounds;
	readonly #missed: Missed;
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
	#isStopped = false;

	constructor(parts: Parts, ports: InboxPorts) {
		this.#parts = parts;
		this.#ports = ports;
		this.removed = ports.removed;
		this.#view = new InboxView(parts, ports, () => this.#show());
		this.state = new Store(this.#view.of(this.log));
		this.#rounds = new Rounds(parts, this);
		this.#missed = new Missed(parts, messages => {
			this.#news.push(...messages);
			if (!this.#held) this.#show();
		});
		this.#listen();
	}

	/** Shows what is stored. The client speaks for somebody now. */
	async start(): Promise<void> {
		const stored = await loadInbox(this.#parts.db, this.#parts.me).catch(() => null);
		this.log = stored?.log ?? rules.emptyLog(this.#parts.me);
		for (const [chatId, card] of stored?.others ?? []) this.#view.met(chatId, card);
		this.#release();
		this.#show();
		if (this.#parts.link.state.get().status === "online") this.#ask();
	}

	has(chatId: string): boolean {
		return this.log.items.has(chatId);
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
		if (!this.log.hasMore) return Promise.resolve();
		return this.#alone(async () => {
			await this.#rounds.nextPage();
			await this.#catchUp();
		});
	}

	/** Loads pages until a chat of the user's is here. */
	async reach(chatId: string): Promise<void> {
		if (!this.has(chatId)) await this.sync();
		for (let pages = 0; !this.has(chatId) && this.log.hasMore && pages < PAGES_MAX; pages++)
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
		this.log = rules.emptyLog("");
		this.state.set(this.#view.of(this.log));
	}

	// ── For the rounds ──

	found(items: readonly InboxItem[]): void {
		for (const { chat, self } of items)
			if (chat.capabilities.receipts && self.deliveredSeq < chat.lastSeq)
				this.#ports.delivered(chat.id, chat.lastSeq);
	}

	synced(before: rules.InboxLog, items: readonly InboxItem[]): void {
		this.#missed.look(before, this.log, items);
	}

	#listen(): void {
		const { link } = this.#parts;
		hear(link, change => this.#take(change));
		link.onSocket(() => {
			this.#failures = 0;
			this.#ask();
		});
		link.onHeads(heads => {
			const isAhead = ([chatId, rev]: [string, number]) =>
				rev > (this.log.items.get(chatId)?.chat.rev ?? 0) && !this.log.strangers.has(chatId);
			if (Object.entries(heads).some(isAhead)) this.#ask();
		});
		this.#ports.outbox.on(chatId => this.#outboxMoved(chatId));
	}

	/** A read mark that the server has taken is a fact; one that waits is only shown. */
	#outboxMoved(chatId: string): void {
		for (const op of this.#ports.outbox.of(chatId)) {
			const known = this.log.items.get(chatId)?.self.readSeq ?? 0;
			if (op.kind === "read" && op.state === "done" && op.seq > known)
				this.#take(log => rules.onOwnRead(log, chatId, op.seq));
		}
		this.#show();
	}

	#take(change: Change): void {
		if (!this.#held) {
			this.#apply(change);
			this.#show();
		} else if (this.#held.length < EVENTS_MAX) this.#held.push(change);
	}

	#apply(change: Change): void {
		const { log, ask, received } = change(this.log);
		this.log = log;
		if (ask) this.#ask();
		if (received) this.#news.push(received);
	}

	#tellNews(): void {
		const { me, emit } = this.#parts;
		const news = this.#news;
		this.#news = [];
		for (const message of news) {
			if (message.senderId === me || message.isDeleted) continue;
			const item = this.log.items.get(message.chatId);
			if (item?.chat.capabilities.receipts) this.#ports.delivered(message.chatId, message.seq);
			emit("received", { message: message as Message, mentioned: message.mentions.includes(me) });
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

	async #catchUp(): Promise<void> {
		this.#askedAt = Date.now();
		await this.#rounds.catchUp();
		this.#failures = 0;
		this.#askedAt = Date.now();
	}

	/** Runs what asks the server by itself, and holds back what comes meanwhile: it is applied to the answer. */
	#alone<T>(work: () => Promise<T>): Promise<T> {
		const done = this.#work.then(async () => {
			this.#held ??= [];
			try {
				if (this.#isStopped) throw unavailable("The client has been ended.");
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

	#show(): void {
		const next = this.#view.of(this.log);
		const isSame = next === this.state.get();
		this.state.set(next);
		this.#tellNews();
		if (isSame || this.log.since === null || this.#isStopped) return;
		this.#saving ??= setTimeout(() => void this.#save(), SAVE_AFTER_MS);
	}

	async #save(): Promise<void> {
		this.#saving = undefined;
		// Without it, the next start shows less; nothing is lost.
		await saveInbox(this.#parts.db, this.log, this.#view.others()).catch(() => {});
	}
}
