import type { Socket } from "socket.io";
import type { Presence } from "../../../contracts/presence.ts";
import type { CallerMeta } from "../../../lib/moleculer.ts";
import type { Caller } from "../authenticate.ts";
import { BOUNDS } from "./bounds.ts";
import { Lanes } from "./lanes.ts";
import type { LocalUser } from "./local-user.ts";
import type { Room } from "./room.ts";

/** One socket that has signed in. */
export class Connection {
	readonly socket: Socket;
	readonly user: LocalUser;
	readonly address: string;
	readonly #userAgent: string | undefined;
	readonly lanes = new Lanes(BOUNDS.callsInFlightMax);
	/** Rooms that it has open: it hears their ephemeral events too. */
	readonly open = new Set<Room>();
	/** When a call of its own last ended because nobody had answered it. */
	unansweredAt = Number.NEGATIVE_INFINITY;
	/** Users whose presence it hears. */
	readonly watched = new Set<string>();
	/** From `connect` to the end; before and after, nothing can be told. */
	isLive = false;
	/** No call is begun any more. */
	isLeaving = false;
	sessionId: string | null;
	/** When the token runs out, in ms since the epoch. */
	expiresAt: number;
	wasWarned = false;
	/** Whether the device is untouched, as the last heartbeat said. */
	idle: boolean | undefined;
	/** What the user was when that was asked last. */
	presence: Presence | null = null;
	leasedAt = Number.NEGATIVE_INFINITY;
	/** The rooms' tick at the last heartbeat. */
	heartbeatTick = 0;
	#meta: Partial<CallerMeta>;

	constructor(socket: Socket, user: LocalUser, caller: Caller, address: string) {
		this.socket = socket;
		this.user = user;
		this.address = address;
		this.#userAgent = socket.handshake.headers["user-agent"]?.slice(0, 512);
		this.expiresAt = caller.expiresAt;
		this.sessionId = caller.meta.sessionId ?? null;
		this.#meta = this.#metaOf(caller);
	}

	get id(): string {
		return this.socket.id;
	}

	/** What the services are told of who calls. */
	get meta(): Partial<CallerMeta> {
		return this.#meta;
	}

	/** Goes on with another token of the same user. */
	renew(caller: Caller): void {
		this.expiresAt = caller.expiresAt;
		this.sessionId = caller.meta.sessionId ?? null;
		this.wasWarned = false;
		this.#meta = this.#metaOf(caller);
	}

	#metaOf({ meta }: Caller): Partial<CallerMeta> {
		const userAgent = this.#userAgent;
		return { ...meta, socketId: this.id, address: this.address, ...(userAgent && { userAgent }) };
	}
}
