/** How a socket comes to be heard, and how it goes. */
import type { Socket } from "socket.io";
import { fail } from "../../../lib/errors.ts";
import type { Caller } from "../authenticate.ts";
import { keepAckOrder } from "./acks.ts";
import { CALLS, type Calls } from "./calls.ts";
import { Connection } from "./connection.ts";
import type { Leases } from "./leases.ts";
import type { Locals } from "./local-user.ts";
import type { Memberships } from "./memberships.ts";
import type { Rights } from "./rights.ts";
import type { Rooms } from "./room.ts";
import type { Typing } from "./typing.ts";
import type { Watching } from "./watching.ts";
import type { Writer } from "./writer.ts";

interface Parts {
	locals: Locals;
	rooms: Rooms;
	writer: Writer;
	memberships: Memberships;
	calls: Calls;
	typing: Typing;
	watching: Watching;
	leases: Leases;
	rights: Pick<Rights, "hasEnded">;
}

export class Arrivals {
	readonly #parts: Parts;

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	/** Subscribes, then reads: the connection counts as the user's before their chats are asked for. */
	async enter(socket: Socket, caller: Caller, address: string): Promise<void> {
		// Whoever hung up meanwhile would never be noticed to go.
		if (socket.conn.readyState !== "open") throw fail("UNAVAILABLE");
		const user = this.#parts.locals.user(caller.meta.user.id);
		const connection = new Connection(socket, user, caller, address);
		socket.data.user = caller.meta.user;
		this.#parts.locals.add(connection);
		socket.conn.once("close", () => this.#gone(connection));
		if (this.#parts.rights.hasEnded(connection)) {
			this.#gone(connection);
			throw fail("UNAUTHENTICATED", "The session has ended.");
		}
		user.ready ??= this.#parts.memberships.load(user);
		try {
			await user.ready;
		} catch (err) {
			user.ready = null;
			this.#gone(connection);
			throw err;
		}
	}

	/** `connect` has been sent: from here on the socket hears. */
	connected(socket: Socket): void {
		const connection = this.#parts.locals.connections.get(socket.id);
		if (!connection) {
			socket.disconnect(true);
			return;
		}
		this.#parts.writer.add(socket);
		keepAckOrder(socket, this.#parts.writer);
		socket.onAny((name: unknown, ...args: unknown[]) => {
			if (typeof name !== "string" || !CALLS.has(name)) this.#parts.calls.unknown(connection, args);
		});
		socket.on("disconnect", () => {
			this.#gone(connection);
			// The one namespace is left, so nothing more can come.
			socket.conn.close();
		});
		socket.conn.on("heartbeat", () => this.#parts.leases.renewIfOld(connection));
		connection.isLive = true;
		// What was committed until now, the client reads by itself.
		connection.heartbeatTick = this.#parts.rooms.tick;
		this.#parts.rooms.connect(connection);
		this.#parts.leases.renewIfOld(connection);
	}

	#gone(connection: Connection): void {
		if (!this.#parts.locals.connections.has(connection.id)) return;
		const wasLive = connection.isLive;
		connection.isLive = false;
		connection.isLeaving = true;
		const isLast = this.#parts.locals.remove(connection);
		this.#parts.writer.remove(connection.socket);
		this.#parts.typing.endOf(connection);
		this.#parts.watching.remove(connection, connection.watched);
		this.#parts.rooms.disconnect(connection, isLast);
		if (isLast) this.#parts.locals.users.delete(connection.user.id);
		if (wasLive) this.#parts.leases.end(connection);
	}
}
