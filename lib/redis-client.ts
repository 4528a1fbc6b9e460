import { readFileSync } from "node:fs";
import { Redis, type RedisOptions } from "ioredis";
import type { Config } from "./config.ts";
import { redisAddress } from "./redis-address.ts";

/** Where Redis is, and whose word is taken for that. */
export interface RedisLink {
	url: string;
	/** PEM file of the authorities that sign its certificate; none is those that Node knows. */
	caFile?: string | null;
}

/** Null where the installation is one node without Redis. */
export function redisLink({
	redisUrl,
	redisCaFile,
}: Pick<Config, "redisUrl" | "redisCaFile">): RedisLink | null {
	return redisUrl === null ? null : { url: redisUrl, caFile: redisCaFile };
}

/** A client of the Redis there, with ioredis's own options. It connects at once, unless they say otherwise. */
export function redisClient({ url, caFile }: RedisLink, options: RedisOptions = {}): Redis {
	const { nodes, tls, username, password, db } = redisAddress(url);
	return new Redis({
		...options,
		...nodes[0],
		db,
		...(username && { username }),
		...(password && { password }),
		...(tls && { tls: caFile ? { ca: readFileSync(caFile) } : {} }),
	});
}
