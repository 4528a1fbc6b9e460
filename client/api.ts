/**
 * What `@parley/client` offers: the types behind `createClient`. Resources, limits and error codes are the contract's own.
 * Every state is an immutable snapshot behind a `Readable`, so that any view layer can follow it.
 */
import type { SignedIn } from "../contracts/auth.ts";
import type { ChatType, Role, Chat as WireChat, Member as WireMember } from "../contracts/chats.ts";
import type { ErrorCode, FieldError } from "../contracts/errors.ts";
import type { MessageType, Receipt, Message as WireMessage } from "../contracts/messages.ts";
import type { Presence, Status } from "../contracts/presence.ts";
import type { ServerToClient } from "../contracts/socket.ts";
import type { UserCard, User as WireUser } from "../contracts/users.ts";
import type { Storage } from "./storage.ts";
import type { RestCall } from "./wire.ts";

export type {
	ChatType,
	ErrorCode,
	FieldError,
	MessageType,
	Presence,
	Receipt,
	Role,
	SignedIn,
	Status,
	UserCard,
};

/**
 * Types of a product's own data, by declaration merging:
 * `declare module "@parley/client" { interface Custom { message: { orderId: string } } }`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be merged into.
export interface Custom {}

type Own<Key extends string> = Custom extends Record<Key, infer Data> ? Data : Record<string, unknown>;
/** What stands in a message's `metadata`. */
export type MessageData = Own<"message">;
/** What stands in a chat's `metadata`. */
export type ChatData = Own<"chat">;
/** What stands in a user's `metadata`. */
export type UserData = Own<"user">;

export type Message = Omit<WireMessage, "metadata"> & { metadata: MessageData };
export type Chat = Omit<WireChat, "metadata" | "lastMessage"> & {
	metadata: ChatData;
	lastMessage: Message | null;
};
export type User = Omit<WireUser, "metadata"> & { metadata: UserData };
export type Member = WireMember;

/** A value that changes: `get` gives the present snapshot, the same object until it changes. */
export interface Readable<T> {
	get(): T;
	/** Calls `listener` after each change; the answer ends it. */
	subscribe(listener: () => void): () => void;
}

// ── Connection ──

/**
 * `idle` before `connect()` and after `disconnect()`; `connecting` the first time; `online`; `resuming` for the first
 * 5 s after a break, which a view need not show; `reconnecting` after them; `unreachable` when the device has a network
 * and the server does not answer for 15 s; `offline` when the device has none; `signed-out` when the token is refused.
 */
export type ConnectionStatus =
	| "idle"
	| "connecting"
	| "online"
	| "resuming"
	| "reconnecting"
	| "unreachable"
	| "offline"
	| "signed-out";

export interface ConnectionState {
	status: ConnectionStatus;
	/** When the next try begins, in ms since the epoch; null while one runs or none is due. */
	retryAt: number | null;
	/** Why the last try failed. */
	error: ParleyErrorShape | null;
}

// ── Messages as they are shown ──

export type SendState =
	| { state: "pending" }
	| { state: "sent" }
	| { state: "delivered" }
	| { state: "read" }
	| { state: "failed"; code: ErrorCode; retryable: boolean };

export type ChangeKind = "edit" | "delete" | "react" | "unreact" | "pin" | "unpin";

/** How far a change of a message has come; of one that was refused also what it was. */
export type ChangeState =
	| Exclude<SendState, { state: "failed" }>
	| (Extract<SendState, { state: "failed" }> & {
			kind: ChangeKind;
			/** The words of an edit, which are shown nowhere else; else null. */
			content: string | null;
	  });

/** A message of the log with what waits in the outbox laid over it, or one that only the outbox holds. */
export interface ShownMessage extends Omit<Message, "seq" | "rev"> {
	/** Null until the server has given it a place; then `id` changes from the clientId to the message's. */
	seq: number | null;
	rev: number | null;
	/** The same from the first moment on: what a list uses as its key. */
	key: string;
	isOwn: boolean;
	/** Of one's own messages; others' are `sent`. */
	delivery: SendState;
	/** An edit, deletion, reaction or pin of it waits in the outbox, or was refused (`failed`). */
	change: ChangeState | null;
}

export interface Draft {
	content: string;
	type?: Exclude<MessageType, "system">;
	metadata?: MessageData;
	replyToId?: string;
	mentions?: string[];
	/** One's own key; made where it is missing. */
	clientId?: string;
}

// ── A chat ──

/** `closed` until opened; `opening` the first time; `live`; `recovering` while what was missed is fetched; `gone`: left, deleted or never ours. */
export type ChatStatus = "closed" | "opening" | "live" | "recovering" | "gone";

