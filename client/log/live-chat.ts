import type { Member } from "../../contracts/chats.ts";
import type { ServerToClient } from "../../contracts/socket.ts";
import type { ChatState, ChatStatus, Readable, Chat as ShownChat, ShownMessage } from "../api.ts";
import type { ParleyError } from "../errors.ts";
import type { Outbox } from "../outbox/outbox.ts";
import type { Parts } from "../parts.ts";
import { type Store, same } from "../readable.ts";
import { insist, inTurn } from "../waits.ts";
import { ChatLog } from "./chat-log.ts";
import { isAttached, type Log, lacksMembers, type Side } from "./log.rules.ts";
import { LogStore } from "./log-store.ts";
import { overlay, type Shown } from "./overlay.rules.ts";
import { Pages } from "./pages.ts";
import { Sync } from "./sync.ts";

export const CLOSED: ChatState = {
	status: "closed",
	chat: null,
	self: null,
	messages: [],
	hasOlder: false,
	hasNewer: false,
	loading: null,
	members: [],
	membersComplete: false,
	hasMoreMembers: false,
	typing: [],
	unread: 0,
	openedAtSeq: null,
	cursor: 0,
	error: null,
};

export type ChatEvents = Pick<
	ServerToClient,
	| "message"
	| "message:update"
	| "message:delete"
	| "message:pin"
	| "message:unpin"
	| "message:reaction"
	| "message:status"
	| "chat:created"
	| "chat:updated"
	| "chat:deleted"
	| "chat:member-joined"
	| "chat:member-left"
	| "chat:member-updated"
	| "thread:updated"
	| "inbox:update"
>;
export type ChatEvent = {
	[E in keyof ChatEvents]: { event: E; payload: ChatEvents[E] };
}[keyof ChatEvents];

/** A chat from its opening to its closing: its log, what keeps it up to date, and what is shown of it. */
export class LiveChat {
	readonly #parts: Parts;
	readonly #chatId: string;
	readonly #outbox: Outbox;
	readonly #typing: Readable<readonly string[]>;
	readonly #state: Store<ChatState>;
	readonly #store: LogStore;
	readonly #log: ChatLog;
	readonly #sync: Sync;
	readonly #shown: Shown = new Map();
	readonly #endTyping: () => void;
	readonly pages: Pages;
	/** Whether one may be in it again is a question: until it is answered, `gone` is shown. */
	readonly #isProbe: boolean;
	#status: ChatStatus = "opening";
	#error: ParleyError | null = null;
	#loading: Side | null = null;
	#openedAtSeq: number | null = null;
	/** Until it has caught up, what was read elsewhere before it was opened still moves the line. */
	#isLineOpen = true;
	/** What was read here since it was opened does not. */
	#readHere = 0;
	#membersCursor: string | null = null;
	/** Not begun with the page of this join: what is derived at read may have changed without a revision. */
	#isStale = false;
	#isOver = false;
	#joins = 0;
	/** Whether the chat told receipts when it was last looked at: then the marks of all members are followed. */
	#hasMarks = false;
	/** Writes, one after the other. */
	readonly #turns = inTurn();

