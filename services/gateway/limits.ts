/** How often one may call: per user or address, and per kind of call, counted over all nodes where there is Redis. */
import type { Redis } from "ioredis";
import {
	type RateLimiterAbstract,
	RateLimiterMemory,
	RateLimiterRedis,
	RateLimiterRes,
} from "rate-limiter-flexible";
import { RATE_CLASSES, type RateClass } from "../../contracts/contract.ts";
import { RATES, type Rate, REGISTRATIONS_IN_DEVELOPMENT } from "../../contracts/limits.ts";
import type { Config } from "../../lib/config.ts";
import { fail } from "../../lib/errors.ts";
import { addressKey } from "./client-address.ts";

export interface Who {
	/** Absent before sign-in: then the address counts. */
	userId?: string | undefined;
	address: string;
}

/** After Redis failed, this node counts alone for so long: a call waits for a silent Redis once, not each time. */
const REDIS_REST_MS = 2_000;

interface Counter {
	rate: Rate;
	memory: RateLimiterAbstract;
	/** Null without Redis. */
	shared: RateLimiterAbstract | null;
}

export class Limits {
	readonly #counters: Map<RateClass, Counter> | null;
	#redisRestsUntil = 0;

	constructor(config: Pick<Config, "rateLimits" | "env" | "namespace">, redis: Redis | null) {
		this.#counters = config.rateLimits ? counters(config, redis) : null;
	}

	/**
	 * Counts one call.
	 * @throws RATE_LIMITED with the seconds after which the next one is taken
	 */
	async take(kind: RateClass, who: Who): Promise<void> {
		const counter = this.#counters?.get(kind);
		if (!counter) return;
		const key = keyOf(counter.rate, who);
		try {
			await this.#consume(counter, key);
		} catch (refusal) {
			if (!(refusal instanceof RateLimiterRes)) throw refusal;
			throw fail("RATE_LIMITED", undefined, {
				retryAfter: Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000)),
			});
		}
	}

	/** In Redis; where that is away or silent, this node counts by itself rather than let everybody through or nobody. */
	async #consume({ shared, memory }: Counter, key: string): Promise<unknown> {
		if (shared === null || performance.now() < this.#redisRestsUntil) return memory.consume(key);
		try {
			return await shared.consume(key);
		} catch (err) {
			if (err instanceof RateLimiterRes) throw err;
			this.#redisRestsUntil = performance.now() + REDIS_REST_MS;
			return memory.consume(key);
		}
	}
}

function keyOf({ per }: Rate, { userId, address }: Who): string {
	return per === "user" && userId ? `u:${userId}` : `a:${addressKey(address)}`;
}

function counters({ env, namespace }: Pick<Config, "env" | "namespace">, redis: Redis | null) {
	return new Map<RateClass, Counter>(
		RATE_CLASSES.map(kind => {
			const rate: Rate =
				kind === "register" && env !== "production"
					? { ...RATES.register, points: REGISTRATIONS_IN_DEVELOPMENT }
					: RATES[kind];
			const options = { keyPrefix: `${namespace}:rate:${kind}`, points: rate.points, duration: rate.windowS };
			const shared =
				redis && new RateLimiterRedis({ ...options, storeClient: redis, rejectIfRedisNotReady: true });
			return [kind, { rate, memory: new RateLimiterMemory(options), shared }];
		}),
	);
}
