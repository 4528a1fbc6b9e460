/** A socket's presence: a lease that its client's heartbeats renew, and where it sends none, its pongs. */
import type { ServiceBroker } from "moleculer";
import type { Params } from "../../../contracts/contract.ts";
import * as presence from "../../../contracts/presence.ts";
import { Batcher } from "../../../lib/batcher.ts";
import { call } from "../../../lib/moleculer.ts";
import { Pace } from "../../../lib/pace.ts";
import { BOUNDS } from "./bounds.ts";
import type { Connection } from "./connection.ts";
import type { Logger } from "./parts.ts";

type Lease = Params<typeof presence.leases>["leases"][number];

export class Leases {
	readonly #logger: Logger;
	/** Half of a lease's time: what is younger needs no renewal by a pong. */
	readonly #freshMs: number;
	/** One after another, since a lease must not begin after its end; of many sockets at once, a storm is few calls. */
	readonly #changes: Batcher<Lease, presence.Presence>;
	/** Renewals that nobody waits for. */
	readonly #old = new Set<Connection>();

	constructor(broker: ServiceBroker, logger: Logger, presenceTtlS: number) {
		this.#logger = logger;
		this.#freshMs = presenceTtlS * 500;
		const pace = new Pace();
		this.#changes = new Batcher({
			run: async leases => (await call(broker, presence.leases, { leases })).map(value => ({ value })),
			batchMax: BOUNDS.leasesPerCallMax,
			queueMax: BOUNDS.leasesWaitingMax,
			gatherMs: () => pace.gatherMs,
		});
	}

	async renew(connection: Connection): Promise<presence.Presence> {
		const { id: connectionId, user, idle } = connection;
		connection.leasedAt = performance.now();
		const lease = { userId: user.id, connectionId, ...(idle !== undefined && { idle }) };
		connection.presence = await this.#changes.add(lease);
		return connection.presence;
	}

	/** Presence is a courtesy: that it cannot be told keeps nobody out. */
	renewQuietly(connection: Connection): void {
		this.renew(connection).catch(err => this.#logger.warn("A lease was not renewed.", err));
	}

	/** Its client lives. Others who show that within a second are renewed with it. */
	renewIfOld(connection: Connection): void {
		if (!connection.isLive || performance.now() - connection.leasedAt < this.#freshMs) return;
		if (this.#old.add(connection).size === 1)
			setTimeout(() => this.#renewOld(), BOUNDS.renewalsGatherMs).unref();
	}

	#renewOld(): void {
		const old = [...this.#old];
		this.#old.clear();
		for (const connection of old) this.renewQuietly(connection);
	}

	end(connection: Connection): void {
		this.#old.delete(connection);
		this.#changes
			.add({ userId: connection.user.id, connectionId: connection.id, ended: true })
			.catch(err => this.#logger.warn("A lease was not ended; it lapses by itself.", err));
	}
}
