/** What the server emits to clients, and with what. What clients emit is in the contracts that have a `socket`. */
import type { MemberChange } from "./changes.ts";
import type { Chat } from "./chats.ts";
import type { ErrorCode, FieldError } from "./errors.ts";
import type { InboxUpdate, StatusMark } from "./events.ts";
import type { Message, ThreadInfo } from "./messages.ts";
import type { Presence } from "./presence.ts";
import type { User } from "./users.ts";

export interface ServerToClient {
	message: Message;
	"message:update": Message;
	"message:delete": Message;
	"message:pin": Message;
	"message:unpin": Message;
	"message:reaction": Message;
	"message:status": StatusMark;
	"chat:created": Chat;
	"chat:updated": Chat;
	"chat:deleted": Chat;
	"chat:member-joined": MemberChange;
	"chat:member-left": MemberChange;
	"chat:member-updated": MemberChange;
	"thread:updated": { messageId: string; thread: ThreadInfo };
	typing: { chatId: string; userId: string; isTyping: boolean };
	"user:status": Presence;
	"users:update": Presence[];
	"user:updated": User;
	"inbox:update": InboxUpdate;
	"auth:expiring": { expiresAt: string };
	"auth:expired": Record<string, never>;
	"server:draining": { reconnectIn: number };
	error: { code: ErrorCode; message: string };
}

export type ServerEvent = keyof ServerToClient;

/** What a failed call is acknowledged with. */
export interface SocketFailure {
	status: "error";
	code: ErrorCode;
	message: string;
	details?: { errors?: FieldError[]; retryAfter?: number; traceId?: string };
}
