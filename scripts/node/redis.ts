import { redisAddress, redisName } from "../../lib/redis-address.ts";
import { type RedisLink, redisClient } from "../../lib/redis-client.ts";
import type { Say } from "./say.ts";
import { untilThere } from "./wait.ts";

const CONNECT_TIMEOUT_MS = 5_000;
const AWAY = /ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|Connection is closed|LOADING/;

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

async function ping(link: RedisLink) {
	const redis = redisClient(link, {
		lazyConnect: true,
		retryStrategy: () => null,
		connectTimeout: CONNECT_TIMEOUT_MS,
		maxRetriesPerRequest: 0,
	});
	// connect() itself says only that the connection is closed; why is told here.
	let why: Error | undefined;
	redis.on("error", err => {
		why = err;
	});
	try {
		await redis.connect();
		await redis.ping();
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
