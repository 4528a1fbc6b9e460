import type { Role } from "../../contracts/chats.ts";
import { CLIENT_LIMITS as LIMITS } from "../../contracts/limits.ts";
import type {
	ChatData,
	ChatHandle,
	ChatState,
	Draft,
	JumpTarget,
	Member,
	Message,
	Readable,
	Receipt,
	Chat as ShownChat,
	ShownMessage,
} from "../api.ts";
import { ParleyError, unavailable } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Work } from "../outbox/outbox.rules.ts";
import { reached, Store } from "../readable.ts";
import type { RestCalls } from "../wire.ts";
import type { ChatPorts } from "./chats.ts";
import { type ChatEvent, CLOSED, LiveChat } from "./live-chat.ts";
import { isSend, type SendOp, shownSend } from "./overlay.rules.ts";
import { StoredDraft } from "./stored-draft.ts";

/** What a chat needs of the others. */
export interface Surroundings extends ChatPorts {
	chat(chatId: string): ChatHandle;
	/** Nobody has it open any more: it may be closed when others want its place. */
	idle(chat: Chat): void;
}

/** A wish about a message that the outbox carries out. */
type Wish =
	Exclude<Work, { kind: "send" | "read" }> extends infer W
		? W extends { messageId: string | null }
			? Omit<W, "messageId">
			: never
		: never;

/** One chat, as applications hold it. Closed it costs nothing; open it is a `LiveChat`. */
export class Chat implements ChatHandle {
	readonly id: string;
	readonly #state = new Store<ChatState>(CLOSED);
	readonly #around: Surroundings;
	readonly #draft: StoredDraft;
	#live: LiveChat | null = null;
	#holders = 0;

	constructor(chatId: string, around: Surroundings) {
		this.id = chatId;
		this.#around = around;
		this.#draft = new StoredDraft(around.parts, chatId);
	}

	get state(): Readable<ChatState> {
		return this.#state;
	}

	get draft(): Readable<string> {
		return this.#draft.look();
	}

	get isHeld(): boolean {
		return this.#holders > 0;
	}

