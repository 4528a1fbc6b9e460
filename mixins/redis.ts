import type { Redis } from "ioredis";
import type { ServiceBroker } from "moleculer";
import { config } from "../lib/config.ts";
import { type RedisLink, redisClient, redisLink } from "../lib/redis-client.ts";

/** Redis holds hints only, so nobody waits for it longer than this. */
const COMMAND_TIMEOUT_MS = 1_000;
const CONNECT_TIMEOUT_MS = 2_000;
const DISCONNECT_TIMEOUT_MS = 200;
const SILENCE_MS_MAX = 3_000;
const RECONNECT_MS_MAX = 1_000;

type Logger = Pick<ServiceBroker["logger"], "warn" | "info">;

let shared: { client: Redis; users: number } | null = null;

/**
 * Opens a client that fails fast: a command is not queued while Redis is away, nor sent again, and it gets an answer
 * within a second or an error. The connection itself is tried for ever. An outage is one line in the log.
 */
export function openRedis(link: RedisLink, logger: Logger): Redis {
	const client = redisClient(link, {
		lazyConnect: true,
		enableOfflineQueue: false,
		// What many sockets ask in one turn leaves in one write.
		enableAutoPipelining: true,
		autoResendUnfulfilledCommands: false,
		maxRetriesPerRequest: 0,
		commandTimeout: COMMAND_TIMEOUT_MS,
		connectTimeout: CONNECT_TIMEOUT_MS,
		disconnectTimeout: DISCONNECT_TIMEOUT_MS,
		// A link that is half open takes commands and answers none.
		socketTimeout: SILENCE_MS_MAX,
		retryStrategy: tries => Math.min(50 * 2 ** Math.min(tries, 10), RECONNECT_MS_MAX),
	});
	let away = false;
	client.on("error", err => {
		if (!away) logger.warn("Redis is away.", err);
		away = true;
	});
	client.on("ready", () => {
		if (away) logger.info("Redis is back.");
		away = false;
	});
	return client;
}

/** The node's one client, connected where Redis is there; null where none is configured. */
export async function acquireRedis(logger: Logger): Promise<Redis | null> {
	const link = redisLink(config);
	if (!link) return null;
	if (!shared) {
		const client = openRedis(link, logger);
		shared = { client, users: 0 };
		// A node starts without Redis too: the client goes on trying, and tells by "ready".
		client.connect().catch(() => {});
	}
	shared.users++;
	const { client } = shared;
	await settled(client);
	return client;
}

export function releaseRedis(): void {
	if (!shared || --shared.users > 0) return;
	shared.client.disconnect();
	shared = null;
}

/** Until the first attempt has an outcome, so that the first command of a node that starts does not fail for nothing. */
function settled(client: Redis): Promise<void> {
	if (client.status === "ready") return Promise.resolve();
	return new Promise(resolve => {
		const timer = setTimeout(done, CONNECT_TIMEOUT_MS);
		function done() {
			clearTimeout(timer);
			client.off("ready", done).off("error", done).off("end", done);
			resolve();
		}
		client.on("ready", done).on("error", done).on("end", done);
	});
}

/** What a service with this mixin has in its `Vars`. */
export interface RedisVars {
	/** Null where the installation is one node without Redis. */
	redis: Redis | null;
	holdsRedis: boolean;
}

/** Gives a service `this.redis` from before its `started` until after its `stopped`. Prefix every key with the namespace. */
export function withRedis() {
	return {
		async started(this: RedisVars & { logger: Logger }) {
			this.redis = await acquireRedis(this.logger);
			this.holdsRedis = this.redis !== null;
		},
		stopped(this: RedisVars) {
			if (this.holdsRedis) releaseRedis();
			this.holdsRedis = false;
		},
	};
}
