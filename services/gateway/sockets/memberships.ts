/** Which chats the users here are in: read when the first socket of a user connects, and compared every 30 s. */
import type { ServiceBroker } from "moleculer";
import * as chats from "../../../contracts/chats.ts";
import { Batcher } from "../../../lib/batcher.ts";
import { digestOf } from "../../../lib/chat-digest.ts";
import { call } from "../../../lib/moleculer.ts";
import { BOUNDS } from "./bounds.ts";
import { chunks } from "./chunks.ts";
import type { Locals, LocalUser } from "./local-user.ts";
import type { Logger } from "./parts.ts";
import type { Rooms } from "./room.ts";

type Row = chats.RoomState & { userId: string };

interface Parts {
	broker: ServiceBroker;
	logger: Logger;
	locals: Locals;
	rooms: Rooms;
}

export class Memberships {
	readonly #parts: Parts;
	/** Those of all who connect in one turn, or while another reading runs, are read together. */
	readonly #loading = new Batcher<LocalUser, void>({
		run: async users => {
			await this.#read(users);
			return users.map(() => ({ value: undefined }));
		},
		batchMax: BOUNDS.usersPerLoadMax,
		queueMax: BOUNDS.usersWaitingMax,
	});

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	/** Reads a user's chats. @throws what the reading throws */
	load(user: LocalUser): Promise<void> {
		const reading = this.#loading.add(user);
		user.reading = reading;
		// It may have failed before it came to their own reading, which would have said that it is over.
		reading.catch(() => {
			if (user.reading === reading) user.reading = null;
		});
		return reading;
	}

	/** Reads a user's chats again, as they are now or later; what fails is read again within 30 s anyway. */
	reread(user: LocalUser): Promise<void> {
		user.again ??= this.#readAfter(user).catch(err =>
			this.#parts.logger.warn("A user's chats could not be read again.", err),
		);
		return user.again;
	}

	/** What is being read may be older than the doubt. */
	async #readAfter(user: LocalUser): Promise<void> {
		await user.reading?.catch(() => {});
		user.again = null;
		await this.load(user);
	}

	/**
	 * Compares those of all users here with the database, and reads again where they differ, or have moved here: what a
	 * lost event took away ends now.
	 */
	async refresh(): Promise<void> {
		for (const some of chunks([...this.#parts.locals.users.values()], BOUNDS.usersPerCallMax)) {
			const digests = await this.#digestsOf(some);
			const moved = some.filter(({ id, reading, checked, moves }) => {
				return reading === null && (checked?.digest !== digests.get(id) || checked?.moves !== moves);
			});
			if (moved.length === 0) continue;
			const reading = this.#read(moved);
			for (const user of moved) user.reading = reading;
			await reading;
		}
		this.#forgetGone();
	}

	async #digestsOf(users: LocalUser[]): Promise<Map<string, string>> {
		const userIds = users.map(({ id }) => id);
		const found = await call(this.#parts.broker, chats.digests, { userIds });
		const digests = new Map(userIds.map(id => [id, digestOf([])]));
		for (const { userId, digest } of found) digests.set(userId, digest);
		return digests;
	}

	async #read(users: LocalUser[]): Promise<void> {
		// From here on events say what changes, so nothing that happens during the reading is lost.
		for (const user of users) user.touched = new Set();
		const moves = users.map(user => user.moves);
		try {
			const rows = await this.#rowsOf(users.map(({ id }) => id));
			for (const [i, user] of users.entries()) {
				const hasMoved = user.moves !== moves[i];
				const read = rows.get(user.id) ?? [];
				this.#apply(user, read);
				const digest = digestOf(read.map(({ chatId }) => chatId));
				// What moved meanwhile is looked at once more.
				user.checked = hasMoved ? null : { digest, moves: user.moves };
			}
		} finally {
			for (const user of users) {
				user.touched = null;
				user.reading = null;
			}
		}
	}

	async #rowsOf(userIds: string[]): Promise<Map<string, Row[]>> {
		const rows: Row[] = [];
		let cursor: string | undefined;
		for (let page = 0; page < BOUNDS.pagesMax; page++) {
			const read = await call(this.#parts.broker, chats.rooms, { userIds, ...(cursor && { cursor }) });
			rows.push(...read.items);
			if (read.nextCursor === null) break;
			cursor = read.nextCursor;
		}
		return Map.groupBy(rows, ({ userId }) => userId);
	}

	/** What events said meanwhile is newer than what was read, for that chat and for its threads. */
	#apply(user: LocalUser, rows: Row[]): void {
		const { rooms } = this.#parts;
		if (user.connections.size === 0) return;
		const isSettled = (chatId: string, parentChatId: string | null) =>
			user.touched?.has(chatId) || (parentChatId !== null && user.touched?.has(parentChatId));
		const read = new Set(rows.map(({ chatId }) => chatId));
		for (const room of [...user.rooms.keys()]) {
			if (read.has(room.chatId) || isSettled(room.chatId, room.parentChatId)) continue;
			rooms.lose(room, user);
		}
		for (const row of rows)
			if (!isSettled(row.chatId, row.parentChatId)) rooms.enter(rooms.ensure(row), user);
		for (const room of [...user.rooms.keys()])
			if (room.parentChatId !== null && !rooms.get(room.parentChatId)?.users.has(user))
				rooms.leave(room, user);
		this.#closeForeign(user);
	}

	/** Threads that are open for who may not read them any more. */
	#closeForeign(user: LocalUser): void {
		const { rooms } = this.#parts;
		for (const connection of user.connections)
			for (const room of [...connection.open])
				if (!mayHear(rooms, room.chatId, room.parentChatId, user)) rooms.closeFor(room, connection);
	}

	/** Every socket of theirs has had a heartbeat since. */
	#forgetGone(): void {
		for (const user of this.#parts.locals.users.values())
			for (const [chatId, { tick }] of user.gone)
				if ([...user.connections].every(({ heartbeatTick }) => heartbeatTick > tick))
					user.gone.delete(chatId);
	}
}

/** Members hear a chat; a thread's open viewers are members of its parent. */
export function mayHear(rooms: Rooms, chatId: string, parentChatId: string | null, user: LocalUser): boolean {
	if (rooms.get(chatId)?.users.has(user)) return true;
	return parentChatId !== null && (rooms.get(parentChatId)?.users.has(user) ?? false);
}
