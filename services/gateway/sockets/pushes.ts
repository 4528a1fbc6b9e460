/** The only place that says which event goes to which sockets, and under which wire name. */
import { CHANGES, type LogEvent, type MemberChange } from "../../../contracts/changes.ts";
import type { Chat } from "../../../contracts/chats.ts";
import type { Events } from "../../../contracts/events.ts";
import type { Presence } from "../../../contracts/presence.ts";
import type { ServerEvent, ServerToClient } from "../../../contracts/socket.ts";
import type { User } from "../../../contracts/users.ts";
import type { Connection } from "./connection.ts";
import { eventFrame } from "./frames.ts";
import type { Locals, LocalUser } from "./local-user.ts";
import { type Room, type Rooms, stateOf } from "./room.ts";
import type { RoomEvent } from "./room-order.rules.ts";
import type { Writer } from "./writer.ts";

/** What else an event brings with it. */
interface Consequences {
	/** Whose rights shrank: what they heard by them ends. */
	onLeft(room: Room, userId: string): void;
	/** Who may more or less than before. */
	onChanged(room: Room, userId: string): void;
	/** Whose chats have to be read again. */
	onDoubt(user: LocalUser): Promise<void>;
}

export class Pushes {
	readonly #locals: Locals;
	readonly #rooms: Rooms;
	readonly #writer: Writer;
	readonly #on: Consequences;
	/** Presence that changed this turn: for each who hears of it, by user, what it is now. */
	#presences = new Map<Connection, Map<string, Presence>>();

	constructor(locals: Locals, rooms: Rooms, writer: Writer, on: Consequences) {
		this.#locals = locals;
		this.#rooms = rooms;
		this.#writer = writer;
		this.#on = on;
	}

	/** To some sockets, encoded once. */
	to<E extends ServerEvent>(sockets: Iterable<Connection>, name: E, data: ServerToClient[E]): void {
		const frame = eventFrame(name, data);
		for (const { socket } of sockets) this.#writer.send(socket, frame);
	}

	/** A durable event, when its turn in the room has come. */
	tell(room: Room, event: RoomEvent): void {
		this.#rooms.moved(room);
		const { data } = event;
		switch (event.change) {
			case "chat.created":
				this.#welcome(room, event.newUserIds ?? [], data as Chat);
				break;
			case "member.joined":
				this.#joined(room, event, data as MemberChange);
				break;
			case "member.left":
				this.#left(room, data as MemberChange);
				break;
			case "chat.deleted":
				this.to(room.sockets, "chat:deleted", data as Chat);
				for (const user of room.users) this.#rooms.gone(room, user, event.rev);
				this.#rooms.end(room);
				break;
			case "member.updated":
				this.to(room.sockets, "chat:member-updated", data as MemberChange);
				// They may have been silenced. Who may go on says so with their next word.
				this.#on.onChanged(room, (data as MemberChange).member.userId);
				break;
			default: {
				const kind = CHANGES[event.change];
				if ("socket" in kind) this.to(room.sockets, kind.socket, data as never);
			}
		}
	}

	/** An event that makes a chat this node's affair: the room it needs, or null where none of the new ones is here. */
	roomFor(event: LogEvent): Room | null {
		if (event.chatId === null || event.rev === null) return null;
		const chat = event.change === "chat.created" ? event.data : event.chat;
		const isHere = event.newUserIds?.some(id => this.#locals.users.has(id)) ?? false;
		if (!chat || !isHere) return null;
		// One revision before it: the event itself comes next.
		return this.#rooms.ensure(stateOf(chat, event.rev - 1, event.epoch));
	}

	/**
	 * An event that its room is beyond: it was made, or read, when another one's chats were. So whom the event makes a
	 * member may not be in it, and is not there to be told.
	 */
	late(room: Room, { change, data, chat, newUserIds = [] }: LogEvent): void {
		const made = change === "chat.created" ? data : chat;
		for (const id of newUserIds) {
			const user = this.#locals.users.get(id);
			if (!made || !user || room.users.has(user)) continue;
			void this.#on.onDoubt(user).then(() => {
				if (room.users.has(user)) this.to(this.#locals.ofUser(id), "chat:created", made);
			});
		}
	}

	openRoom(chatId: string): Iterable<Connection> {
		return this.#rooms.get(chatId)?.open ?? [];
	}

	receipts({ marks }: Events["receipts.moved"]): void {
		for (const mark of marks) this.to(this.openRoom(mark.chatId), "message:status", mark);
	}

