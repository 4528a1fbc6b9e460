import type { Member } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import {
	apply,
	begin,
	type Change,
	type Gathered,
	isAttached,
	type Log,
	marked,
	merge,
	newer,
	type Side,
	withMembers,
	withMessages,
	withPage,
} from "./log.rules.ts";
import type { Step } from "./log-store.ts";

/** How many events wait for one that is missing; the catching up brings what did not fit. */
const EARLY_MAX = 256;
/** More changes during one page, and the page is asked for again. */
const RECENT_MAX = 1_000;

/** What has changed since a question was asked; an answer from before a change must not undo it. */
export interface Asked {
	messages: Map<number, Message>;
	members: Set<string>;
	/** How far members got meanwhile: no revision says so. */
	marks: Map<string, Pick<Member, "deliveredSeq" | "readSeq">>;
	/** The window has been replaced, or too much has changed. */
	isVoid: boolean;
	/** The highest revision heard of by then. */
	head: number;
}

/** A chat's log in memory: puts what is heard and fetched in order of `rev`, each once, and says what is missing. */
export class ChatLog {
	/** Who looks: read late, as a log may be asked for before that is known. */
	readonly #parts: { readonly me: string };
	readonly #early = new Map<number, Change>();
	readonly #asked = new Set<Asked>();
	#log: Log | null = null;
	/** The highest revision heard of. */
	#head = 0;
	/** A faulty server has left out a message, and the window has not come past it: the newest page goes on. */
	#isTorn = false;
	#unsaved: { from: number; messages: Map<number, Message> } | null = null;

	constructor(parts: { readonly me: string }) {
		this.#parts = parts;
	}

	get(): Log | null {
		return this.#log;
	}

	/** Whether a revision beyond the cursor is known of, or the window has to begin anew. */
	get isBehind(): boolean {
		return this.#log !== null && (this.#isTorn || this.#head > this.#log.cursor);
	}

	/** From where on the server is to be asked; undefined is for its newest page. */
	get since(): number | undefined {
		return this.#isTorn ? undefined : this.#log?.cursor;
	}

