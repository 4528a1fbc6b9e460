import { byIds } from "../../../lib/by-ids.ts";
import { BOUNDS } from "./bounds.ts";
import type { Connection } from "./connection.ts";
import type { Room } from "./room.ts";

/** A user with at least one socket here; all of them share the rooms. */
export class LocalUser {
	readonly id: string;
	readonly connections = new Set<Connection>();
	/** Each room that they are a member of, with the tick at which they came to be. */
	readonly rooms = new Map<Room, number>();
	/** Chats that ended for them, with a revision beyond the last that they were sure to hear of: heartbeats tell it. */
	readonly gone = new Map<string, { rev: number; tick: number }>();
	/** Counts changes of the rooms. */
	moves = 0;
	/** What the database had when the rooms were last read, and how far they had moved then. */
	checked: { digest: string; moves: number } | null = null;
	/** Chats whose events moved them in or out while their memberships are being read: what was read there is old. */
	touched: Set<string> | null = null;
	/** The reading of their memberships that is under way, and the one that is wanted after it. */
	reading: Promise<void> | null = null;
	again: Promise<void> | null = null;
	/** The first reading of the memberships, which every socket of theirs waits for. */
	ready: Promise<void> | null = null;

	constructor(id: string) {
		this.id = id;
	}

	/**
	 * The heads of chats that moved after a tick. Of very many those that moved first, and `tick` says up to where they
	 * go: who moves again meanwhile is told later, and nobody is left out.
	 */
	headsSince(last: number, now: number): { heads: Record<string, number>; tick: number; hasMore: boolean } {
		let moved: { chatId: string; rev: number; tick: number }[] = [];
		for (const [{ chatId, order, movedTick }, enteredTick] of this.rooms) {
			const tick = Math.max(movedTick, enteredTick);
			if (tick > last) moved.push({ chatId, rev: order.rev, tick });
		}
		for (const [chatId, { rev, tick }] of this.gone) if (tick > last) moved.push({ chatId, rev, tick });
		const hasMore = moved.length > BOUNDS.headsPerHeartbeatMax;
		if (hasMore) moved = moved.sort((a, b) => a.tick - b.tick).slice(0, BOUNDS.headsPerHeartbeatMax);
		const heads = byIds(moved.map(({ chatId, rev }) => [chatId, rev]));
		return { heads, tick: hasMore ? (moved.at(-1)?.tick ?? now) : now, hasMore };
	}
}

/** The users and sockets of this node. */
export class Locals {
	readonly users = new Map<string, LocalUser>();
	readonly connections = new Map<string, Connection>();
	/** Sockets that are being let in, and those that are. */
	admitted = 0;

	user(id: string): LocalUser {
		let user = this.users.get(id);
		if (!user) {
			user = new LocalUser(id);
			this.users.set(id, user);
		}
		return user;
	}

	add(connection: Connection): void {
		connection.user.connections.add(connection);
		this.connections.set(connection.id, connection);
	}

	/** @returns whether it was the user's last */
	remove(connection: Connection): boolean {
		this.connections.delete(connection.id);
		connection.user.connections.delete(connection);
		return connection.user.connections.size === 0;
	}

	/** The sockets of one user that can be told something. */
	*ofUser(userId: string): Generator<Connection> {
		const user = this.users.get(userId);
		if (!user) return;
		for (const connection of user.connections) if (connection.isLive) yield connection;
	}
}
