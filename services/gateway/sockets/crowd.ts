/** Connections that have not signed in: each costs memory for as long as signing in may take, so they are bounded. */
import type { IncomingMessage } from "node:http";
import { addressKey } from "../client-address.ts";
import { BOUNDS } from "./bounds.ts";

export class Crowd {
	readonly #connectionsMax: number;
	readonly #addressOf: (from: { request: IncomingMessage }) => string;
	/** By connection, from where it comes. */
	readonly #waiting = new Map<object, string>();
	readonly #ofAddress = new Map<string, number>();

	/** @param connectionsMax of those that have signed in, who have their own way of being refused */
	constructor(connectionsMax: number, addressOf: (from: { request: IncomingMessage }) => string) {
		this.#connectionsMax = connectionsMax;
		this.#addressOf = addressOf;
	}

	/** Whether one more is too many. @param open connections in all */
	isFull(request: IncomingMessage, open: number): boolean {
		if (open >= this.#connectionsMax + BOUNDS.unsignedConnectionsMax) return true;
		return (this.#ofAddress.get(this.#keyOf(request)) ?? 0) >= BOUNDS.unsignedPerAddressMax;
	}

	/** @param conn engine.io's socket */
	opened(conn: { readonly request: IncomingMessage }): void {
		const key = this.#keyOf(conn.request);
		this.#waiting.set(conn, key);
		this.#ofAddress.set(key, (this.#ofAddress.get(key) ?? 0) + 1);
	}

	/** A connection has signed in, or has gone. */
	settled(conn: object): void {
		const key = this.#waiting.get(conn);
		if (key === undefined) return;
		this.#waiting.delete(conn);
		const left = (this.#ofAddress.get(key) ?? 1) - 1;
		if (left > 0) this.#ofAddress.set(key, left);
		else this.#ofAddress.delete(key);
	}

	#keyOf(request: IncomingMessage): string {
		return addressKey(this.#addressOf({ request }));
	}
}
