/** How durable events reach the rooms: in the order of `rev`, and what is missing read once for all sockets of a room. */
import type { ServiceBroker } from "moleculer";
import { CHANGES } from "../../../contracts/changes.ts";
import type { RoomState } from "../../../contracts/chats.ts";
import * as chats from "../../../contracts/chats.ts";
import type { LogBatch } from "../../../contracts/events.ts";
import * as messages from "../../../contracts/messages.ts";
import { codeOf } from "../../../lib/errors.ts";
import { call } from "../../../lib/moleculer.ts";
import { BOUNDS } from "./bounds.ts";
import { chunks } from "./chunks.ts";
import { Heads } from "./heads.ts";
import { Writers } from "./homes.rules.ts";
import type { Locals, LocalUser } from "./local-user.ts";
import type { Logger } from "./parts.ts";
import type { Pushes } from "./pushes.ts";
import type { Room, Rooms } from "./room.ts";
import { isLast, type RoomEvent } from "./room-order.rules.ts";
import { Streams } from "./streams.rules.ts";

interface Parts {
	broker: ServiceBroker;
	logger: Logger;
	locals: Locals;
	rooms: Rooms;
	pushes: Pushes;
}

export class Feed {
	readonly #parts: Parts;
	readonly #streams = new Streams();
	/** Rooms that know of something which they have not got. */
	readonly #behind = new Set<Room>();
	#sweeper: NodeJS.Timeout | null = null;
	readonly #heads: Heads;
	#reads = 0;
	#stopped = false;

	constructor(parts: Parts) {
		this.#parts = parts;
		this.#heads = new Heads({ ...parts, onHead: (room, head) => this.#headRead(room, head) });
	}

	start(): void {
		this.#heads.start();
	}

