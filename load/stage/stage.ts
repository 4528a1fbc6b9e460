/** PostgreSQL, Redis, Kafka and one node with everything on, for work that goes on for a while. */
import { randomBytes } from "node:crypto";
import { Client } from "pg";
import { tablesOf } from "../../lib/tables.ts";
import { type ParleyNode, startNode } from "../../test/support/nodes.ts";
import { freePorts, type Servers, startServers } from "../../test/support/servers.ts";
import type { Ground } from "./fill.ts";
import { pin } from "./machine.ts";
import { ISSUER } from "./tokens.ts";

export const SERVER_CORE = 0;
export const LOAD_CORE = 1;

export interface Stage extends Ground {
	servers: Servers;
	node: ParleyNode;
	/** The node's process, and PostgreSQL's where it is on this machine. */
	pids: { node: number; postgres: number | undefined };
	/** Signs the tokens of the host application whose users these are. */
	secret: string;
	stop(): Promise<void>;
}

/** The server and its PostgreSQL share a core, clients with Redis and Kafka have the other. @param env more variables of the node */
export async function startStage(env: Record<string, string> = {}): Promise<Stage> {
	const servers = await startServers({ postgres: true, redis: true, kafka: true });
	let node: ParleyNode | undefined;
	let db: Client | undefined;
	const stop = async () => {
		await db?.end().catch(() => {});
		await node?.stop();
		await servers.stop();
	};
	try {
		const namespace = `load_${randomBytes(4).toString("hex")}`;
		const secret = randomBytes(32).toString("hex");
		node = await startNode({
			NODE_ENV: "production",
			CHAT_NAMESPACE: namespace,
			CHAT_JWT_SECRET: randomBytes(32).toString("hex"),
			CHAT_JWT_ISSUERS: JSON.stringify([{ ...ISSUER, secret }]),
			CHAT_DATABASE_URL: servers.databaseUrl,
			CHAT_REDIS_URL: servers.redisUrl,
			CHAT_KAFKA_BROKERS: servers.kafkaBrokers,
			CHAT_KAFKA_PARTITIONS: "2",
			// Analytics, audit and notifications read Kafka as any integrator does, on a machine of their own.
			CHAT_CONSUMERS: "off",
			CHAT_METRICS_PORT: String((await freePorts(1))[0]),
			CHAT_MAX_CONNECTIONS: "15000",
			CHAT_RATE_LIMITS: "off",
			CHAT_WEB: "off",
			...env,
		});
		db = new Client({ connectionString: servers.databaseUrl });
		await db.connect();
		const pids = { node: node.child.pid as number, postgres: servers.postgres?.pid };
		for (const pid of [pids.node, pids.postgres]) if (pid) pin(pid, SERVER_CORE);
		for (const pid of [process.pid, servers.redis?.pid, servers.kafka?.pid]) if (pid) pin(pid, LOAD_CORE);
		return { servers, node, pids, secret, db, t: tablesOf(namespace), issuer: ISSUER.issuer, stop };
	} catch (err) {
		await stop();
		throw err;
	}
}