	/** Takes an event whenever it comes, however often. */
	take(change: Change): void {
		this.#head = Math.max(this.#head, change.rev);
		if (this.#log && change.rev <= this.#log.cursor) return;
		if (this.#early.size < EARLY_MAX || change.rev === (this.#log?.cursor ?? 0) + 1)
			this.#early.set(change.rev, change);
		this.#drain();
	}

	/** That the chat has got to `rev`. */
	hear(rev: number): void {
		this.#head = Math.max(this.#head, rev);
	}

	/** Begins anew, with what was stored or with the newest page. */
	begin(log: Log | Gathered, asked?: Asked): void {
		for (const other of this.#asked) other.isVoid = true;
		this.#isTorn = false;
		this.#unsaved = null;
		this.#log = "cursor" in log ? log : begin(log, this.#parts.me);
		if (asked) this.#told(this.#log.cursor, asked);
		this.#drain();
	}

	/** What was missed, all of it. */
	catchUp(told: Gathered, asked: Asked): void {
		const log = this.#log;
		if (!log) return;
		const stale = told.rev < log.cursor ? asked.members : new Set();
		const members = told.members.filter(({ userId }) => !stale.has(userId));
		this.#set(merge(log, { ...told, members }, this.#parts.me), told.messages, members);
		this.#told(told.rev, asked);
		this.#drain();
	}

	/** Messages as the server has them now, without a revision of their own: answers to calls, hints. */
	update(messages: readonly Message[]): void {
		const log = this.#log;
		// Beyond the end they have their turn with the event.
		const known = messages.filter(({ seq }) => log && seq <= log.chat.lastSeq);
		if (log && known.length > 0) this.#set(withMessages(log, known, this.#parts.me), known);
	}

	mark(userId: string, deliveredSeq: number, readSeq: number): void {
		this.#moved(userId, deliveredSeq, readSeq);
		if (this.#log) this.#set(marked(this.#log, userId, deliveredSeq, readSeq, this.#parts.me), []);
	}

	/** One's own member, as an answer told it. */
	self(member: Member): void {
		if (this.#log?.self) this.#set(withMembers(this.#log, [member], this.#parts.me), []);
	}

	/** Members as a page told them. */
	members(page: readonly Member[], isLast: boolean, asked: Asked): void {
		const log = this.#log;
		if (!log) return;
		const fresh = page.filter(({ userId }) => !asked.members.has(userId));
		const { me } = this.#parts;
		let next = withMembers({ ...log, membersComplete: isLast }, fresh, me);
		for (const [id, { deliveredSeq, readSeq }] of asked.marks)
			next = marked(next, id, deliveredSeq, readSeq, me);
		this.#set({ ...next, self: log.self }, []);
	}

	/** @returns whether the page joined the window */
	page(page: readonly Message[], side: Side, asked: Asked): boolean {
		const next = this.#log && !asked.isVoid && withPage(this.#log, page, asked.messages, side);
		if (!next) return false;
		if (side === "jump") for (const other of this.#asked) if (other !== asked) other.isVoid = true;
		this.#log = next;
		return true;
	}

	/** Asks for something, and puts it in; what changes meanwhile is remembered. */
	async asking<T>(ask: (asked: Asked) => Promise<T>): Promise<T> {
		const asked: Asked = {
			messages: new Map(),
			members: new Set(),
			marks: new Map(),
			isVoid: false,
			head: this.#head,
		};
		this.#asked.add(asked);
		try {
			return await ask(asked);
		} finally {
			this.#asked.delete(asked);
		}
	}

	/** What is to be stored since the last time. */
	takeUnsaved(): Step | null {
		const log = this.#log;
		const unsaved = this.#unsaved;
		this.#unsaved = null;
		return log && unsaved && { from: unsaved.from, messages: [...unsaved.messages.values()], log };
	}

	/** The server's word on how far the chat is stands above what was heard before it was asked. */
	#told(rev: number, { head }: Asked): void {
		if (this.#head <= head) this.#head = rev;
	}

	#drain(): void {
		let log = this.#log;
		if (!log) return;
		for (const rev of this.#early.keys()) if (rev <= log.cursor) this.#early.delete(rev);
		for (let next = this.#early.get(log.cursor + 1); next; next = this.#early.get(log.cursor + 1)) {
			this.#early.delete(next.rev);
			const changed = "message" in next ? [next.message] : [];
			this.#set(apply(log, next, this.#parts.me), changed, "member" in next ? [next.member] : []);
			log = this.#log as Log;
		}
	}

	#moved(userId: string, deliveredSeq: number, readSeq: number): void {
		for (const { marks } of this.#asked) {
			const held = marks.get(userId) ?? { deliveredSeq: 0, readSeq: 0 };
			marks.set(userId, {
				deliveredSeq: Math.max(held.deliveredSeq, deliveredSeq),
				readSeq: Math.max(held.readSeq, readSeq),
			});
		}
	}

	#set(next: Log, messages: readonly Message[], members: readonly Member[] = []): void {
		const log = this.#log as Log;
		if (next === log) return;
		// Sending reads up to one's own message.
		for (const { senderId, seq } of messages) this.#moved(senderId, seq, seq);
		this.#unsaved ??= { from: log.cursor, messages: new Map() };
		for (const message of messages) remember(this.#unsaved.messages, message);
		for (const asked of this.#asked) {
			for (const message of messages) remember(asked.messages, message);
			for (const { userId } of members) asked.members.add(userId);
			if (asked.messages.size > RECENT_MAX) asked.isVoid = true;
		}
		this.#isTorn ||= isAttached(log) && !isAttached(next);
		this.#log = next;
	}
}

function remember(messages: Map<number, Message>, message: Message): void {
	messages.set(message.seq, newer(messages.get(message.seq), message));
}
