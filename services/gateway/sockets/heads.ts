/** The heads of all rooms, compared with the database: at a hint that something was lost, and every 5 s anyway. */
import type { ServiceBroker } from "moleculer";
import * as chats from "../../../contracts/chats.ts";
import { call } from "../../../lib/moleculer.ts";
import { BOUNDS } from "./bounds.ts";
import { chunks } from "./chunks.ts";
import type { Logger } from "./parts.ts";
import type { Room, Rooms } from "./room.ts";

interface Parts {
	broker: ServiceBroker;
	logger: Logger;
	rooms: Rooms;
	/** Told of each head that was read. */
	onHead(room: Room, head: chats.RoomState): void;
}

export class Heads {
	readonly #parts: Parts;
	#timer: NodeJS.Timeout | null = null;
	/** From where on heads count as moved; each round gives the next one's. */
	#since: string | undefined;
	#round: Promise<void> | null = null;
	#isWantedAgain = false;
	#isStopped = false;

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	start(): void {
		this.#timer = setInterval(() => this.check(), BOUNDS.headsEveryMs);
	}

	async stop(): Promise<void> {
		this.#isStopped = true;
		if (this.#timer) clearInterval(this.#timer);
		await this.#round;
	}

	/** Begins a round. Whoever asks while one runs shares one more after it, which sees what they know of. */
	check(): void {
		if (this.#round || this.#isStopped) {
			this.#isWantedAgain = true;
			return;
		}
		this.#round = this.#readAll()
			.catch(err => {
				if (!this.#isStopped) this.#parts.logger.warn("The heads of the rooms could not be read.", err);
			})
			.finally(() => {
				this.#round = null;
				if (!this.#isWantedAgain) return;
				this.#isWantedAgain = false;
				this.check();
			});
	}

	/** Rooms that were never compared are asked for as a whole, the others for what moved since the last time. */
	async #readAll(): Promise<void> {
		const rooms = [...this.#parts.rooms.all()];
		const since = this.#since;
		const isFresh = (room: Room) => since === undefined || room.isFresh;
		const known = rooms.filter(room => !isFresh(room));
		let next: string | undefined;
		for (const [group, from] of [[known, since] as const, [rooms.filter(isFresh), undefined] as const]) {
			for (const some of chunks(group, BOUNDS.headsPerCallMax)) {
				const read = await this.#read(some, from);
				next ??= read;
			}
		}
		// The earliest of the round's calls: what moved between them is told twice rather than never.
		this.#since = next ?? since;
	}

	async #read(rooms: Room[], since: string | undefined): Promise<string> {
		const chatIds = rooms.map(({ chatId }) => chatId);
		const heads = await call(this.#parts.broker, chats.heads, { chatIds, ...(since && { since }) });
		for (const room of rooms) room.isFresh = false;
		for (const head of heads.items) {
			const room = this.#parts.rooms.get(head.chatId);
			if (room) this.#parts.onHead(room, head);
		}
		return heads.since;
	}
}
