/** The socket half of the gateway: who is connected, what they may ask, what they hear. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { ServiceBroker } from "moleculer";
import type { Server, Socket } from "socket.io";
import * as chats from "../../../contracts/chats.ts";
import type { ActionContract } from "../../../contracts/contract.ts";
import type { Events } from "../../../contracts/events.ts";
import { call } from "../../../lib/moleculer.ts";
import type { Caller } from "../authenticate.ts";
import type { Limits } from "../limits.ts";
import { isPreflight, type Origins } from "../origins.ts";
import { keepAckOrder } from "./acks.ts";
import { BOUNDS } from "./bounds.ts";
import { CALLS, Calls } from "./calls.ts";
import { Connection } from "./connection.ts";
import type { Heard } from "./events.ts";
import { Feed } from "./feed.ts";
import { Handshake } from "./handshake.ts";
import { Leases } from "./leases.ts";
import { Locals } from "./local-user.ts";
import { Memberships } from "./memberships.ts";
import { OwnCalls } from "./own-calls.ts";
import type { Logger } from "./parts.ts";
import { Pushes } from "./pushes.ts";
import { Rights } from "./rights.ts";
import { Rooms } from "./room.ts";
import { Typing } from "./typing.ts";
import { Watching } from "./watching.ts";
import { type FanOut, Writer } from "./writer.ts";

export { socketEvents } from "./events.ts";
export { closedSocketIO, SOCKET_PATH, type SocketVars } from "./io-settings.ts";

export interface DoorOptions {
	broker: ServiceBroker;
	logger: Logger;
	limits: Pick<Limits, "take">;
	/** Lets listed origins read what polling answers. */
	origins: Pick<Origins, "write">;
	connectionsMax: number;
	presenceTtlS: number;
	/** From where a socket comes, as far as it can be known. */
	addressOf(socket: Socket): string;
	/** `turn` is one write for what a turn produced, `each` one for each event. */
	fanOut?: FanOut;
}

export class SocketDoor {
	readonly #options: DoorOptions;
	readonly #locals = new Locals();
	readonly #rooms = new Rooms();
	readonly #writer: Writer;
	readonly #pushes: Pushes;
	readonly #feed: Feed;
	readonly #memberships: Memberships;
	readonly #handshake: Handshake;
	readonly #typing: Typing;
	readonly #watching: Watching;
	readonly #leases: Leases;
	readonly #rights: Rights;
	readonly #calls: Calls;
	#timers: NodeJS.Timeout[] = [];
	/** TCP sockets of websockets: Node does not count them as the HTTP server's any more. */
	readonly #upgraded = new Set<Duplex>();

