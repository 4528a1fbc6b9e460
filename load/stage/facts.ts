/** On what something was measured: figures of two machines, or of two versions, are not the same figure. */
import { cpus, release, totalmem, type } from "node:os";
import { Redis } from "ioredis";
import { kafkaVersion } from "../../test/support/servers/kafka.ts";
import type { Servers } from "../../test/support/servers.ts";
import { withTables } from "./outbox.ts";

export interface Machine {
	cpu: string;
	cores: number;
	memoryGiB: number;
	kernel: string;
	node: string;
	postgres: string;
	redis: string;
	kafka: string;
}

export async function machineOf(servers: Servers): Promise<Machine> {
	const [one] = cpus();
	return {
		cpu: one?.model ?? process.arch,
		cores: cpus().length,
		memoryGiB: Math.round(totalmem() / 2 ** 30),
		kernel: `${type()} ${release()}`,
		node: process.versions.node,
		postgres: await withTables(
			servers.databaseUrl,
			async client => (await client.query("SHOW server_version")).rows[0].server_version,
		),
		redis: await redisVersion(servers.redisUrl),
		kafka: servers.kafka ? await kafkaVersion() : "somebody else's",
	};
}

async function redisVersion(url: string): Promise<string> {
	const redis = new Redis(url);
	try {
		return /redis_version:(\S+)/.exec(await redis.info("server"))?.[1] ?? "";
	} finally {
		redis.disconnect();
	}
}
