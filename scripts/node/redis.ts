import type { Redis } from "ioredis";
import { redisAddress, redisName } from "../../lib/redis-address.ts";
import { type RedisLink, redisClientOf } from "../../lib/redis-client.ts";
import type { Say } from "./say.ts";
import { untilThere } from "./wait.ts";

const CONNECT_TIMEOUT_MS = 5_000;
const AWAY =
	/ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|Connection is closed|LOADING|startup nodes|refresh slots|CLUSTERDOWN|sentinels are unreachable/;

/** The broker would wait for its Redis without a word, and without an end. */
export function waitForRedis(link: RedisLink, say: Say): Promise<void> {
	return untilThere({
		server: `Redis at ${redisName(redisAddress(link.url))}`,
		attempt: () => ping(link),
		isAway: err => AWAY.test(textOf(err)),
		caVariable: "CHAT_REDIS_CA_FILE",
		say,
	});
}

const OPTIONS = {
	lazyConnect: true,
	retryStrategy: () => null,
	connectTimeout: CONNECT_TIMEOUT_MS,
	maxRetriesPerRequest: 0,
};

async function ping({ url, caFile }: RedisLink): Promise<void> {
	const address = redisAddress(url);
	try {
		await answered(redisClientOf(address, caFile, OPTIONS));
	} catch (err) {
		if (address.kind !== "cluster") throw err;
		// Of its nodes a cluster's client says only that none is available; each by itself says why.
		for (const node of address.nodes) {
			await answered(redisClientOf({ ...address, kind: "single", nodes: [node] }, caFile, OPTIONS));
		}
		throw err;
	}
}

async function answered(redis: Redis): Promise<void> {
	// connect() itself says only that the connection is closed, or nothing where a cluster is not whole.
	let why: Error | undefined;
	redis.on("error", err => {
		why ??= err;
	});
	redis.on("sentinelError", err => {
		why = err;
	});
	const ended = new Promise<never>((_, reject) => {
		redis.once("end", () => reject(new Error("Connection is closed.")));
	});
	try {
		await Promise.race([redis.connect().then(() => redis.ping()), ended]);
	} catch (err) {
		throw why ?? err;
	} finally {
		redis.disconnect();
	}
}

function textOf(err: unknown) {
	const { message, code } = err as { message: string; code?: string };
	return `${code} ${message}`;
}