	open(): () => void {
		const isFirst = this.#holders++ === 0;
		if (!this.#live || this.#live.isOver) this.#begin();
		else if (isFirst) this.#live.opened();
		void this.#draft.load();
		let isOpen = true;
		return () => {
			if (!isOpen) return;
			isOpen = false;
			if (--this.#holders === 0) this.#around.idle(this);
		};
	}

	ready(): Promise<void> {
		return reached(this.#state, ({ status, error }) => {
			if (status === "gone") throw error ?? new ParleyError("NOT_FOUND", "The chat is gone.");
			return status === "live";
		});
	}

	async loadOlder(): Promise<void> {
		await this.#live?.pages.older();
	}

	async loadNewer(): Promise<void> {
		await this.#live?.pages.newer();
	}

	async jumpTo(target: JumpTarget): Promise<number> {
		if (!this.#live) throw unavailable("The chat is not open.");
		const { pages } = this.#live;
		if ("seq" in target) return pages.jump(target.seq);
		if ("date" in target) return pages.jump(await pages.seqAt(target.date));
		const held = this.#find(target.messageId)?.seq;
		if (held) return held;
		const { chatId, seq } = await this.#link.rest("GET /messages/:id", { id: target.messageId });
		if (chatId !== this.id) throw new ParleyError("NOT_FOUND", "The message is not in this chat.");
		return pages.jump(seq);
	}

	async jumpToLatest(): Promise<void> {
		await this.#live?.pages.latest();
	}

	async loadMembers(): Promise<void> {
		await this.#live?.loadMembers();
	}

	send(draft: Draft): ShownMessage {
		const { outbox, parts, typing } = this.#around;
		const clientId = draft.clientId ?? newId();
		const twin = this.#sendOf(clientId);
		const op = twin ?? outbox.add(this.id, clientId, { kind: "send", draft: { ...draft, clientId } });
		typing.tell(this.id, false);
		return this.#find(clientId) ?? shownSend(op as SendOp, parts.me);
	}

	edit(messageId: string, { content, mentions }: { content: string; mentions?: string[] }): void {
		this.#wish(messageId, { kind: "edit", content, ...(mentions && { mentions }) });
	}

	delete(messageId: string): void {
		const shown = this.#find(messageId);
		const isPending = shown ? shown.seq === null : (this.#sendOf(messageId)?.state ?? "done") !== "done";
		if (!isPending) {
			this.#wish(messageId, { kind: "delete" });
			return;
		}
		const key = shown?.key ?? messageId;
		void this.#around.outbox.unsend(this.id, key).then(wasThere => {
			if (!wasThere) this.#wish(key, { kind: "delete" });
		});
	}

	react(messageId: string, emoji: string): void {
		this.#wish(messageId, { kind: "react", emoji });
	}

	unreact(messageId: string, emoji: string): void {
		this.#wish(messageId, { kind: "unreact", emoji });
	}

	pin(messageId: string): void {
		this.#wish(messageId, { kind: "pin" });
	}

	unpin(messageId: string): void {
		this.#wish(messageId, { kind: "unpin" });
	}

	markRead(seq?: number): void {
		const { outbox, inboxItem } = this.#around;
		// Of a chat that is not open the inbox knows where it ends.
		const known = this.#live?.log ?? inboxItem(this.id);
		const end = known?.chat.lastSeq ?? seq;
		if (end === undefined) throw unavailable("It is not known yet where the chat ends.");
		const to = Math.min(seq ?? end, end);
		if (known?.self === null || to <= Math.max(known?.self.readSeq ?? 0, outbox.readSeq(this.id))) return;
		this.#live?.reads(to);
		outbox.add(this.id, "", { kind: "read", seq: to });
	}

	retry(key: string): void {
		this.#around.outbox.retry(this.id, key, this.#find(key)?.id);
	}

	discard(key: string): void {
		void this.#around.outbox.discard(this.id, key, this.#find(key)?.id);
	}

	typing(isTyping: boolean): void {
		const { typing, inboxItem } = this.#around;
		const chat = this.#state.get().chat ?? inboxItem(this.id)?.chat;
		if (chat?.capabilities.typing ?? true) typing.tell(this.id, isTyping);
	}

	setDraft(text: string): void {
		this.#draft.set(text);
	}

	async update(change: {
		name?: string | null;
		description?: string | null;
		avatarUrl?: string | null;
		metadata?: ChatData;
		announceOnly?: boolean;
	}): Promise<ShownChat> {
		return (await this.#ask("PATCH /chats/:chatId", change)) as ShownChat;
	}

	async addMembers(userIds: string[], role?: Role): Promise<Member[]> {
		return (await this.#ask("POST /chats/:chatId/members", { userIds, ...(role && { role }) })).items;
	}

	updateMember(userId: string, change: { role?: Role; silencedUntil?: string | null }): Promise<Member> {
		return this.#ask("PATCH /chats/:chatId/members/:userId", { userId, ...change });
	}

	async removeMember(userId: string): Promise<void> {
		await this.#ask("DELETE /chats/:chatId/members/:userId", { userId });
	}

	async join(): Promise<ShownChat> {
		return (await this.#ask("POST /chats/:chatId/join", {})) as ShownChat;
	}

	async leave(): Promise<void> {
		await this.#ask("POST /chats/:chatId/leave", {});
	}

	async mute(until: Date | null): Promise<Member> {
		const self = await this.#ask("PUT /chats/:chatId/mute", { until: until?.toISOString() ?? null });
		this.#live?.self(self);
		return self;
	}

	async remove(): Promise<void> {
		await this.#ask("DELETE /chats/:chatId", {});
	}

	async pins(): Promise<Message[]> {
		return (await this.#ask("GET /chats/:chatId/pins", { limit: LIMITS.pageMax })).items as Message[];
	}

	async receipts(messageId: string): Promise<Receipt[]> {
		const params = { messageId, limit: LIMITS.pageMax };
		return (await this.#link.rest("GET /messages/:messageId/receipts", params)).items;
	}

	async forward(messageId: string, chatIds: string[]): Promise<Message[]> {
		const params = { messageId, chatIds, clientId: newId() };
		return (await this.#link.ask("message:forward", params)).messages as Message[];
	}

	async thread(messageId: string): Promise<ChatHandle> {
		const { id } = await this.#link.rest("POST /messages/:messageId/thread", { messageId });
		return this.#around.chat(id);
	}

	// ── For `Chats` ──

	take(told: ChatEvent): void {
		if (this.#live && !this.#live.isOver) this.#live.take(told);
		else if (told.event === "chat:created") this.#again();
	}

	head(rev: number): void {
		if (this.#live?.isOver) this.#again();
		else this.#live?.hear(rev);
	}

	reconnect(): void {
		if (this.#live?.isOver) this.#again();
		else this.#live?.reconnect();
	}

	/** The outbox has changed. */
	outboxMoved(): void {
		this.#live?.changed();
	}

	draftChanged(): void {
		void this.#draft.load();
	}

	/** Ends it here; what is stored stays. */
	async close(): Promise<void> {
		const live = this.#live;
		this.#live = null;
		this.#state.set(CLOSED);
		await live?.close();
		await this.#draft.save();
	}

	#begin(isProbe = false): void {
		const { parts, outbox, typing } = this.#around;
		if (!isProbe) this.#state.set({ ...CLOSED, status: "opening" });
		this.#live = new LiveChat(parts, this.id, outbox, typing.of(this.id), this.#state, isProbe);
	}

	/** One may be in it again: then it starts anew. */
	#again(): void {
		if (this.#live && this.isHeld) this.#begin(true);
	}

	get #link() {
		return this.#around.parts.link;
	}

	/** A call about this chat. */
	#ask<R extends keyof RestCalls>(route: R, params: object): Promise<RestCalls[R]["result"]> {
		return this.#link.rest(route, { chatId: this.id, ...params } as RestCalls[R]["params"]);
	}

	#sendOf(key: string): SendOp | undefined {
		return this.#around.outbox
			.of(this.id)
			.filter(isSend)
			.find(op => op.key === key);
	}

	#find(idOrKey: string): ShownMessage | undefined {
		return this.#state.get().messages.find(({ id, key }) => id === idOrKey || key === idOrKey);
	}

	/** A message without an id is named by its key, until its send is acknowledged. */
	#wish(idOrKey: string, wish: Wish): void {
		const shown = this.#find(idOrKey);
		const key = shown?.key ?? idOrKey;
		const sent = this.#sendOf(key);
		const known = shown && shown.seq !== null ? shown.id : sent ? (sent.message?.id ?? null) : idOrKey;
		this.#around.outbox.add(this.id, key, { ...wish, messageId: known } as Work);
	}
}
