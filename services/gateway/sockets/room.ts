import type { Chat, RoomState } from "../../../contracts/chats.ts";
import { BOUNDS } from "./bounds.ts";
import type { Connection } from "./connection.ts";
import type { Writers } from "./homes.rules.ts";
import type { LocalUser } from "./local-user.ts";
import { RoomOrder } from "./room-order.rules.ts";

/** One chat, as far as this node's sockets are concerned. */
export class Room {
	readonly chatId: string;
	readonly parentChatId: string | null;
	memberCount: number;
	readonly order: RoomOrder;
	readonly users = new Set<LocalUser>();
	/** Those who hear its durable events: the members' sockets, and a thread's open viewers. */
	readonly sockets = new Set<Connection>();
	/** Those that have it open. */
	readonly open = new Set<Connection>();
	/** The tick at which its revision moved last. */
	movedTick = 0;
	/** Since when something before what is known is missing, in ms; 0 is never. */
	behindSince = 0;
	/** Members or a gap are being read: events wait. */
	isReading = false;
	/** Its members must be read before anything more is told. */
	distrustedEpoch = 0;
	/** Its position was never compared with the heads. */
	isFresh = true;
	hasEnded = false;
	/** Who sends to it; null before the first batch. */
	writers: Writers | null = null;

	constructor(state: RoomState) {
		this.chatId = state.chatId;
		this.parentChatId = state.parentChatId;
		this.memberCount = state.memberCount;
		this.order = new RoomOrder(state, BOUNDS.earlyEventsMax);
	}
}

export const stateOf = (chat: Chat, rev: number, epoch: number): RoomState => ({
	chatId: chat.id,
	rev,
	lastSeq: chat.lastSeq,
	epoch,
	parentChatId: chat.parentChatId,
	memberCount: chat.memberCount,
});

/** The rooms of this node: who is in which, and no room without anybody. */
export class Rooms {
	readonly #rooms = new Map<string, Room>();
	readonly #threads = new Map<string, Set<Room>>();
	/** Counts moves of rooms, so that a heartbeat knows what is newer than the one before. */
	tick = 1;

	get(chatId: string): Room | undefined {
		return this.#rooms.get(chatId);
	}

	all(): IterableIterator<Room> {
		return this.#rooms.values();
	}

	get size(): number {
		return this.#rooms.size;
	}

	/** The room of a chat, made at that position where there is none. */
	ensure(state: RoomState): Room {
		let room = this.#rooms.get(state.chatId);
		if (room) return room;
		room = new Room(state);
		this.#rooms.set(room.chatId, room);
		if (room.parentChatId !== null) {
			const siblings = this.#threads.get(room.parentChatId) ?? new Set();
			this.#threads.set(room.parentChatId, siblings.add(room));
		}
		return room;
	}

	/** Which rights in a chat this node knows of: the chat's own, and for a thread those in its parent. */
	epochsOf(chatId: string): string {
		const room = this.#rooms.get(chatId);
		const parent = room?.parentChatId ? this.#rooms.get(room.parentChatId) : undefined;
		return `${room?.order.epoch} ${parent?.order.epoch}`;
	}

	threadsOf(chatId: string): Iterable<Room> {
		return this.#threads.get(chatId) ?? [];
	}

	enter(room: Room, user: LocalUser): void {
		if (room.users.has(user)) return;
		room.users.add(user);
		user.moves++;
		user.rooms.set(room, ++this.tick);
		user.gone.delete(room.chatId);
		for (const connection of user.connections) if (connection.isLive) room.sockets.add(connection);
	}

	/** A user is no longer a member: none of their sockets hears anything more of the chat, nor of its threads. */
	leave(room: Room, user: LocalUser): void {
		room.users.delete(user);
		user.moves++;
		user.rooms.delete(room);
		for (const connection of user.connections) this.#drop(room, connection);
		for (const thread of [...this.threadsOf(room.chatId)]) this.leave(thread, user);
		this.#dropEmpty(room);
	}

	/**
	 * A user left, after `rev` at the latest: the next heartbeat names a revision beyond it, for which a client that has
	 * not heard of it asks, and so learns it.
	 */
	lose(room: Room, user: LocalUser, rev = room.order.rev): void {
		this.gone(room, user, rev + 1);
		for (const thread of [...this.threadsOf(room.chatId)])
			if (thread.users.has(user)) this.lose(thread, user);
		this.leave(room, user);
	}

	/** The chat has ended for a user, as `rev` says or would say: their next heartbeat names it. */
	gone(room: Room, user: LocalUser, rev: number): void {
		user.gone.set(room.chatId, { rev, tick: ++this.tick });
	}

	/** Ends a room for everybody. */
	end(room: Room): void {
		for (const user of [...room.users]) {
			room.users.delete(user);
			user.moves++;
			user.rooms.delete(room);
		}
		for (const connection of [...room.sockets, ...room.open]) this.#drop(room, connection);
		this.#dropEmpty(room);
	}

	openFor(room: Room, connection: Connection): void {
		room.open.add(connection);
		room.sockets.add(connection);
		connection.open.add(room);
	}

	/** Closes a chat for a socket; its membership stays. */
	closeFor(room: Room, connection: Connection): void {
		room.open.delete(connection);
		connection.open.delete(room);
		if (!room.users.has(connection.user)) room.sockets.delete(connection);
		this.#dropEmpty(room);
	}

	/** A socket begins to hear all rooms of its user. */
	connect(connection: Connection): void {
		for (const room of connection.user.rooms.keys()) room.sockets.add(connection);
	}

	/** A socket has gone; `isLast` of its user ends the user's rooms here. */
	disconnect(connection: Connection, isLast: boolean): void {
		for (const room of [...connection.open]) this.closeFor(room, connection);
		for (const room of connection.user.rooms.keys()) room.sockets.delete(connection);
		if (!isLast) return;
		for (const room of [...connection.user.rooms.keys()]) {
			room.users.delete(connection.user);
			this.#dropEmpty(room);
		}
		connection.user.rooms.clear();
	}

	moved(room: Room): void {
		room.movedTick = ++this.tick;
	}

	#drop(room: Room, connection: Connection): void {
		room.sockets.delete(connection);
		room.open.delete(connection);
		connection.open.delete(room);
	}

	#dropEmpty(room: Room): void {
		if (room.users.size > 0 || room.open.size > 0 || room.hasEnded) return;
		room.hasEnded = true;
		this.#rooms.delete(room.chatId);
		if (room.parentChatId === null) return;
		const siblings = this.#threads.get(room.parentChatId);
		siblings?.delete(room);
		if (siblings?.size === 0) this.#threads.delete(room.parentChatId);
	}
}
