/**
 * What a careful client knows: it applies events in order of `rev`, notices a gap, catches up by `changes`, and never
 * shows anything twice. Tests hold it against the server's own state. Written from the contract alone.
 */
import type { MemberChange } from "../../contracts/changes.ts";
import type { Chat, Member } from "../../contracts/chats.ts";
import type { InboxUpdate, StatusMark } from "../../contracts/events.ts";
import type { InboxChanges, InboxPage } from "../../contracts/inbox.ts";
import type { Changes, Message } from "../../contracts/messages.ts";

/** How the model asks the server: REST or a socket, the test decides. */
export interface Source {
	changes(chatId: string, since: number): Promise<Changes>;
	inbox(cursor?: string): Promise<InboxPage>;
	inboxChanges(since: string): Promise<InboxChanges>;
}

export interface KnownChat {
	chat: Chat;
	/** The cursor. */
	rev: number;
	messages: Map<string, Message>;
	members: Map<string, Member>;
	/** One's own mark. */
	readSeq: number;
}

/** A fact in the model that a check can show as it differs. */
export type State = Record<string, unknown>;

export class ClientModel {
	readonly userId: string;
	readonly chats = new Map<string, KnownChat>();
	readonly #source: Source;
	#inboxSince = "";
	/** Events that came though the cursor was at or beyond them; applying them would show something twice. */
	repeated = 0;
	/** Times that `rev` jumped. */
	gaps = 0;
	resets = 0;
	/** New messages in the order in which they were shown, by chat. */
	readonly shown = new Map<string, number[]>();
	#work: Promise<unknown> = Promise.resolve();

	constructor(userId: string, source: Source) {
		this.userId = userId;
		this.#source = source;
	}

	/** Loads everything. */
	async load(): Promise<void> {
		let cursor: string | undefined;
		do {
			const page = await this.#source.inbox(cursor);
			for (const { chat } of page.items) await this.#catchUp(chat.id, 0);
			if (!cursor) this.#inboxSince = page.since;
			cursor = page.nextCursor ?? undefined;
		} while (cursor);
	}

