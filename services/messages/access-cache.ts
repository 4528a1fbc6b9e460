import { BoundedMap } from "../../lib/bounded-map.ts";
import type { Database } from "../../lib/database.ts";
import { notFound } from "../../lib/errors.ts";
import { type Access, readAccess } from "../../models/access.ts";

/**
 * How users stand to chats, as last read. A hint: whoever acts on it compares its epochs with the chat's head in the
 * transaction that acts. So nothing has to be told to it, and the least recently used goes first.
 */
export class AccessCache {
	readonly #db: Database;
	readonly #entries: BoundedMap<string, Access>;
	/** Who asks meanwhile waits for the same answer, so that one user's sends stay in their order. */
	readonly #reading = new Map<string, Promise<Access | null>>();

	constructor(db: Database, entriesMax: number) {
		this.#db = db;
		this.#entries = new BoundedMap(entriesMax);
	}

	/** @throws NOT_FOUND where the user may not see the chat; that is never answered from the cache */
	async of(chatId: string, userId: string): Promise<Access> {
		const kept = this.#entries.get(`${chatId}:${userId}`);
		const access = kept ?? (await this.#read(chatId, userId));
		if (!access) throw notFound("chat");
		this.keep(access);
		return access;
	}

	keep(access: Access): void {
		this.#entries.set(`${access.chatId}:${access.userId}`, access);
	}

	#read(chatId: string, userId: string): Promise<Access | null> {
		const key = `${chatId}:${userId}`;
		let reading = this.#reading.get(key);
		if (!reading) {
			reading = readAccess(this.#db.query, this.#db.t, chatId, userId);
			this.#reading.set(key, reading);
			const done = () => this.#reading.delete(key);
			reading.then(done, done);
		}
		return reading;
	}
}
