import { Redis } from "ioredis";
import { hostOf } from "./host.ts";
import type { Say } from "./say.ts";
import { untilThere } from "./wait.ts";

const CONNECT_TIMEOUT_MS = 5_000;
const AWAY = /ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|Connection is closed|LOADING/;

/** The broker would wait for its Redis without a word, and without an end. */
export function waitForRedis(url: string, say: Say): Promise<void> {
	return untilThere(
		`Redis at ${hostOf(url)}`,
		() => ping(url),
		err => AWAY.test(textOf(err)),
		say,
	);
}

async function ping(url: string) {
	const redis = new Redis(url, {
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
