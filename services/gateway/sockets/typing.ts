/** Who types where: told while it lasts, and ended by this node when the typist does not say so. */
import type { ServiceBroker } from "moleculer";
import * as chats from "../../../contracts/chats.ts";
import { forbidden } from "../../../lib/errors.ts";
import { announce, call } from "../../../lib/moleculer.ts";
import { BOUNDS } from "./bounds.ts";
import type { Connection } from "./connection.ts";
import type { Logger } from "./parts.ts";

interface Typist {
	connection: Connection;
	chatId: string;
	until: number;
	toldAt: number;
}

export interface Place {
	/** As far as this node knows; for others the chats service decides what they may know. */
	isMember: boolean;
	/** Changes with the rights in the chat. */
	rights: string;
}

export class Typing {
	readonly #broker: ServiceBroker;
	readonly #logger: Logger;
	/** By socket and chat. */
	readonly #typists = new Map<string, Typist>();
	/** By user and chat, the oldest first. */
	readonly #mayType = new Map<string, { may: boolean; rights: string; until: number }>();

	constructor(broker: ServiceBroker, logger: Logger) {
		this.#broker = broker;
		this.#logger = logger;
	}

	/** @param place what this node knows of the chat */
	async set(connection: Connection, chatId: string, isTyping: boolean, place: Place): Promise<void> {
		const key = `${connection.id} ${chatId}`;
		const typist = this.#typists.get(key);
		if (!isTyping) {
			if (typist) this.#end(key, typist);
			return;
		}
		if (!(await this.#may(connection, chatId, place)) || !connection.isLive) return;
		const now = Date.now();
		const isNew = !typist || now - typist.toldAt >= BOUNDS.typingRepeatMs;
		this.#typists.set(key, {
			connection,
			chatId,
			until: now + BOUNDS.typingEndsMs,
			toldAt: isNew ? now : typist.toldAt,
		});
		if (isNew) this.#tell(connection, chatId, true);
	}

	/** Ends what nobody has said to go on. */
	tick(now: number): void {
		for (const [key, typist] of this.#typists) if (typist.until <= now) this.#end(key, typist);
	}

	/** A socket has gone, or has closed a chat. */
	endOf(connection: Connection, chatId?: string): void {
		for (const [key, typist] of this.#typists)
			if (typist.connection === connection && (chatId === undefined || typist.chatId === chatId))
				this.#end(key, typist);
	}

	/** A user may no longer type in a chat. */
	forget(userId: string, chatId: string): void {
		this.#mayType.delete(`${userId} ${chatId}`);
		for (const [key, typist] of this.#typists)
			if (typist.connection.user.id === userId && typist.chatId === chatId) this.#end(key, typist);
	}

	#end(key: string, { connection, chatId }: Typist): void {
		this.#typists.delete(key);
		this.#tell(connection, chatId, false);
	}

	#tell({ user }: Connection, chatId: string, isTyping: boolean): void {
		announce(this.#broker, "typing.moved", { chatId, userId: user.id, isTyping }).catch(err =>
			this.#logger.warn("Typing was not told.", err),
		);
	}

	async #may({ user, meta }: Connection, chatId: string, { isMember, rights }: Place): Promise<boolean> {
		const key = `${user.id} ${chatId}`;
		const known = this.#mayType.get(key);
		if (known && known.rights === rights && known.until > Date.now()) return known.may;
		// A chat that one may not see does not exist; one that may be seen, like a channel, is not written in for that.
		const chat = isMember ? null : await call(this.#broker, chats.get, { chatId }, { meta });
		const may = await call(this.#broker, chats.mayType, { chatId, userId: user.id });
		if (chat?.capabilities.typing && !may) throw forbidden("You may not write here.");
		this.#mayType.delete(key);
		this.#mayType.set(key, { may, rights, until: Date.now() + BOUNDS.mayTypeKeptMs });
		const [oldest] = this.#mayType.keys();
		if (this.#mayType.size > BOUNDS.mayTypeKeptMax && oldest !== undefined) this.#mayType.delete(oldest);
		return may;
	}
}
