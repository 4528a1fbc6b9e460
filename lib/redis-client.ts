import { readFileSync } from "node:fs";
import { Cluster, Redis, type RedisOptions } from "ioredis";
import type { Config } from "./config.ts";
import { type RedisAddress, redisAddress } from "./redis-address.ts";
import { SENTINEL_OPTIONS } from "./redis-sentinels.ts";

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

/** A command that its node of the cluster does not answer goes to the next one so often; the pauses are 100 ms. */
const REDIRECTIONS_MAX = 5;

/** A client of the Redis there, with ioredis's own options. It connects at once, unless they say otherwise. */
export function redisClient({ url, caFile }: RedisLink, options: RedisOptions = {}): Redis {
	return redisClientOf(redisAddress(url), caFile, options);
}

/** The same. That of a cluster is another class; of what it lacks nothing is used here. */
export function redisClientOf(
	address: RedisAddress,
	caFile: RedisLink["caFile"],
	options: RedisOptions,
): Redis {
	const { kind, nodes, username, password, db } = address;
	const login = { ...(username && { username }), ...(password && { password }) };
	const tls = address.tls ? { tls: caFile ? { ca: readFileSync(caFile) } : {} } : undefined;
	const all = { ...options, ...login, ...tls };
	if (kind === "cluster") return new Cluster(nodes, clusterOptions(all)) as unknown as Redis;
	if (kind === "sentinel") return new Redis({ ...all, ...sentinelOptions(address, all) });
	return new Redis({ ...all, ...nodes[0], db });
}

function clusterOptions({ enableAutoPipelining, ...all }: RedisOptions) {
	const { lazyConnect, enableOfflineQueue, retryStrategy, tls } = all;
	return {
		redisOptions: all,
		maxRedirections: REDIRECTIONS_MAX,
		...(lazyConnect && { lazyConnect }),
		...(enableOfflineQueue !== undefined && { enableOfflineQueue }),
		...(enableAutoPipelining && { enableAutoPipelining }),
		...(retryStrategy && { clusterRetryStrategy: retryStrategy }),
		// Else it would ask for the address that a name has, and certificates are of names.
		...(tls && {
			dnsLookup: (host: string, done: (err: null, address: string) => void) => done(null, host),
		}),
	};
}

function sentinelOptions(
	{ nodes, master, db, sentinelUsername, sentinelPassword }: RedisAddress,
	{ retryStrategy, tls }: RedisOptions,
): RedisOptions {
	return {
		...SENTINEL_OPTIONS,
		sentinels: nodes,
		...(master && { name: master }),
		db,
		...(retryStrategy && { sentinelRetryStrategy: retryStrategy }),
		...(sentinelUsername && { sentinelUsername }),
		...(sentinelPassword && { sentinelPassword }),
		...(tls && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
	};
}

/** What keys begin with that one script names together: in a cluster what stands in braces says where a key is. */
export function sharedPrefix(redis: Redis, namespace: string): string {
	return redis.isCluster ? `{${namespace}}` : namespace;
}
