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
		connection.leasedAt = Date.now();
		const lease = { userId: user.id, connectionId, ...(idle !== undefined && { idle }) };
		connection.presence = await this.#changes.add(lease);
		return connection.presence;
	}

	/** Presence is a courtesy: that it cannot be told keeps nobody out. */
	renewIfOld(connection: Connection): void {
		if (!connection.isLive || Date.now() - connection.leasedAt < this.#freshMs) return;
		this.renew(connection).catch(err => this.#logger.warn("A lease was not renewed.", err));
	}

	end({ id: connectionId, user }: Connection): void {
		this.#changes
			.add({ userId: user.id, connectionId, ended: true })
			.catch(err => this.#logger.warn("A lease was not ended; it lapses by itself.", err));
	}
}
