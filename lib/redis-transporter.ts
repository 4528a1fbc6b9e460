import { Transporters } from "moleculer";

/** What upstream has and does not declare. */
interface Upstream {
	_clientSub?: unknown;
	_clientPub?: { disconnect(): void };
	getRedisClient(opts: unknown): unknown;
}

const Base = Transporters.Redis as unknown as new (opts: unknown) => Upstream;

/**
 * Upstream makes a new publisher whenever its subscriber is ready again, and leaves the one before connected:
 * each outage of Redis would cost a connection.
 */
export class RedisTransporter extends Base {
	override getRedisClient(opts: unknown) {
		if (this._clientSub) this._clientPub?.disconnect();
		return super.getRedisClient(opts);
	}
}
