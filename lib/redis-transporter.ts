import type { Redis } from "ioredis";
import { Transporters } from "moleculer";
import { InFlight } from "./in-flight.ts";
import { type RedisLink, redisClient } from "./redis-client.ts";

const SUBSCRIBE_AGAIN_MS = 1_000;

interface Client {
	publish(topic: string, data: Buffer): Promise<unknown>;
	subscribe(topic: string): Promise<unknown>;
	removeAllListeners(event: string): void;
	disconnect(): void;
}

interface Packet {
	type: string;
	payload: { broadcast?: boolean; event?: string; data?: unknown };
}

/** What upstream has and does not declare. */
interface Upstream {
	clientPub: Client | null;
	clientSub: Client | null;
	_clientSub?: Client;
	_clientPub?: Client;
	opts: RedisLink;
	logger: { warn(message: string, err: unknown): void };
	getTopicName(cmd: string, nodeID?: string): string;
	send(topic: string, data: Buffer): Promise<void>;
	serialize(packet: Packet): Buffer;
	init(transit: { pendingRequests: unknown }, ...handlers: unknown[]): void;
}

const Base = Transporters.Redis as unknown as new (opts: RedisLink) => Upstream;

/** Upstream's, but an outage of Redis costs neither connections nor the process. */
export class RedisTransporter extends Base {
	/** The broadcast that is being sent. */
	#broadcast: { event: string | undefined; data: object; bytes: Buffer } | null = null;

	/** Calls to other nodes come and go as often as anything does. */
	override init(transit: { pendingRequests: unknown }, ...handlers: unknown[]): void {
		if (!(transit.pendingRequests instanceof Map)) throw new Error("Moleculer keeps its calls elsewhere.");
		transit.pendingRequests = new InFlight();
		super.init(transit, ...handlers);
	}

	/** Upstream makes a new publisher whenever its subscriber is ready again, and leaves the one before connected. */
	getRedisClient(): Redis {
		if (this._clientSub && this._clientPub) {
			// Its end comes when the next one may already be ready, and would be taken for that one's.
			this._clientPub.removeAllListeners("close");
			this._clientPub.disconnect();
		}
		return redisClient(this.opts);
	}

	/** Upstream drops the promise: a publisher that ends with something unsent would end the process. */
	override send(topic: string, data: Buffer): Promise<void> {
		if (!this.clientPub) return super.send(topic, data);
		this.clientPub.publish(topic, data).catch(err => this.logger.warn("A packet was not sent.", err));
		return Promise.resolve();
	}

	/** As with `send`; without its topics a node would be deaf, so it is tried until it is done. */
	subscribe(cmd: string, nodeID?: string): Promise<void> {
		const topic = this.getTopicName(cmd, nodeID);
		this.clientSub?.subscribe(topic).catch(err => {
			this.logger.warn(`The subscription of ${topic} is late.`, err);
			setTimeout(() => this.subscribe(cmd, nodeID), SUBSCRIBE_AGAIN_MS).unref();
		});
		return Promise.resolve();
	}

	/** A broadcast is a packet to each node, one right after the other: they say the same, so it is put into bytes once. */
	override serialize(packet: Packet): Buffer {
		const { event, data, broadcast } = packet.payload;
		if (packet.type !== "EVENT" || !broadcast || typeof data !== "object" || data === null)
			return super.serialize(packet);
		if (this.#broadcast?.data !== data || this.#broadcast.event !== event) {
			this.#broadcast = { event, data, bytes: super.serialize(packet) };
			queueMicrotask(() => {
				this.#broadcast = null;
			});
		}
		return this.#broadcast.bytes;
	}
}