	constructor(
		parts: Parts,
		chatId: string,
		outbox: Outbox,
		typing: Readable<readonly string[]>,
		state: Store<ChatState>,
		isProbe: boolean,
	) {
		this.#parts = parts;
		this.#chatId = chatId;
		this.#outbox = outbox;
		this.#typing = typing;
		this.#state = state;
		this.#isProbe = isProbe;
		this.#store = new LogStore(parts.db, chatId);
		const log = new ChatLog(parts);
		this.#log = log;
		this.#sync = new Sync(parts, chatId, log, {
			state: (status, error) => {
				this.#status = status;
				this.#error = error;
				if (status === "live") {
					this.#isLineOpen = false;
					this.#isStale = true;
				}
				this.show();
			},
			told: isNew => this.#told(isNew),
			joined: () => this.#joined(),
			gone: error => this.#end(error),
		});
		this.pages = new Pages(parts, chatId, log, this.#store, {
			save: () => this.save(),
			loading: side => {
				this.#loading = side;
				this.show();
			},
		});
		this.#endTyping = typing.subscribe(() => this.show());
		void this.#begin();
	}

	get log(): Log | null {
		return this.#log.get();
	}

	/** What is stored is shown at once, then it catches up. */
	async #begin(): Promise<void> {
		const stored = await this.#store.load().catch(() => null);
		if (this.#isOver) return;
		if (stored) {
			this.#isStale = true;
			this.#status = "recovering";
			this.#log.begin(stored);
			this.#moveLine();
		}
		this.show();
		this.#sync.start();
	}

	take(told: ChatEvent): void {
		const { me } = this.#parts;
		const log = this.#log;
		switch (told.event) {
			case "message:status": {
				const { userId, seq, status } = told.payload;
				log.mark(userId, seq, status === "READ" ? seq : 0);
				break;
			}
			case "inbox:update":
				log.mark(me, told.payload.readSeq, told.payload.readSeq);
				break;
			case "thread:updated": {
				const { messageId, thread } = told.payload;
				const held = log.get()?.messages.find(({ id }) => id === messageId);
				if (!held) return;
				log.update([{ ...held, thread }]);
				break;
			}
			case "chat:deleted":
				this.#end(null);
				return;
			case "chat:created":
				log.hear(told.payload.rev);
				break;
			case "chat:updated":
				log.take({ rev: told.payload.rev, chat: told.payload });
				break;
			case "chat:member-joined":
			case "chat:member-left":
			case "chat:member-updated": {
				const { rev, member, capabilities } = told.payload;
				if (member.userId === me && member.leftAt) {
					this.#left(rev, member);
					return;
				}
				const count = told.event === "chat:member-joined" ? 1 : told.event === "chat:member-left" ? -1 : 0;
				log.take({ rev, member, count, capabilities });
				break;
			}
			default:
				log.take({ rev: told.payload.rev, message: told.payload });
		}
		this.changed();
	}

	/** That the chat has got to `rev`. */
	hear(rev: number): void {
		this.#log.hear(rev);
		this.#sync.look();
	}

	reconnect(): void {
		this.#sync.rejoin();
	}

	/** Somebody looks at it again, after nobody did. */
	opened(): void {
		this.#openedAtSeq = null;
		this.#readHere = 0;
		this.#moveLine();
		this.#isLineOpen = this.#status !== "live" || this.#parts.link.state.get().status !== "online";
		this.show();
	}

	/** It is about to be read up to `seq` here. */
	reads(seq: number): void {
		this.#readHere = Math.max(this.#readHere, seq);
	}

	/** One's own member, as a call answered it. */
	self(member: Member): void {
		this.#log.self(member);
		this.changed();
	}

	/** Shows and stores what the log has become, and looks for what it lacks. */
	changed(): void {
		if (this.#isOver) return;
		for (const op of this.#outbox.of(this.#chatId))
			if (op.kind === "read" && op.state === "done") this.#log.mark(this.#parts.me, op.seq, op.seq);
		this.show();
		void this.save();
		if (this.#joins > 0) this.#followMarks();
		this.#sync.look();
	}

	/** @param isAll from the first page on, for the marks; else the next page */
	async loadMembers(isAll = false): Promise<void> {
		const { link, saw } = this.#parts;
		const log = this.#log.get();
		if (!log || (!isAll && !lacksMembers(log))) return;
		await this.#log.asking(async asked => {
			const cursor = isAll ? null : this.#membersCursor;
			const params = { chatId: this.#chatId, limit: 200, ...(cursor && { cursor }) };
			const { items, nextCursor } = await link.rest("GET /chats/:chatId/members", params);
			this.#membersCursor = nextCursor;
			this.#log.members(items, nextCursor === null, asked);
			saw(items.map(({ user }) => user));
		});
		this.changed();
	}

	save(): Promise<void> {
		return this.#write(async () => {
			const step = this.#log.takeUnsaved();
			if (step) await this.#store.save(step);
		});
	}

	/** What cannot be stored is fetched again the next time. */
	#write(work: () => Promise<void>): Promise<void> {
		return this.#turns(work).catch(err => console.error(err));
	}

	/** Ends it; what is stored stays. */
	async close(): Promise<void> {
		if (this.#isOver) return;
		this.#isOver = true;
		this.#endTyping();
		this.#sync.stop();
		await this.save();
	}

	#told(isNew: boolean): void {
		const log = this.#log.get();
		if (!log) return;
		if (isNew) {
			this.#isStale = false;
			void this.#write(() => this.#store.replace(log));
		}
		if (this.#isLineOpen) this.#moveLine();
		this.#parts.saw(log.members.map(({ user }) => user));
		this.changed();
	}

	/** To what had been read when it was opened. */
	#moveLine(): void {
		const read = this.#log.get()?.self?.readSeq;
		if (read === undefined) return;
		this.#openedAtSeq ??= read;
		const known = Math.max(read, this.#outbox.readSeq(this.#chatId));
		if (known > this.#readHere) this.#openedAtSeq = Math.max(this.#openedAtSeq, known);
	}

	/** Threads and marks move without a revision, so that nobody tells those of the time away. */
	#joined(): void {
		this.#joins++;
		if (this.#isStale)
			this.#insist(() => this.pages.refresh()).then(
				() => this.changed(),
				() => {},
			);
		this.#hasMarks = false;
		this.#followMarks();
	}

	/** Marks are told of chats that are small enough: where one begins to be, all of them are asked for. */
	#followMarks(): void {
		const hadMarks = this.#hasMarks;
		this.#hasMarks = this.#log.get()?.chat.capabilities.receipts ?? false;
		if (this.#hasMarks && !hadMarks) this.#insist(() => this.loadMembers(true)).catch(() => {});
	}

	/** Where the socket is no longer the one it joined on, the next join asks. */
	#insist(ask: () => Promise<void>): Promise<void> {
		const { times, link } = this.#parts;
		const join = this.#joins;
		const isWanted = () => !this.#isOver && join === this.#joins && link.state.get().status === "online";
		return insist(times, ask, isWanted);
	}

	/** A thread may be read by whoever reads its parent; of any other chat one hears no more. */
	#left(rev: number, member: Member): void {
		const log = this.#log.get();
		if (log && rev <= log.cursor) return;
		if (log && log.chat.type !== "thread" && rev === log.cursor + 1) {
			this.#end(null);
			return;
		}
		this.#log.hear(rev);
		this.#log.take({ rev, member, count: -1 });
		this.changed();
		this.#sync.rejoin();
	}

	#end(error: ParleyError | null): void {
		const chat = this.#log.get()?.chat ?? null;
		this.#isOver = true;
		this.#endTyping();
		this.#sync.stop();
		void this.#write(() => this.#store.forget());
		this.#state.set({ ...CLOSED, status: "gone", chat: chat as ShownChat | null, error });
	}

	get isOver(): boolean {
		return this.#isOver;
	}

	show(): void {
		const log = this.#log.get();
		if (this.#isOver || (this.#isProbe && !log)) return;
		const ops = this.#outbox.of(this.#chatId);
		const messages = overlay(log, ops, this.#parts.me, this.#shown);
		const readSeq = Math.max(log?.self?.readSeq ?? 0, this.#outbox.readSeq(this.#chatId));
		this.#state.set({
			status: this.#status,
			chat: (log?.chat ?? null) as ShownChat | null,
			self: log?.self ?? null,
			messages: same<readonly ShownMessage[]>(this.#state.get().messages, messages),
			hasOlder: log ? log.from > 1 : false,
			hasNewer: log ? !isAttached(log) : false,
			loading: this.#loading,
			members: log?.members ?? [],
			membersComplete: log?.membersComplete ?? false,
			hasMoreMembers: log ? lacksMembers(log) : false,
			typing: this.#typing.get(),
			unread: log?.self ? Math.max(0, log.chat.lastSeq - readSeq) : 0,
			openedAtSeq: this.#openedAtSeq,
			cursor: log?.cursor ?? 0,
			error: this.#error,
		});
		if (log) this.#outbox.reached(this.#chatId, log.cursor, log.self?.readSeq ?? 0);
	}
}
