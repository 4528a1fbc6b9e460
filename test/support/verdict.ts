/** What an answer comes down to, so that a test reads as one line. */
import { CHANGES } from "../../contracts/changes.ts";
import type { Chat } from "../../contracts/chats.ts";
import type { Answer } from "./http.ts";
import type { Ack, Heard, TestSocket } from "./socket.ts";

/** `201`, or `403 FORBIDDEN`. */
export const verdict = ({ status, body }: Answer): string =>
	status < 300 ? String(status) : `${status} ${body?.code}`;

/** The fields that a refusal names. */
export const wrongFields = ({ body }: Answer): string[] =>
	(body?.errors ?? []).map(({ field }: { field: string }) => field);

/** `ok`, or the code that a socket event was refused with. */
export async function ackCode(socket: TestSocket, event: string, payload?: unknown): Promise<string> {
	const ack = await socket.emit(event, payload);
	return ack.status === "ok" ? "ok" : String(ack.code);
}

/** The acknowledgement of an event that must succeed. */
export async function acked(socket: TestSocket, event: string, payload?: unknown): Promise<Ack> {
	const ack = await socket.emit(event, payload);
	if (ack.status !== "ok") throw new Error(`'${event}' was refused: ${JSON.stringify(ack)}`);
	return ack;
}

const DURABLE: ReadonlySet<string> = new Set(
	Object.values(CHANGES).flatMap(kind => ("socket" in kind ? [kind.socket] : [])),
);

/**
 * The durable events that a socket has heard of one chat, in order: what tells its revisions. Of a Chat only those
 * after it: a socket that connects right after a change may still hear of it.
 */
export function durable({ events }: TestSocket, chat: string | Pick<Chat, "id" | "rev">): Heard[] {
	const { id, rev } = typeof chat === "string" ? { id: chat, rev: 0 } : chat;
	return events.filter(
		({ name, data }) => DURABLE.has(name) && (data.chatId ?? data.id) === id && data.rev > rev,
	);
}

/** Their names. */
export const told = (socket: TestSocket, chat: Parameters<typeof durable>[1]): string[] =>
	durable(socket, chat).map(({ name }) => name);

/** Time for an event that must not come: two hops of the broker take a few milliseconds. */
export const quietly = (ms = 400): Promise<void> => new Promise(done => setTimeout(done, ms));