	async stop(): Promise<void> {
		this.#stopped = true;
		if (this.#sweeper) clearInterval(this.#sweeper);
		await this.#heads.stop();
	}

	/** Something may have been lost. */
	checkHeads(): void {
		this.#heads.check();
	}

	batch({ stream, n, events }: LogBatch): void {
		const now = performance.now();
		const touched = new Set<Room>();
		for (const event of events) {
			if (event.chatId === null || event.rev === null || CHANGES[event.change]?.durable === false) continue;
			const room = this.#parts.rooms.get(event.chatId) ?? this.#parts.pushes.roomFor(event);
			if (!room) {
				// Whoever is just connecting may be reading that they still are a member.
				if (event.change === "member.left")
					this.#parts.locals.users.get(event.data.member.userId)?.touched?.add(event.chatId);
				continue;
			}
			// What a newer node tells and this one does not know is a hole, which is read.
			if (!CHANGES[event.change]) room.order.hear(event.rev);
			else if (!room.order.take(event as RoomEvent)) this.#parts.pushes.late(room, event);
			touched.add(room);
			if (event.change !== "message.created") continue;
			room.writers ??= new Writers();
			room.writers.wrote(stream, now);
		}
		for (const room of touched) this.#pump(room);
		if (this.#streams.batch(stream, n, now)) this.checkHeads();
	}

	beat({ stream, n }: { stream: string; n: number }): void {
		if (this.#streams.size > BOUNDS.streamsMax)
			this.#streams.forgetSilent(performance.now() - BOUNDS.streamSilentMs);
		if (this.#streams.beat(stream, n, performance.now())) this.checkHeads();
	}

	/** Tells what has its turn. Stops at a gap, and where the members have to be read first. */
	#pump(room: Room): void {
		const { order } = room;
		while (!room.isReading && !room.hasEnded) {
			const event = order.next();
			if (!event) break;
			if (order.distrusts(event)) {
				room.distrustedEpoch = event.epoch;
				void this.#readMembers(room);
				return;
			}
			order.told(event);
			this.#parts.pushes.tell(room, event);
		}
		this.#watch(room);
	}

	#watch(room: Room): void {
		if (room.hasEnded || !room.order.isBehind) {
			room.behindSince = 0;
			this.#behind.delete(room);
			return;
		}
		if (room.behindSince === 0) room.behindSince = performance.now();
		this.#behind.add(room);
		if (!this.#sweeper && !this.#stopped)
			this.#sweeper = setInterval(() => this.#sweep(), BOUNDS.sweepEveryMs);
	}

	#sweep(): void {
		if (this.#behind.size === 0 && this.#sweeper) {
			clearInterval(this.#sweeper);
			this.#sweeper = null;
		}
		const now = performance.now();
		for (const room of this.#behind) {
			if (this.#reads >= BOUNDS.gapReadsAtOnceMax) return;
			if (room.hasEnded) this.#behind.delete(room);
			else if (room.isReading) continue;
			else if (room.order.isFull || now - room.behindSince >= BOUNDS.earlyWaitMs)
				void (room.distrustedEpoch > room.order.epoch ? this.#readMembers(room) : this.#readGap(room));
		}
	}

	/** Runs a reading of a room, during which its events wait; one that failed is tried again. */
	async #reading(room: Room, read: () => Promise<void>): Promise<void> {
		room.isReading = true;
		this.#reads++;
		try {
			await read();
		} catch (err) {
			if (codeOf(err) === "NOT_FOUND") this.#vanish(room);
			else if (!this.#stopped) {
				this.#parts.logger.warn(`The room ${room.chatId} could not catch up.`, err);
				room.behindSince = performance.now() + BOUNDS.retryAfterMs - BOUNDS.earlyWaitMs;
			}
		}
		this.#reads--;
		room.isReading = false;
		if (room.distrustedEpoch > room.order.epoch || room.hasEnded) this.#watch(room);
		else this.#pump(room);
	}

	#readMembers(room: Room): Promise<void> {
		const epoch = room.distrustedEpoch;
		return this.#reading(room, async () => {
			const { absent, present } = await this.#membersOf(room);
			for (const user of absent) this.#parts.rooms.lose(room, user);
			for (const user of present) this.#parts.rooms.enter(room, user);
			room.order.epoch = Math.max(room.order.epoch, epoch);
		});
	}

	#readGap(room: Room): Promise<void> {
		const { broker, rooms, pushes } = this.#parts;
		const { order, chatId } = room;
		const from = order.rev;
		return this.#reading(room, async () => {
			for (let page = 0; page < BOUNDS.gapPagesMax; page++) {
				const gap = await call(broker, messages.gap, { chatId, since: order.rev });
				const moved = gap.epoch > order.epoch ? await this.#membersOf(room) : null;
				if (room.hasEnded) return;
				const known = new Set([...room.users].map(({ id }) => id));
				for (const user of moved?.absent ?? []) rooms.lose(room, user, gap.rev);
				for (const event of order.fill(gap, known)) pushes.tell(room, event);
				for (const user of moved?.present ?? []) rooms.enter(room, user);
				order.filled(gap);
				if (isLast(gap)) break;
			}
			// Where nothing was to be read although more is known of, asking at once would ask for ever.
			room.behindSince = order.rev > from ? 0 : performance.now() + BOUNDS.retryAfterMs;
		});
	}

	/** Which of the users here are members now that the room does not know, and which it knows are none any more. */
	async #membersOf(room: Room): Promise<{ absent: LocalUser[]; present: LocalUser[] }> {
		const asked = [...this.#parts.locals.users.values()];
		const before = new Set(room.users);
		const members = new Set<string>();
		for (const some of chunks(asked, BOUNDS.amongPerCallMax)) {
			const userIds = some.map(({ id }) => id);
			const found = await call(this.#parts.broker, chats.among, { chatId: room.chatId, userIds });
			for (const id of found) members.add(id);
		}
		return {
			absent: asked.filter(user => before.has(user) && !members.has(user.id)),
			present: asked.filter(user => !before.has(user) && members.has(user.id) && user.connections.size > 0),
		};
	}

	/** The chat is no more, and the event that says so was lost: heartbeats tell a revision that nobody will reach. */
	#vanish(room: Room): void {
		for (const user of room.users) this.#parts.rooms.gone(room, user, room.order.rev + 1);
		this.#parts.rooms.end(room);
	}

	/** A head that is ahead is heard of; a moved epoch without a revision is a right that ended without an event. */
	#headRead(room: Room, head: RoomState): void {
		room.memberCount = head.memberCount;
		room.order.hear(head.rev);
		if (head.rev <= room.order.rev && head.epoch > room.order.epoch && !room.isReading) {
			room.distrustedEpoch = head.epoch;
			void this.#readMembers(room);
		} else this.#watch(room);
	}
}
