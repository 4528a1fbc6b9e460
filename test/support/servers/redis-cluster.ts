import { Redis } from "ioredis";
import type { Certificates } from "../certificates.ts";
import { freePorts } from "./ports.ts";
import { startRedis } from "./redis.ts";
import { type SecureRedis, tlsOf } from "./redis-tls.ts";

const SLOTS = 16_384;
const AGREED_WITHIN_MS = 20_000;

/** Masters without replicas, each with an equal part of the slots. With certificates they speak TLS on ports of their own. */
export async function startRedisCluster(
	size: number,
	password: string,
	certificates?: Certificates,
): Promise<SecureRedis[]> {
	const buses = await freePorts(size);
	const tls = await Promise.all(buses.map(() => tlsOf(certificates)));
	const started = await Promise.all(
		buses.map((bus, i) =>
			startRedis({
				native: true,
				settings: {
					...tls[i]?.settings,
					...(certificates && { "tls-cluster": "yes" }),
					"cluster-enabled": "yes",
					"cluster-port": bus,
					"cluster-node-timeout": 1_500,
					// What is left goes on where one is away.
					"cluster-require-full-coverage": "no",
					requirepass: password,
					masterauth: password,
				},
			}),
		),
	);
	const servers = started.map((server, i) => Object.assign(server, { tlsPort: tls[i]?.port ?? 0 }));
	const clients = servers.map(({ port }) => new Redis({ port, password }));
	try {
		const { port = 0, tlsPort = 0 } = servers[0] ?? {};
		for (const [i, client] of clients.entries()) {
			const from = Math.ceil((i * SLOTS) / size);
			await client.call("CLUSTER", "ADDSLOTSRANGE", from, Math.ceil(((i + 1) * SLOTS) / size) - 1);
			if (i > 0) await client.call("CLUSTER", "MEET", "127.0.0.1", tlsPort || port, buses[0] as number);
		}
		const deadline = Date.now() + AGREED_WITHIN_MS;
		while (!(await Promise.all(clients.map(client => knowsAll(client, size)))).every(Boolean)) {
			if (Date.now() > deadline) throw new Error("The nodes do not agree on a cluster.");
			await new Promise(resolve => setTimeout(resolve, 50));
		}
	} finally {
		for (const client of clients) client.disconnect();
	}
	return servers;
}

async function knowsAll(client: Redis, size: number): Promise<boolean> {
	const info = String(await client.call("CLUSTER", "INFO"));
	return info.includes("cluster_state:ok") && info.includes(`cluster_size:${size}`);
}