export interface ChatState {
	status: ChatStatus;
	chat: Chat | null;
	/** One's own membership; null in a thread that one does not follow. */
	self: Member | null;
	/** A part of the log without a hole, oldest first, then what waits to be sent; at most 600 of the log at a time. */
	messages: readonly ShownMessage[];
	hasOlder: boolean;
	hasNewer: boolean;
	/** Which page is being fetched. */
	loading: "older" | "newer" | "jump" | null;
	/** Members known so far, by join; complete where `membersComplete`. */
	members: readonly Member[];
	membersComplete: boolean;
	/** Whether `loadMembers` brings more: at most 2,000 are held, however many there are. */
	hasMoreMembers: boolean;
	/** User ids of others who type now. */
	typing: readonly string[];
	/** `chat.lastSeq - self.readSeq`, with read marks that wait in the outbox. */
	unread: number;
	/** The `readSeq` when the chat was opened: a line for unread messages goes after it. */
	openedAtSeq: number | null;
	/** The head that the log has reached; every revision up to it is in. */
	cursor: number;
	error: ParleyErrorShape | null;
}

export type JumpTarget = { seq: number } | { messageId: string } | { date: Date };

/** One chat. The same object for the same id while the client lives. */
export interface ChatHandle {
	readonly id: string;
	readonly state: Readable<ChatState>;
	/** Opens it for as long as at least one caller has not called the answer. Shows what is stored at once, then catches up. */
	open(): () => void;
	/** Resolves when it is `live` (or rejects when it is `gone`). */
	ready(): Promise<void>;
	loadOlder(): Promise<void>;
	loadNewer(): Promise<void>;
	/** Resolves with the `seq` that it went to. */
	jumpTo(target: JumpTarget): Promise<number>;
	jumpToLatest(): Promise<void>;
	loadMembers(): Promise<void>;

	/**
	 * Returns at once what is shown: a message in state `pending`.
	 * @throws ParleyError VALIDATION_ERROR for `metadata` that is no JSON or above 4 KB; UNAVAILABLE where 1,000 changes wait
	 */
	send(draft: Draft): ShownMessage;
	edit(messageId: string, change: { content: string; mentions?: string[] }): void;
	delete(messageId: string): void;
	react(messageId: string, emoji: string): void;
	unreact(messageId: string, emoji: string): void;
	pin(messageId: string): void;
	unpin(messageId: string): void;
	/**
	 * Reads up to `seq`; without it, to the end. Moves forward only. The chat need not be open.
	 * @throws ParleyError UNAVAILABLE where there is no `seq` and neither the chat nor the inbox has loaded yet
	 */
	markRead(seq?: number): void;
	/** Sends again what failed; `key` is the message's. */
	retry(key: string): void;
	/** Gives up what failed or still waits. */
	discard(key: string): void;
	/** Call it at each keystroke; it tells the others as often as they need. */
	typing(isTyping: boolean): void;

	/** Kept on this device only. */
	readonly draft: Readable<string>;
	setDraft(text: string): void;

	update(change: {
		name?: string | null;
		description?: string | null;
		avatarUrl?: string | null;
		metadata?: ChatData;
		announceOnly?: boolean;
	}): Promise<Chat>;
	addMembers(userIds: string[], role?: Role): Promise<Member[]>;
	updateMember(userId: string, change: { role?: Role; silencedUntil?: string | null }): Promise<Member>;
	removeMember(userId: string): Promise<void>;
	join(): Promise<Chat>;
	leave(): Promise<void>;
	/** Null ends it. */
	mute(until: Date | null): Promise<Member>;
	/** Deletes the chat for all. */
	remove(): Promise<void>;
	pins(): Promise<Message[]>;
	receipts(messageId: string): Promise<Receipt[]>;
	forward(messageId: string, chatIds: string[]): Promise<Message[]>;
	/** The thread on a message, made if there is none. */
	thread(messageId: string): Promise<ChatHandle>;
}

// ── The inbox ──

export interface InboxEntry {
	chat: Chat;
	self: Member;
	unread: number;
	mentions: number;
	lastMessage: Message | null;
	/** Of a direct chat: the other one. */
	other: UserCard | null;
}

export interface InboxState {
	/** Last activity first. */
	items: readonly InboxEntry[];
	totalUnread: number;
	/** Of the chats that are loaded. */
	totalMentions: number;
	hasMore: boolean;
	/** False until the server has answered once, or something stored is shown. */
	loaded: boolean;
}

