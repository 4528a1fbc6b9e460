import type { Redis } from "ioredis";
import { RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";
import { LOGIN_FAILURES } from "../../contracts/limits.ts";

/** An address from which the account signed in is known for a week. */
const KNOWN_S = 7 * 86_400;

/** Counts the failed logins of accounts. */
export interface LoginGuard {
	/** Whether the account takes no login from there now, whatever the password. */
	isLocked(account: string, address: string): Promise<boolean>;
	failed(account: string, address: string): Promise<void>;
	succeeded(account: string, address: string): Promise<void>;
}

/** With `CHAT_RATE_LIMITS=off`. */
export const noGuard: LoginGuard = {
	isLocked: async () => false,
	failed: async () => {},
	succeeded: async () => {},
};

/**
 * Ten failures in 15 minutes lock an account for whoever tries it, but not for its owner: an address from which it
 * signed in lately has a count of its own. All nodes count together in Redis; while it is away, each by itself.
 */
export function loginGuard(redis: Redis | null, namespace: string): LoginGuard {
	const failures = limiter(
		redis,
		`${namespace}:login-failures`,
		LOGIN_FAILURES.points,
		LOGIN_FAILURES.windowS,
	);
	const known = limiter(redis, `${namespace}:login-known`, 1, KNOWN_S);
	const at = (account: string, address: string) => `${account}@${address}`;

	/** Which count a login from there falls under. */
	async function countOf(account: string, address: string): Promise<string> {
		return (await known.get(at(account, address))) === null ? account : at(account, address);
	}

	return {
		async isLocked(account, address) {
			const count = await failures.get(await countOf(account, address));
			return count !== null && count.consumedPoints >= LOGIN_FAILURES.points;
		},
		async failed(account, address) {
			await failures.penalty(await countOf(account, address), 1);
		},
		async succeeded(account, address) {
			await failures.delete(await countOf(account, address));
			await known.set(at(account, address), 1, KNOWN_S);
		},
	};
}

function limiter(redis: Redis | null, keyPrefix: string, points: number, duration: number) {
	const memory = new RateLimiterMemory({ keyPrefix, points, duration });
	if (!redis) return memory;
	return new RateLimiterRedis({
		storeClient: redis,
		keyPrefix,
		points,
		duration,
		insuranceLimiter: memory,
		rejectIfRedisNotReady: true,
	});
}
