import type { InboxItem } from "../../contracts/inbox.ts";
import type { Message as WireMessage } from "../../contracts/messages.ts";
import type { InboxState, Message } from "../api.ts";
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
const SAVE_AFTER_MS = 500;

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
	readonly rounds: Rounds;
	readonly #missed: Missed;
	/** What waits while the server is asked, or until the storage has been read. Null: nothing has to wait. */
	#held: Change[] | null = [];
	/** Messages that the application is told of once they are shown. */
	#news: WireMessage[] = [];
	/** The last place in each chat that was sent from here. */
	readonly #sent = new Map<string, number>();
	#saving: ReturnType<typeof setTimeout> | undefined;
	#isStopped = false;

	constructor(parts: Parts, ports: InboxPorts) {
		this.#parts = parts;
		this.#ports = ports;
		this.removed = ports.removed;
		this.#view = new InboxView(parts, ports, () => this.#show());
		this.state = new Store(this.#view.of(this.log));
		this.rounds = new Rounds(parts, this);
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
		this.release();
		if (this.#parts.link.state.get().status === "online") this.rounds.soon();
	}

	async stop(): Promise<void> {
		this.#isStopped = true;
		this.rounds.stop();
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

	/** What comes while the server is asked waits: it is applied to the answer. */
	hold(): void {
		this.#held ??= [];
	}

	release(): void {
		const held = this.#held ?? [];
		this.#held = null;
		for (const change of held) this.#apply(change);
		this.#show();
	}

	found(items: readonly InboxItem[]): void {
		for (const { chat, self } of items)
			if (chat.capabilities.receipts && self.deliveredSeq < chat.lastSeq)
				this.#ports.delivered(chat.id, chat.lastSeq);
	}

	synced(before: rules.InboxLog, items: readonly InboxItem[]): void {
		this.#missed.look(before, this.log, items, (chatId, seq) => {
			const isUnderWay = this.#ports.outbox
				.of(chatId)
				.some(op => op.kind === "send" && op.state === "waiting");
			return isUnderWay || seq <= (this.#sent.get(chatId) ?? 0);
		});
	}

	#listen(): void {
		const { link } = this.#parts;
		hear(link, change => this.#take(change));
		link.onHeads(heads => {
			const isAhead = ([chatId, rev]: [string, number]) =>
				rev > (this.log.items.get(chatId)?.chat.rev ?? 0) && !this.log.strangers.has(chatId);
			if (Object.entries(heads).some(isAhead)) this.rounds.soon();
		});
		this.#ports.outbox.on(chatId => this.#outboxMoved(chatId));
	}

	/** A read mark that the server has taken is a fact; one that waits is only shown. */
	#outboxMoved(chatId: string): void {
		for (const op of this.#ports.outbox.of(chatId)) {
			const known = this.log.items.get(chatId)?.self.readSeq ?? 0;
			if (op.kind === "read" && op.state === "done" && op.seq > known)
				this.#take(log => rules.onOwnRead(log, chatId, op.seq));
			if (op.kind === "send" && op.message) this.#sent.set(chatId, op.message.seq);
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
		if (ask) this.rounds.soon();
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

	#show(): void {
		const before = this.state.get();
		this.state.set(this.#view.of(this.log));
		this.#tellNews();
		if (before === this.state.get() || this.log.since === null || this.#isStopped) return;
		this.#saving ??= setTimeout(() => void this.#save(), SAVE_AFTER_MS);
	}

	async #save(): Promise<void> {
		this.#saving = undefined;
		// Without it, the next start shows less; nothing is lost.
		await saveInbox(this.#parts.db, this.log, this.#view.others()).catch(() => {});
	}
}
