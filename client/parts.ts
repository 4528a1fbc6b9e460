/** How the parts of a client know each other. */

import type { ServerToClient } from "../contracts/socket.ts";
import type { ClientEvents, ConnectionState, Readable, Times, UserCard } from "./api.ts";
import type { Op } from "./outbox/outbox.rules.ts";
import type { Database } from "./storage.ts";
import type { RestCall, SocketCall } from "./wire.ts";

/** The connection, as the other parts see it. */
export interface Link {
	readonly state: Readable<ConnectionState>;
	/** Over the current socket. Rejects with a ParleyError: UNAVAILABLE where there is none or no answer came in time. */
	call: SocketCall;
	/** As `call`, for what may be repeated and nobody else repeats: over the next socket where this one fails. */
	ask: SocketCall;
	rest: RestCall;
	/** Each event of the current socket once, also while one socket takes over from another. */
	on<E extends keyof ServerToClient>(event: E, listener: (payload: ServerToClient[E]) => void): () => void;
	/** Each time that a new socket has become the current one: what was missed must be fetched, chats opened anew. */
	onSocket(listener: () => void): () => void;
	/** What a heartbeat answered: heads of chats that changed since the last one. */
	onHeads(listener: (heads: Record<string, number>) => void): () => void;
}

/** Between the tabs of one browser. Messages are JSON; one's own are not heard. */
export interface Tabs {
	post(message: TabMessage): void;
	on(listener: (message: TabMessage) => void): () => void;
	lock<T>(name: string, work: () => Promise<T>): Promise<T>;
}

export type TabMessage =
	/** The outbox has changed: look again. `done` was taken away, since the teller's log has what it did. */
	| { what: "outbox"; chatId: string; done: readonly Op[] }
	| { what: "draft"; chatId: string }
	| { what: "signed-out" };

/** What every part is made with. */
export interface Parts {
	link: Link;
	db: Database;
	tabs: Tabs;
	times: Times;
	/** Who the client speaks for; empty until that is known, which `db` waits for. Read it where it is used. */
	readonly me: string;
	/** Tells the application: what `client.on` hears. */
	emit<E extends keyof ClientEvents>(event: E, payload: ClientEvents[E]): void;
	/** Remembers people seen in members, searches and profiles. */
	saw(cards: readonly UserCard[]): void;
}