	constructor(options: DoorOptions) {
		const { broker, logger, limits, connectionsMax, presenceTtlS } = options;
		const locals = this.#locals;
		const rooms = this.#rooms;
		this.#options = options;
		this.#writer = new Writer(options.fanOut ?? "turn", ({ id }) =>
			logger.warn("A client that does not read was cut off.", { socketId: id }),
		);
		this.#typing = new Typing(broker, logger);
		this.#watching = new Watching(broker, logger, locals);
		this.#leases = new Leases(broker, logger, presenceTtlS);
		this.#pushes = new Pushes(locals, rooms, this.#writer, ({ chatId }, userId) => {
			this.#typing.forget(userId, chatId);
			this.#watching.doubt(userId);
		});
		const parts = { broker, logger, locals, rooms, pushes: this.#pushes };
		this.#feed = new Feed(parts);
		this.#memberships = new Memberships(parts);
		this.#handshake = new Handshake({ broker, limits, locals, connectionsMax });
		this.#rights = new Rights({ ...parts, close });
		const own = new OwnCalls({
			...parts,
			typing: this.#typing,
			watching: this.#watching,
			leases: this.#leases,
		});
		this.#calls = new Calls({ broker, logger, limits, writer: this.#writer, own });
	}

	/** How many sockets are signed in, and how many chats they hear. */
	get load(): { sockets: number; rooms: number } {
		return { sockets: this.#locals.connections.size, rooms: this.#rooms.size };
	}

	/** Takes over a Socket.IO server: from here on its sockets are heard. */
	attach(io: Server): void {
		io.httpServer.on("upgrade", (_req: IncomingMessage, tcp: Duplex) => {
			this.#upgraded.add(tcp);
			tcp.once("close", () => this.#upgraded.delete(tcp));
		});
		io.on("connection", socket => this.#connected(socket));
		io.engine.use((req: IncomingMessage, res: ServerResponse, next: () => void) => {
			res.setHeader("X-Content-Type-Options", "nosniff");
			this.#options.origins.write(req, res);
			if (isPreflight(req)) res.writeHead(204).end();
			else next();
		});
		io.engine.on("connection_error", (err: { code: number; message: string }) =>
			this.#options.logger.debug("A connection was refused by engine.io.", err.code, err.message),
		);
	}

	start(): void {
		this.#feed.start();
		const every = (ms: number, work: () => void) => this.#timers.push(setInterval(work, ms));
		every(BOUNDS.expiryCheckEveryMs, () => {
			this.#rights.checkTokens(Date.now());
			void this.#watching.check();
		});
		every(BOUNDS.typingCheckEveryMs, () => this.#typing.tick(Date.now()));
		every(BOUNDS.rightsEveryMs, () => void this.#checkRights());
	}

	/** Lets nobody in any more, tells clients to go elsewhere, and closes their sockets when their calls are done. */
	async drain(): Promise<void> {
		this.#handshake.isClosed = true;
		for (const connection of this.#live()) {
			const reconnectIn = Math.floor(Math.random() * BOUNDS.drainSpreadMs);
			this.#pushes.to([connection], "server:draining", { reconnectIn });
		}
		const connections = [...this.#live()];
		if (connections.length > 0) await wait(BOUNDS.drainSpreadMs);
		for (const connection of connections) connection.isLeaving = true;
		await Promise.race([
			Promise.all(connections.map(({ lanes }) => lanes.idle())),
			wait(BOUNDS.drainCallsMs),
		]);
		for (const connection of [...this.#live()]) close(connection);
	}

	async stop(): Promise<void> {
		this.#handshake.isClosed = true;
		for (const timer of this.#timers) clearInterval(timer);
		for (const connection of [...this.#locals.connections.values()]) close(connection);
		await this.#feed.stop();
		// Who does not answer the closing handshake would hold the server up for half a minute.
		const deadline = Date.now() + BOUNDS.goodbyeMs;
		while (this.#upgraded.size > 0 && Date.now() < deadline) await wait(10);
		for (const tcp of this.#upgraded) tcp.destroy();
	}

	/**
	 * Decides whether a socket may connect, and reads what it will hear. @throws Error with `data: { code, retryAfter? }`
	 */
	admit(socket: Socket): Promise<void> {
		const address = this.#options.addressOf(socket);
		return this.#handshake.admit(socket, address, caller => this.#enter(socket, caller, address));
	}

	/** An event that a contract declares. */
	receive(socket: Socket, contract: ActionContract, args: unknown[]): void {
		const from = this.#locals.connections.get(socket.id);
		if (from) this.#calls.receive(from, contract, args);
	}

	/** A broker event. */
	hear<E extends Heard>(name: E, data: Events[E]): void {
		(this.#hearing[name] as (data: Events[E]) => void)(data);
	}

	/** A node has gone, and what it had committed may not have been told. */
	nodeLost(): void {
		this.#feed.checkHeads();
	}

	readonly #hearing: { [E in Heard]: (data: Events[E]) => void } = {
		"log.batch": batch => this.#feed.batch(batch),
		"log.beat": beat => this.#feed.beat(beat),
		"receipts.moved": moved => this.#pushes.receipts(moved),
		"inbox.moved": moved => this.#pushes.inbox(moved),
		"thread.grew": grew => this.#pushes.thread(grew),
		"typing.moved": moved => this.#pushes.typing(moved),
		"presence.changed": changed => this.#pushes.presence(changed, id => this.#watching.of(id)),
		"sessions.ended": ({ userId, sessionIds }) => this.#rights.endSessions(userId, sessionIds),
		"user.changed": ({ user }) => void this.#profileChanged(user),
	};

	/** Subscribes, then reads: the connection counts as the user's before their chats are asked for. */
	async #enter(socket: Socket, caller: Caller, address: string): Promise<void> {
		const user = this.#locals.user(caller.meta.user.id);
		const connection = new Connection(socket, user, caller, address);
		socket.data.user = caller.meta.user;
		this.#locals.add(connection);
		socket.conn.once("close", () => this.#gone(connection));
		user.ready ??= this.#memberships.load(user);
		try {
			await user.ready;
		} catch (err) {
			user.ready = null;
			this.#gone(connection);
			throw err;
		}
	}

	#connected(socket: Socket): void {
		const connection = this.#locals.connections.get(socket.id);
		if (!connection) {
			socket.disconnect(true);
			return;
		}
		this.#writer.add(socket);
		keepAckOrder(socket, this.#writer);
		socket.onAny((name: unknown, ...args: unknown[]) => {
			if (typeof name !== "string" || !CALLS.has(name)) this.#calls.unknown(connection, args);
		});
		socket.on("disconnect", () => {
			this.#gone(connection);
			// The one namespace is left, so nothing more can come.
			socket.conn.close();
		});
		socket.conn.on("heartbeat", () => this.#leases.renewIfOld(connection));
		connection.isLive = true;
		// What was committed until now, the client reads by itself.
		connection.heartbeatTick = this.#rooms.tick;
		this.#rooms.connect(connection);
		this.#leases.renewIfOld(connection);
	}

	#gone(connection: Connection): void {
		if (!this.#locals.connections.has(connection.id)) return;
		const wasLive = connection.isLive;
		connection.isLive = false;
		connection.isLeaving = true;
		const isLast = this.#locals.remove(connection);
		this.#writer.remove(connection.socket);
		this.#typing.endOf(connection);
		this.#watching.remove(connection, connection.watched);
		this.#rooms.disconnect(connection, isLast);
		if (isLast) this.#locals.users.delete(connection.user.id);
		if (wasLive) this.#leases.end(connection);
	}

	async #checkRights(): Promise<void> {
		const failed = (what: string) => (err: unknown) =>
			this.#options.logger.warn(`${what} could not be checked.`, err);
		this.#watching.doubtAll();
		await this.#rights.checkSessions().catch(failed("Sessions"));
		await this.#memberships.refresh().catch(failed("Memberships"));
	}

	/** Who shares a chat with a user is known here only for users of this node, so their chats are asked for. */
	async #profileChanged(user: Events["user.changed"]["user"]): Promise<void> {
		const chatIds: string[] = [];
		try {
			let cursor: string | undefined;
			for (let page = 0; page < BOUNDS.pagesMax; page++) {
				const params = { userIds: [user.id], ...(cursor && { cursor }) };
				const rooms = await call(this.#options.broker, chats.rooms, params);
				chatIds.push(...rooms.items.map(({ chatId }) => chatId));
				if (rooms.nextCursor === null) break;
				cursor = rooms.nextCursor;
			}
		} catch (err) {
			this.#options.logger.warn("A changed profile was told to its owner only.", err);
		}
		this.#pushes.profile(user, chatIds);
	}

	*#live(): Generator<Connection> {
		for (const connection of this.#locals.connections.values()) if (connection.isLive) yield connection;
	}
}

/** One that is just being let in has no Socket.IO to say goodbye by. */
function close({ isLive, socket }: Connection): void {
	if (isLive) socket.disconnect(true);
	else socket.conn.close();
}

const wait = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));
