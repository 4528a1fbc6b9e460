/** Socket events that concern the connection itself: the gateway answers them, with what other services know. */
import { action } from "./contract.ts";
import * as field from "./fields.ts";
import type { Changes } from "./messages.ts";
import type { Presence } from "./presence.ts";

export const join = action<Changes>()({
	action: "gateway.join",
	doc: "Opens a chat: catches up from a cursor and adds the chat's ephemeral events.",
	socket: "chat:join",
	ack: "*",
	auth: "required",
	rate: "read",
	params: { $$strict: true, chatId: field.id, since: field.optionalSeq },
});

export const leave = action<null>()({
	action: "gateway.leave",
	doc: "Closes a chat; membership stays.",
	socket: "chat:leave",
	auth: "required",
	rate: "read",
	params: { $$strict: true, chatId: field.id },
});

export const typing = action<null>()({
	action: "gateway.typing",
	doc: "Tells those who have the chat open that one types, or has stopped.",
	socket: "typing",
	auth: "required",
	rate: "typing",
	params: { $$strict: true, chatId: field.id, isTyping: { type: "boolean" } },
});

export const heartbeat = action<{ presence: Presence; heads: Record<string, number>; hasMore: boolean }>()({
	action: "gateway.heartbeat",
	doc: "Every 20 s: renews presence and answers with the heads of the chats that changed since the last one, 1,000 at most: with `hasMore`, another heartbeat has the next.",
	socket: "heartbeat",
	ack: "*",
	auth: "required",
	rate: "read",
	params: { $$strict: true, idle: { type: "boolean", optional: true } },
});

const subscription = { $$strict: true, userIds: field.presenceUserIds } as const;

export const subscribe = action<{ users: Presence[] }>()({
	action: "gateway.subscribe",
	doc: "Hears `user:status` of these users, and answers with what they are now.",
	socket: "presence:subscribe",
	ack: "*",
	auth: "required",
	rate: "read",
	params: subscription,
});

export const unsubscribe = action<{ users: Presence[] }>()({
	action: "gateway.unsubscribe",
	doc: "Hears of these users no more; `users` is empty.",
	socket: "presence:unsubscribe",
	ack: "*",
	auth: "required",
	rate: "read",
	params: subscription,
});

export const refresh = action<null>()({
	action: "gateway.refresh",
	doc: "Goes on with a new access token of the same user.",
	socket: "auth:refresh",
	auth: "required",
	rate: "read",
	params: { $$strict: true, token: field.secret(8_192) },
});