	/** Comes back after an absence: by cursors alone. */
	resume(): Promise<void> {
		return this.#queue(async () => {
			for (let more = true; more; ) {
				const page = await this.#source.inboxChanges(this.#inboxSince);
				for (const id of page.removed) this.chats.delete(id);
				for (const { chat } of page.items) await this.#catchUp(chat.id, this.chats.get(chat.id)?.rev ?? 0);
				this.#inboxSince = page.since;
				more = page.hasMore;
			}
		});
	}

	/** Takes a server event. Those that need the server's answer are worked off in order. */
	take(event: string, payload: unknown): void {
		void this.#queue(() => this.#apply(event, payload));
	}

	/** Takes one's own Member from an acknowledgement: the socket that reads hears no `inbox:update` of it. */
	acknowledge({ chatId, userId, readSeq }: Partial<Member>): void {
		const known = chatId && userId === this.userId ? this.chats.get(chatId) : undefined;
		if (known && readSeq !== undefined) known.readSeq = Math.max(known.readSeq, readSeq);
	}

	/** Heads of a heartbeat: catches up wherever they are ahead. */
	heads(heads: Record<string, number>): Promise<void> {
		return this.#queue(async () => {
			for (const [chatId, rev] of Object.entries(heads)) {
				const known = this.chats.get(chatId)?.rev ?? 0;
				if (rev <= known) continue;
				this.gaps++;
				await this.#catchUp(chatId, known);
			}
		});
	}

	/** Waits until all that came is applied. */
	async idle(): Promise<void> {
		await this.#work;
	}

	#queue(work: () => Promise<void> | void): Promise<void> {
		const next = this.#work.then(work);
		this.#work = next.catch(() => {});
		return next;
	}

	#apply(event: string, payload: unknown): Promise<void> | void {
		if (event === "message" || event.startsWith("message:")) {
			if (event === "message:status") return this.#mark(payload as StatusMark);
			const message = payload as Message;
			return this.#step(message.chatId, message.rev, known => this.#put(known, message));
		}
		if (event === "chat:created")
			return this.#catchUp((payload as Chat).id, this.chats.get((payload as Chat).id)?.rev ?? 0);
		if (event === "chat:updated") {
			const chat = payload as Chat;
			return this.#step(chat.id, chat.rev, known => {
				known.chat = chat;
			});
		}
		if (event === "chat:deleted") return void this.chats.delete((payload as Chat).id);
		if (event.startsWith("chat:member-")) {
			const { chatId, rev, member } = payload as MemberChange;
			if (member.userId === this.userId && member.leftAt) return void this.chats.delete(chatId);
			return this.#step(chatId, rev, known => this.#putMember(known, member));
		}
		if (event === "inbox:update") {
			const { chatId, readSeq } = payload as InboxUpdate;
			const known = this.chats.get(chatId);
			if (known) known.readSeq = Math.max(known.readSeq, readSeq);
		}
	}

	/** One revision further, or a gap, or something already known. */
	#step(chatId: string, rev: number, apply: (known: KnownChat) => void): Promise<void> | void {
		const known = this.chats.get(chatId);
		if (!known || rev > known.rev + 1) {
			this.gaps++;
			return this.#catchUp(chatId, known?.rev ?? 0);
		}
		if (rev <= known.rev) {
			this.repeated++;
			return;
		}
		apply(known);
		known.rev = rev;
		known.chat = { ...known.chat, rev };
	}

	#put(known: KnownChat, message: Message): void {
		const before = known.messages.get(message.id);
		if (before && before.rev >= message.rev) return;
		if (!before) {
			const shown = this.shown.get(message.chatId) ?? [];
			shown.push(message.seq);
			this.shown.set(message.chatId, shown);
		}
		known.messages.set(message.id, message);
		if (message.seq > known.chat.lastSeq) known.chat = { ...known.chat, lastSeq: message.seq };
		if (message.senderId === this.userId) known.readSeq = Math.max(known.readSeq, message.seq);
	}

	#putMember(known: KnownChat, member: Member): void {
		const was = known.members.get(member.userId);
		const wasIn = was !== undefined && was.leftAt === null;
		const delta = Number(member.leftAt === null) - Number(wasIn);
		known.members.set(member.userId, member);
		known.chat = { ...known.chat, memberCount: known.chat.memberCount + delta };
	}

	#mark({ chatId, userId, seq, status }: StatusMark): void {
		const known = this.chats.get(chatId);
		const member = known?.members.get(userId);
		if (!known || !member) return;
		const deliveredSeq = Math.max(member.deliveredSeq, seq);
		const readSeq = status === "READ" ? Math.max(member.readSeq, seq) : member.readSeq;
		known.members.set(userId, { ...member, deliveredSeq, readSeq });
	}

	async #catchUp(chatId: string, since: number): Promise<void> {
		let known = this.chats.get(chatId);
		for (let from = since, more = true; more; ) {
			const page = await this.#source.changes(chatId, from);
			if (page.reset) {
				this.resets++;
				known = undefined;
			}
			if (!known) {
				known = {
					chat: page.chat,
					rev: 0,
					messages: new Map(),
					members: new Map(),
					readSeq: page.self?.readSeq ?? 0,
				};
				this.chats.set(chatId, known);
			}
			for (const message of page.messages) this.#put(known, message);
			for (const member of page.members) known.members.set(member.userId, member);
			known.chat = page.chat;
			known.rev = Math.max(known.rev, page.rev);
			known.readSeq = Math.max(known.readSeq, page.self?.readSeq ?? 0);
			from = page.rev;
			more = page.hasMore && !page.reset;
		}
	}

	/** The model as plain facts: equal states are equal values. What others' marks derive (`status`, minima) is left out. */
	state(): State {
		return stateOf([...this.chats.values()]);
	}
}

/** The server's own state, read from scratch. */
export async function freshState(userId: string, source: Source): Promise<State> {
	const fresh = new ClientModel(userId, source);
	await fresh.load();
	return fresh.state();
}

function stateOf(chats: KnownChat[]): State {
	return Object.fromEntries(
		chats.map(known => [
			known.chat.id,
			{
				name: known.chat.name,
				description: known.chat.description,
				metadata: known.chat.metadata,
				avatarUrl: known.chat.avatarUrl,
				announceOnly: known.chat.announceOnly,
				memberCount: known.chat.memberCount,
				lastSeq: known.chat.lastSeq,
				rev: known.rev,
				unread: known.chat.lastSeq - known.readSeq,
				messages: Object.fromEntries(
					[...known.messages.values()].sort((a, b) => a.seq - b.seq).map(m => [m.seq, factsOf(m)]),
				),
				members: Object.fromEntries(
					[...known.members.values()]
						.filter(member => member.leftAt === null)
						.sort((a, b) => a.userId.localeCompare(b.userId))
						.map(m => [m.userId, { role: m.role, silencedUntil: m.silencedUntil, joinedSeq: m.joinedSeq }]),
				),
			},
		]),
	);
}

function factsOf({ status: _status, thread: _thread, ...facts }: Message) {
	return facts;
}
