/** Time on tokens, and rights that ended without this node hearing of it. One check for all sockets, not a timer each. */
import type { ServiceBroker } from "moleculer";
import * as auth from "../../../contracts/auth.ts";
import { call } from "../../../lib/moleculer.ts";
import { BOUNDS } from "./bounds.ts";
import { chunks } from "./chunks.ts";
import type { Connection } from "./connection.ts";
import type { Locals } from "./local-user.ts";
import type { Logger } from "./parts.ts";
import type { Pushes } from "./pushes.ts";

interface Parts {
	broker: ServiceBroker;
	logger: Logger;
	locals: Locals;
	pushes: Pushes;
	/** Ends a socket. */
	close(connection: Connection): void;
}

export class Rights {
	readonly #parts: Parts;
	/** Sessions that ended a moment ago, by when. */
	readonly #ended = new Map<string, number>();

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	/** Warns a minute before a token runs out, and ends the socket when it has. */
	checkTokens(now: number): void {
		const { locals, pushes, close } = this.#parts;
		for (const connection of [...locals.connections.values()]) {
			const left = connection.expiresAt - now;
			if (!connection.isLive || left > BOUNDS.expiringBeforeMs) continue;
			if (left <= 0) {
				pushes.to([connection], "auth:expired", {});
				close(connection);
			} else if (!connection.wasWarned) {
				connection.wasWarned = true;
				const expiresAt = new Date(connection.expiresAt).toISOString();
				pushes.to([connection], "auth:expiring", { expiresAt });
			}
		}
	}

	/** Whether a session was ended a moment ago: who was found to be in it before that is not any more. */
	hasEnded({ sessionId }: Connection): boolean {
		return sessionId !== null && this.#ended.has(sessionId);
	}

	/** Closes the sockets of sessions that were ended. */
	endSessions(userId: string, sessionIds: readonly string[]): void {
		this.#remember(sessionIds, Date.now());
		const ended = new Set(sessionIds);
		for (const connection of this.#parts.locals.users.get(userId)?.connections ?? [])
			if (connection.sessionId !== null && ended.has(connection.sessionId)) this.#parts.close(connection);
	}

	/** Asks which sessions still live. A foreign issuer's token has none, and ends by its time. */
	async checkSessions(): Promise<void> {
		const { broker, locals, close } = this.#parts;
		const connections = [...locals.connections.values()].filter(({ sessionId }) => sessionId !== null);
		const asked = [...new Set(connections.map(({ sessionId }) => sessionId as string))];
		for (const sessionIds of chunks(asked, BOUNDS.sessionsPerCallMax)) {
			const live = new Set(await call(broker, auth.liveSessions, { sessionIds }));
			const ended = new Set(sessionIds.filter(id => !live.has(id)));
			for (const connection of connections)
				if (connection.sessionId !== null && ended.has(connection.sessionId)) close(connection);
		}
	}

	/** The oldest come first, so that old ones and those beyond the bound are found there. */
	#remember(sessionIds: readonly string[], now: number): void {
		for (const id of sessionIds) {
			this.#ended.delete(id);
			this.#ended.set(id, now);
		}
		for (const [id, at] of this.#ended) {
			if (this.#ended.size <= BOUNDS.endedSessionsMax && now - at < BOUNDS.endedSessionsKeptMs) break;
			this.#ended.delete(id);
		}
	}
}
