/** How a socket comes to be heard, and how it goes. */
import type { Socket } from "socket.io";
import { fail } from "../../../lib/errors.ts";
import type { Caller } from "../authenticate.ts";
import { keepAckOrder } from "./acks.ts";
import { CALLS, type Calls } from "./calls.ts";
import { Connection } from "./connection.ts";
import { endHandshake } from "./handshake-end.ts";
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
	/** By engine.io's socket. */
	readonly #ofConn = new Map<object, Connection>();
	/** Each is the same for all sockets, which it finds in `this`: closures would be much of what a socket takes. */
	readonly #onEvent: (this: Socket, name: unknown, ...args: unknown[]) => void;
	readonly #onDisconnect: (this: Socket) => void;

	constructor(parts: Parts) {
		this.#parts = parts;
		const hear = this.#hear.bind(this);
		const left = this.#left.bind(this);
		this.#onEvent = function (name, ...args) {
			hear(this, name, args);
		};
		this.#onDisconnect = function () {
			left(this);
		};
	}

	/** Subscribes, then reads: the connection counts as the user's before their chats are asked for. */
	async enter(socket: Socket, caller: Caller, address: string): Promise<void> {
		// Whoever hung up meanwhile would never be noticed to go.
		if (socket.conn.readyState !== "open") throw fail("UNAVAILABLE");
		const user = this.#parts.locals.user(caller.meta.user.id);
		const connection = new Connection(socket, user, caller, address);
		socket.data.user = caller.meta.user;
		this.#parts.locals.add(connection);
		this.#ofConn.set(socket.conn, connection);
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
		socket.onAny(this.#onEvent);
		socket.on("disconnect", this.#onDisconnect);
		endHandshake(socket);
		connection.isLive = true;
		// What was committed until now, the client reads by itself.
		connection.heartbeatTick = this.#parts.rooms.tick;
		this.#parts.rooms.connect(connection);
		this.#parts.leases.renewQuietly(connection);
	}

	/** engine.io's socket has closed. */
	closed(conn: object): void {
		const connection = this.#ofConn.get(conn);
		if (connection) this.#gone(connection);
	}

	/** engine.io's socket has answered a ping. */
	answered(conn: object): void {
		const connection = this.#ofConn.get(conn);
		if (connection) this.#parts.leases.renewIfOld(connection);
	}

	#hear(socket: Socket, name: unknown, args: unknown[]): void {
		const from = this.#parts.locals.connections.get(socket.id);
		if (!from) return;
		const contract = typeof name === "string" ? CALLS.get(name) : undefined;
		if (contract) this.#parts.calls.receive(from, contract, args);
		else this.#parts.calls.unknown(from, args);
	}

	/** The one namespace is left, so nothing more can come. */
	#left(socket: Socket): void {
		this.closed(socket.conn);
		socket.conn.close();
	}

	#gone(connection: Connection): void {
		if (!this.#ofConn.delete(connection.socket.conn)) return;
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