// ── Events that are no state ──

/** What `client.on` hears: the wire's events as they arrive, and what the client did by itself. */
export interface ClientEvents extends ServerToClient {
	/** What was missed in a chat has been fetched: so many changes. */
	recovered: { chatId: string; count: number };
	/** Too much was missed: the chat's log began anew with its newest page. */
	reset: { chatId: string };
	/** Something sent was refused for good. */
	failed: { chatId: string; key: string; code: ErrorCode };
	/** A message by someone else, in any chat, that was not there before; once, also after time offline. */
	received: { message: Message; mentioned: boolean };
}

export interface ParleyErrorShape {
	code: ErrorCode;
	message: string;
	retryable: boolean;
	/** Seconds. */
	retryAfter: number | null;
	errors: FieldError[];
	/** Where the code is explained. */
	docs: string;
}

// ── The client ──

/** What a device offers beyond the language; `browser()` of `@parley/client/browser` gives a browser's. */
export interface Platform {
	/** Where the log and the outbox are kept; in memory where there is none. */
	storage?: Storage;
	/** Runs `work` while no other tab does under the same name. */
	lock?<T>(name: string, work: () => Promise<T>): Promise<T>;
	/** Talks to the other tabs under a name. */
	channel?(name: string, listener: (text: string) => void): { post(text: string): void; close(): void };
	/** Whether the device has a network; calls back at each change. The answer ends it. */
	network?(listener: (online: boolean) => void): () => void;
	/** Whether the user has left the device alone; asked at each heartbeat. */
	isIdle?(): boolean;
}

export interface TokenFunction {
	(refused?: string): string | Promise<string>;
	/** Whose tokens they are, where that is known without a connection: what `account` is where it is missing. */
	account?(): Promise<string | undefined>;
}

export interface ClientOptions {
	/** The server, as `https://chat.example`. */
	url: string;
	/** An access token, or what fetches a fresh one; asked whenever one is needed, and told which one was `refused`. All are of one user. */
	token: string | TokenFunction;
	/**
	 * What the application calls the user, any text that stays the same. With it, what is stored of them is shown before
	 * a token can be had, as when the application starts offline. A session's `token` says it by itself.
	 */
	account?: string;
	platform?: Platform;
	/** Overrides of the times below, in ms; for tests and unusual networks. */
	times?: Partial<Times>;
}

export interface Times {
	/** Until `reconnecting` is shown: 5,000. */
	graceMs: number;
	/** Until `unreachable`: 15,000. */
	unreachableMs: number;
	/** The first and the longest wait between tries, each jittered: 500 and 20,000. */
	retryMinMs: number;
	retryMaxMs: number;
	/** 20,000. */
	heartbeatMs: number;
	/** How long an acknowledgement may take: 10,000. */
	ackMs: number;
}

export interface Client {
	readonly url: string;
	readonly connection: Readable<ConnectionState>;
	/** Null until the server (or the storage) has told who the token speaks for. */
	readonly me: Readable<User | null>;
	readonly inbox: Readable<InboxState>;
	connect(): void;
	/** Resolves when the connection is `online`; rejects when it is `signed-out`. */
	ready(): Promise<void>;
	/** Ends the connection; what is stored stays, and another tab may send what waits. */
	disconnect(): void;
	/** Ends the connection and erases all that is stored of this user. */
	signOut(): Promise<void>;

	chat(chatId: string): ChatHandle;
	/** One participant and no type: the direct chat with them. Resolves with a chat that is in the inbox. */
	createChat(wish: {
		type?: Exclude<ChatType, "thread">;
		participantIds: string[];
		name?: string;
		description?: string;
		avatarUrl?: string;
		metadata?: ChatData;
		announceOnly?: boolean;
		clientId?: string;
	}): Promise<ChatHandle>;
	loadMoreChats(): Promise<void>;
	readAll(): Promise<void>;

	/** Null until it is known; is fetched when first asked for. */
	user(userId: string): Readable<UserCard | null>;
	/** Followed while somebody subscribes. */
	presence(userId: string): Readable<Presence>;
	setPresence(status: Status, text?: string | null): Promise<Presence>;
	updateMe(change: { displayName?: string; avatarUrl?: string | null; metadata?: UserData }): Promise<User>;

	on<E extends keyof ClientEvents>(event: E, listener: (payload: ClientEvents[E]) => void): () => void;
	/** Any REST call of the contract, typed by its method and path: `rest("GET /channels", { search: "news" })`. */
	rest: RestCall;
	/** How many changes wait in the outbox of all chats. */
	readonly waiting: Readable<number>;
}
