/** Who may connect. What is thrown here is what a client finds in the `data` of its refusal. */
import type { ServiceBroker } from "moleculer";
import type { Socket } from "socket.io";
import { fail } from "../../../lib/errors.ts";
import { authenticate, type Caller } from "../authenticate.ts";
import type { Limits } from "../limits.ts";
import { wireError } from "../wire-error.ts";
import { BOUNDS } from "./bounds.ts";
import type { Locals } from "./local-user.ts";

interface Parts {
	broker: ServiceBroker;
	limits: Pick<Limits, "take">;
	locals: Locals;
	connectionsMax: number;
}

/** An engine.io connection that tries to sign in, or has. */
interface Guest {
	tries: number;
	isTrying: boolean;
	/** Whether it counts as admitted. */
	hasPlace: boolean;
}

export class Handshake {
	readonly #parts: Parts;
	readonly #guests = new WeakMap<object, Guest>();
	/** Whether nobody is let in any more. */
	isClosed = false;

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	/**
	 * Checks a socket's token, with what `enter` still has to do for it. From the first line on it takes a place, which
	 * it gives back when its connection closes or it is refused.
	 * @throws Error with `data: { code, retryAfter? }`
	 */
	async admit(socket: Socket, address: string, enter: (caller: Caller) => Promise<void>): Promise<void> {
		const guest = this.#guestOf(socket);
		guest.isTrying = true;
		guest.hasPlace = true;
		this.#parts.locals.admitted++;
		try {
			await enter(await this.#check(socket, address));
		} catch (err) {
			this.#giveBack(guest);
			throw refusal(err);
		} finally {
			guest.isTrying = false;
		}
	}

	/** engine.io's connection has closed. */
	closed(conn: object): void {
		const guest = this.#guests.get(conn);
		if (guest) this.#giveBack(guest);
	}

	#giveBack(guest: Guest): void {
		if (guest.hasPlace) this.#parts.locals.admitted--;
		guest.hasPlace = false;
	}

	async #check(socket: Socket, address: string): Promise<Caller> {
		const { broker, limits, locals, connectionsMax } = this.#parts;
		if (this.isClosed || locals.admitted > connectionsMax) throw fail("SERVER_FULL");
		// Never from the query, which ends up in logs.
		const caller = await authenticate(broker, (socket.handshake.auth as { token?: unknown }).token);
		await limits.take("connect", { userId: caller.meta.user.id, address });
		return caller;
	}

	/** A connection is one socket; more CONNECT packets on it are no client of ours. */
	#guestOf(socket: Socket): Guest {
		const guest = this.#guests.get(socket.conn) ?? { tries: 0, isTrying: false, hasPlace: false };
		this.#guests.set(socket.conn, guest);
		if (guest.isTrying || ++guest.tries > BOUNDS.signInsPerConnectionMax) {
			socket.conn.close();
			throw refusal(fail("RATE_LIMITED"));
		}
		return guest;
	}
}

/** An error whose `data` Socket.IO sends to the client. */
function refusal(err: unknown): Error {
	const { code, message, retryAfter } = wireError(err);
	return Object.assign(new Error(message), { data: { code, ...(retryAfter && { retryAfter }) } });
}
