/** Parley as it is measured: with everything on that a message needs until it is on Kafka. */
import { randomBytes } from "node:crypto";
import { type ParleyNode, startNode } from "../../test/support/nodes.ts";
import { freePorts, type Servers } from "../../test/support/servers.ts";
import { ISSUER } from "./tokens.ts";

/** What has a node write a CPU profile to load/results/profile, or name its functions to Linux's perf. */
const PROFILERS: Record<string, string> = {
	cpu: "--cpu-prof --cpu-prof-dir=load/results/profile",
	perf: "--perf-basic-prof --interpreted-frames-native-stack",
};

/** The environment of a node that is profiled so; nothing where it is not. */
export function profiledBy(name: string): Record<string, string> {
	const options = PROFILERS[name];
	return options ? { NODE_OPTIONS: options } : {};
}

export interface Installation {
	/** Each at an address of its own. */
	nodes: ParleyNode[];
	url: string;
	/** Its schema in PostgreSQL, and the prefix of its topics. */
	namespace: string;
	/** Ends all nodes and starts as many anew: what they held is gone, what they stored is there. */
	restart(): Promise<void>;
	/** Signs the tokens of the host application whose users sign in; who is none yet is made by their first call. */
	secret: string;
	stop(): Promise<unknown>;
}

/** Starts an installation of its own; an address may be empty. @param env what differs from everything on */
export async function startParley(
	{ databaseUrl, redisUrl, kafkaBrokers }: Pick<Servers, "databaseUrl" | "redisUrl" | "kafkaBrokers">,
	env: Record<string, string> = {},
	nodeCount = 1,
): Promise<Installation> {
	const secret = randomBytes(32).toString("hex");
	const namespace = env.CHAT_NAMESPACE ?? `load_${randomBytes(4).toString("hex")}`;
	const own = {
		NODE_ENV: "production",
		CHAT_NAMESPACE: namespace,
		CHAT_JWT_SECRET: randomBytes(32).toString("hex"),
		CHAT_JWT_ISSUERS: JSON.stringify([{ ...ISSUER, secret }]),
		CHAT_DATABASE_URL: databaseUrl,
		CHAT_REDIS_URL: redisUrl,
		CHAT_KAFKA_BROKERS: kafkaBrokers,
		CHAT_KAFKA_PARTITIONS: "2",
		// Analytics, audit and notifications read Kafka as any integrator does, on a machine of their own.
		CHAT_CONSUMERS: "off",
		CHAT_RATE_LIMITS: "off",
		CHAT_WEB: "off",
		...env,
	};
	const nodes: ParleyNode[] = [];
	const stop = () => Promise.all(nodes.splice(0).map(node => node.stop()));
	const begin = async () => {
		try {
			// One after the other: the first one migrates.
			for (const port of await freePorts(nodeCount))
				nodes.push(await startNode({ CHAT_METRICS_PORT: String(port), ...own }));
		} catch (err) {
			await stop();
			throw err;
		}
	};
	await begin();
	return {
		nodes,
		get url() {
			return nodes[0]?.url ?? "";
		},
		namespace,
		restart: () => stop().then(begin),
		secret,
		stop,
	};
}
