/** A socket's presence: a lease that its client's heartbeats renew, and where it sends none, its pongs. */
import type { ServiceBroker } from "moleculer";
import * as presence from "../../../contracts/presence.ts";
import { call } from "../../../lib/moleculer.ts";
import type { Connection } from "./connection.ts";
import type { Logger } from "./parts.ts";

export class Leases {
	readonly #broker: ServiceBroker;
	readonly #logger: Logger;
	/** Half of a lease's time: what is younger needs no renewal by a pong. */
	readonly #freshMs: number;

	constructor(broker: ServiceBroker, logger: Logger, presenceTtlS: number) {
		this.#broker = broker;
		this.#logger = logger;
		this.#freshMs = presenceTtlS * 500;
	}

	async renew(connection: Connection): Promise<presence.Presence> {
		const { id: connectionId, user, idle } = connection;
		connection.leasedAt = Date.now();
		const params = { userId: user.id, connectionId, ...(idle !== undefined && { idle }) };
		connection.presence = await call(this.#broker, presence.lease, params);
		return connection.presence;
	}

	/** Presence is a courtesy: that it cannot be told keeps nobody out. */
	renewIfOld(connection: Connection): void {
		if (!connection.isLive || Date.now() - connection.leasedAt < this.#freshMs) return;
		this.renew(connection).catch(err => this.#logger.warn("A lease was not renewed.", err));
	}

	end({ id: connectionId, user }: Connection): void {
		call(this.#broker, presence.release, { userId: user.id, connectionId }).catch(err =>
			this.#logger.warn("A lease was not ended; it lapses by itself.", err),
		);
	}
}
