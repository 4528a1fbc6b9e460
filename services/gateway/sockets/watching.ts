/** Who hears of whose presence. One hears of those with whom one shares a chat, as long as one does. */
import type { ServiceBroker } from "moleculer";
import * as chats from "../../../contracts/chats.ts";
import { LIMITS } from "../../../contracts/limits.ts";
import * as presence from "../../../contracts/presence.ts";
import { invalid } from "../../../lib/errors.ts";
import { call } from "../../../lib/moleculer.ts";
import { BOUNDS } from "./bounds.ts";
import type { Connection } from "./connection.ts";
import type { Locals, LocalUser } from "./local-user.ts";
import type { Logger } from "./parts.ts";

export class Watching {
	readonly #broker: ServiceBroker;
	readonly #logger: Logger;
	readonly #locals: Locals;
	readonly #watchers = new Map<string, Set<Connection>>();
	/** Users who may have lost the right to hear of somebody. */
	readonly #doubtful = new Set<LocalUser>();
	#isChecking = false;

	constructor(broker: ServiceBroker, logger: Logger, locals: Locals) {
		this.#broker = broker;
		this.#logger = logger;
		this.#locals = locals;
	}

	of(userId: string): Iterable<Connection> {
		return this.#watchers.get(userId) ?? [];
	}

	/** Subscribes, then reads: what changes meanwhile is told. Those whom one may not hear of are offline. */
	async add(connection: Connection, asked: readonly string[]): Promise<presence.Presence[]> {
		const userIds = [...new Set(asked)];
		const allowed = new Set(await this.#sharing(connection.user.id, userIds));
		const added = userIds.filter(id => allowed.has(id));
		const size = connection.watched.union(new Set(added)).size;
		if (size > LIMITS.presenceSubscriptionsMax)
			throw invalid("userIds", `One socket may subscribe to ${LIMITS.presenceSubscriptionsMax} users.`);
		if (connection.isLive) for (const id of added) this.#watch(connection, id);
		const found = added.length > 0 ? await call(this.#broker, presence.of, { userIds: added }) : [];
		const known = new Map(found.map(one => [one.userId, one]));
		return userIds.map(
			userId => known.get(userId) ?? { userId, status: "offline", text: null, lastSeenAt: null },
		);
	}

	remove(connection: Connection, userIds: Iterable<string>): void {
		for (const userId of [...userIds]) {
			connection.watched.delete(userId);
			const watchers = this.#watchers.get(userId);
			watchers?.delete(connection);
			if (watchers?.size === 0) this.#watchers.delete(userId);
		}
	}

	/** A user was parted from a chat: who of its members still hears of whom is asked again. */
	doubt(userId: string): void {
		const user = this.#locals.users.get(userId);
		if (user) this.#doubtful.add(user);
		for (const connection of this.of(userId)) this.#doubtful.add(connection.user);
	}

	doubtAll(): void {
		for (const { user, watched } of this.#locals.connections.values())
			if (watched.size > 0) this.#doubtful.add(user);
	}

	/** Asks for those in doubt, a few at a time. */
	async check(): Promise<void> {
		if (this.#isChecking) return;
		this.#isChecking = true;
		try {
			while (this.#doubtful.size > 0) {
				const some = [...this.#doubtful].slice(0, BOUNDS.sharingRecheckAtOnceMax);
				for (const user of some) this.#doubtful.delete(user);
				await Promise.all(some.map(user => this.#recheck(user)));
			}
		} catch (err) {
			this.#logger.warn("Presence subscriptions could not be checked.", err);
		} finally {
			this.#isChecking = false;
		}
	}

	async #recheck(user: LocalUser): Promise<void> {
		for (const connection of user.connections) {
			const watched = [...connection.watched];
			if (watched.length === 0) continue;
			const allowed = new Set(await this.#sharing(user.id, watched));
			this.remove(
				connection,
				watched.filter(id => !allowed.has(id)),
			);
		}
	}

	/** One always hears of oneself. */
	async #sharing(userId: string, userIds: string[]): Promise<string[]> {
		const others = userIds.filter(id => id !== userId);
		const sharing =
			others.length > 0 ? await call(this.#broker, chats.sharing, { userId, userIds: others }) : [];
		return others.length < userIds.length ? [userId, ...sharing] : sharing;
	}

	#watch(connection: Connection, userId: string): void {
		connection.watched.add(userId);
		const watchers = this.#watchers.get(userId) ?? new Set();
		this.#watchers.set(userId, watchers.add(connection));
	}
}