	thread({ parentChatId, messageId, thread }: Events["thread.grew"]): void {
		this.to(this.openRoom(parentChatId), "thread:updated", { messageId, thread });
	}

	typing(moved: Events["typing.moved"]): void {
		const others = [...this.openRoom(moved.chatId)].filter(({ user }) => user.id !== moved.userId);
		if (others.length === 0) return;
		// Who hears no end of it ends it by themselves.
		const frame = eventFrame("typing", moved);
		for (const { socket } of others) this.#writer.sendVolatile(socket, frame);
	}

	inbox({ userId, update, exceptSocketId }: Events["inbox.moved"]): void {
		const others = [...this.#locals.ofUser(userId)].filter(({ id }) => id !== exceptSocketId);
		if (others.length > 0) this.to(others, "inbox:update", update);
	}

	/** @param watchers the sockets that hear of a user */
	presence({ users }: Events["presence.changed"], watchers: (userId: string) => Iterable<Connection>): void {
		for (const presence of users) {
			for (const connection of watchers(presence.userId)) {
				if (this.#presences.size === 0) setImmediate(() => this.#tellPresences());
				const told = this.#presences.get(connection) ?? new Map<string, Presence>();
				this.#presences.set(connection, told.set(presence.userId, presence));
			}
		}
	}

	/** @param chatIds the chats that the user is in */
	profile(user: User, chatIds: Iterable<string>): void {
		const { email: _, ...seen } = user;
		const own = new Set(this.#locals.ofUser(user.id));
		const others = new Set<Connection>();
		for (const chatId of chatIds)
			for (const connection of this.#rooms.get(chatId)?.sockets ?? [])
				if (!own.has(connection)) others.add(connection);
		this.to(others, "user:updated", seen);
		this.to(own, "user:updated", user);
	}

	/** One user who changed, however often, is `user:status`; several of one turn are a list. */
	#tellPresences(): void {
		const presences = this.#presences;
		this.#presences = new Map();
		const status = Map.groupBy(presences, ([, users]) =>
			users.size === 1 ? [...users.values()][0] : undefined,
		);
		for (const [presence, to] of status) {
			if (presence)
				this.to(
					to.map(([connection]) => connection),
					"user:status",
					presence,
				);
			else for (const [connection, users] of to) this.to([connection], "users:update", [...users.values()]);
		}
	}

	#joined(room: Room, event: RoomEvent, data: MemberChange): void {
		const userIds = event.newUserIds ?? [data.member.userId];
		const others = [...room.sockets].filter(({ user }) => !userIds.includes(user.id));
		if (others.length > 0) this.to(others, "chat:member-joined", data);
		if (event.chat) this.#welcome(room, userIds, event.chat);
	}

	/** Who is new is told the whole chat, and hears the rest from there. */
	#welcome(room: Room, userIds: readonly string[], chat: Chat): void {
		room.memberCount = chat.memberCount;
		const here = userIds.flatMap(id => this.#locals.users.get(id) ?? []);
		const users = here.filter(user => this.#mayEnter(room, user));
		for (const user of users) {
			user.touched?.add(room.chatId);
			this.#rooms.enter(room, user);
		}
		for (const user of here) if (!users.includes(user)) this.#doubt(room, user);
		const sockets = users.flatMap(user => [...this.#locals.ofUser(user.id)]);
		if (sockets.length > 0) this.to(sockets, "chat:created", chat);
	}

	/**
	 * A send may commit beside its sender's removal from the parent, and make them a member of the thread. Whose chats
	 * are being read for the first time hears nothing yet, and is looked at once they are read.
	 */
	#mayEnter({ parentChatId }: Room, user: LocalUser): boolean {
		if (parentChatId === null || this.#rooms.get(parentChatId)?.users.has(user)) return true;
		return ![...user.connections].some(({ isLive }) => isLive);
	}

	/** Not in the parent: gone from it, or so new in it that this came first. The database knows. */
	#doubt(thread: Room, user: LocalUser): void {
		this.#rooms.leave(thread, user);
		void this.#on.onDoubt(user);
	}

	/** The last that a removed member hears of the chat is that. */
	#left(room: Room, data: MemberChange): void {
		const { userId } = data.member;
		const user: LocalUser | undefined = this.#locals.users.get(userId);
		this.to(new Set([...room.sockets, ...this.#locals.ofUser(userId)]), "chat:member-left", data);
		this.#on.onLeft(room, userId);
		if (!user) return;
		user.touched?.add(room.chatId);
		// Even this may get lost on its way, so the next heartbeat names the revision as well.
		this.#rooms.lose(room, user, data.rev - 1);
	}
}
