/** The socket half of the gateway: who is connected, what they may ask, what they hear. */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { ServiceBroker } from "moleculer";
import type { Server, Socket } from "socket.io";
import type { Events } from "../../../contracts/events.ts";
import type { Limits } from "../limits.ts";
import type { Origins } from "../origins.ts";
import { Arrivals } from "./arrivals.ts";
import { BOUNDS } from "./bounds.ts";
import { Calls } from "./calls.ts";
import type { Connection } from "./connection.ts";
import { Crowd } from "./crowd.ts";
import type { Heard } from "./events.ts";
import { close, hangUp, sayFarewell } from "./farewell.ts";
import { Feed } from "./feed.ts";
import { guard } from "./gate.ts";
import { Greetings } from "./greetings.ts";
import { Handshake } from "./handshake.ts";
import { Leases } from "./leases.ts";
import { Locals, type LocalUser } from "./local-user.ts";
import { Memberships } from "./memberships.ts";
import { OwnCalls } from "./own-calls.ts";
import type { Logger } from "./parts.ts";
import { tellProfile } from "./profiles.ts";
import { Pushes } from "./pushes.ts";
import { Rights } from "./rights.ts";
import { type Room, Rooms } from "./room.ts";
import { Typing } from "./typing.ts";
import { Watching } from "./watching.ts";
import { type FanOut, Writer } from "./writer.ts";

export { socketEvents } from "./events.ts";
export { closedSocketIO, type SocketVars } from "./io-settings.ts";

export interface DoorOptions {
	broker: ServiceBroker;
	logger: Logger;
	limits: Pick<Limits, "take">;
	/** Whose pages may connect, and read what polling answers. */
	origins: Pick<Origins, "write" | "allows">;
	connectionsMax: number;
	presenceTtlS: number;
	/** From where a socket comes, as far as it can be known. */
	addressOf(from: { request: IncomingMessage }): string;
	/** `turn` is one write for what a turn produced, `each` one for each event. */
	fanOut?: FanOut;
}

type EngineSocket = Socket["conn"];

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
	readonly #arrivals: Arrivals;
	readonly #crowd: Crowd;
	#timers: NodeJS.Timeout[] = [];
	/** TCP sockets of websockets: Node does not count them as the HTTP server's any more. */
	readonly #upgraded = new Set<Duplex>();
	readonly #greetings = new Greetings();

	constructor(options: DoorOptions) {
		const { broker, logger, limits, connectionsMax, presenceTtlS } = options;
		const locals = this.#locals;
		const rooms = this.#rooms;
		this.#options = options;
		this.#crowd = new Crowd(connectionsMax, options.addressOf);
		this.#writer = new Writer(options.fanOut ?? "turn", ({ id }) =>
			logger.warn("A client that does not read was cut off.", { socketId: id }),
		);
		this.#typing = new Typing(broker, logger);
		this.#watching = new Watching(broker, logger, locals);
		this.#leases = new Leases(broker, logger, presenceTtlS);
		const onChanged = (room: Room, userId: string) => {
			for (const { chatId } of [room, ...rooms.threadsOf(room.chatId)]) this.#typing.forget(userId, chatId);
		};
		const onLeft = (room: Room, userId: string) => {
			onChanged(room, userId);
			this.#watching.doubt(userId);
		};
		const onDoubt = (user: LocalUser) => this.#memberships.reread(user);
		this.#pushes = new Pushes(locals, rooms, this.#writer, { onLeft, onDoubt, onChanged });
		const parts = { broker, logger, locals, rooms, pushes: this.#pushes };
		this.#feed = new Feed(parts);
		this.#memberships = new Memberships(parts);
		this.#handshake = new Handshake({ broker, limits, locals, connectionsMax });
		this.#rights = new Rights({ ...parts, close });
		const people = {
			typing: this.#typing,
			watching: this.#watching,
			leases: this.#leases,
			rights: this.#rights,
			memberships: this.#memberships,
		};
		const own = new OwnCalls({ ...parts, ...people });
		this.#calls = new Calls({ broker, logger, limits, writer: this.#writer, own });
		this.#arrivals = new Arrivals({
			...parts,
			...people,
			writer: this.#writer,
			calls: this.#calls,
		});
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
			this.#greetings.hold(tcp);
		});
		const [crowd, handshake, arrivals] = [this.#crowd, this.#handshake, this.#arrivals];
		// One listener for all, not a closure for each: `this` is engine.io's socket.
		function onClose(this: object) {
			crowd.settled(this);
			handshake.closed(this);
			arrivals.closed(this);
		}
		function onHeartbeat(this: object) {
			arrivals.answered(this);
		}
		io.engine.on("connection", (conn: EngineSocket) => {
			crowd.opened(conn);
			conn.on("close", onClose);
			conn.on("heartbeat", onHeartbeat);
		});
		// Rooms are ours; in Socket.IO's each socket would be alone in one.
		io.of("/").adapter.addAll = () => {};
		io.on("connection", socket => {
			this.#crowd.settled(socket.conn);
			this.#arrivals.connected(socket);
		});
		guard(io, { ...this.#options, crowd: this.#crowd });
	}

	start(): void {
		this.#feed.start();
		const every = (ms: number, work: () => void) => this.#timers.push(setInterval(work, ms));
		every(BOUNDS.expiryCheckEveryMs, () => {
			this.#rights.checkTokens(Date.now());
			void this.#watching.check();
		});
		every(BOUNDS.typingCheckEveryMs, () => this.#typing.tick(Date.now()));
		every(BOUNDS.rightsEveryMs, () => void this.checkRights());
	}

	/** Lets nobody in any more, tells clients to go elsewhere, and ends their sockets when their calls are done. */
	async drain(): Promise<void> {
		this.#handshake.isClosed = true;
		await sayFarewell([...this.#live()], this.#pushes);
	}

	async stop(): Promise<void> {
		this.#handshake.isClosed = true;
		for (const timer of this.#timers) clearInterval(timer);
		for (const connection of [...this.#locals.connections.values()]) close(connection);
		await this.#feed.stop();
		await hangUp(this.#upgraded);
	}

	/**
	 * Decides whether a socket may connect, and reads what it will hear. @throws Error with `data: { code, retryAfter? }`
	 */
	admit(socket: Socket): Promise<void> {
		const address = this.#options.addressOf(socket);
		return this.#handshake.admit(socket, address, caller => this.#arrivals.enter(socket, caller, address));
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
		"user.changed": ({ user }) => void tellProfile({ ...this.#options, pushes: this.#pushes }, user),
	};

	/** Sessions, memberships and subscriptions as the database has them: what a lost hint took away ends now. */
	async checkRights(): Promise<void> {
		const failed = (what: string) => (err: unknown) =>
			this.#options.logger.warn(`${what} could not be checked.`, err);
		this.#watching.doubtAll();
		await this.#rights.checkSessions().catch(failed("Sessions"));
		await this.#memberships.refresh().catch(failed("Memberships"));
	}

	*#live(): Generator<Connection> {
		for (const connection of this.#locals.connections.values()) if (connection.isLive) yield connection;
	}
}
