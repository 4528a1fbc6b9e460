import { ServiceBroker } from "moleculer";
import { config } from "../../lib/config.ts";
import { redisAddress, redisName } from "../../lib/redis-address.ts";
import { redisLink } from "../../lib/redis-client.ts";
import { brokerOptions } from "../../moleculer.config.ts";
import { bringUpToDate, startDatabase } from "./database.ts";
import { onStop } from "./lifecycle.ts";
import { assertPortFree } from "./port.ts";
import { waitForRedis } from "./redis.ts";
import type { Say } from "./say.ts";
import { loadServices, serviceNames } from "./services.ts";

export interface Node {
	broker: ServiceBroker;
	/** Where the gateway listens; null where this node has none. */
	address: string | null;
	/** What it runs on, for people: what it is → which form. */
	parts: [string, string][];
}

/** Database, tables, services, in this order; each is undone by the lifecycle. */
export async function startNode(say: Say): Promise<Node> {
	const names = serviceNames(config.services);
	const hasGateway = names.includes("gateway");
	if (hasGateway) await assertPortFree(config.host, config.port, "CHAT_PORT");
	if (config.metricsPort !== null) await assertPortFree(config.host, config.metricsPort, "CHAT_METRICS_PORT");

	// PostgreSQL starts in its own thread while this one compiles the services.
	const loading = loadServices(names);
	loading.catch(() => {}); // awaited below, unless the database fails first
	const database = await startDatabase(say);
	onStop("the database", database.stop);
	const applied = await bringUpToDate();
	if (applied.length > 0) say(`Migrations applied: ${applied.join(", ")}.`);

	const redis = redisLink(config);
	if (redis !== null) await waitForRedis(redis, say);
	const schemas = await loading;
	const broker = new ServiceBroker(
		// The prompt's `exit` stops the broker and ends the process: the database has to be closed in between.
		brokerOptions({ stopped: () => database.stop() }),
	);
	for (const schema of schemas) broker.createService(schema);
	onStop("the services", () => broker.stop());
	if (hasGateway) onStop("the gateway", () => broker.destroyService("gateway"));
	database.lost.catch(err => process.emit("uncaughtException", err));
	await broker.start();

	return { broker, address: hasGateway ? addressOf(broker) : null, parts: partsOf(database.what, names) };
}

function addressOf(broker: ServiceBroker) {
	const gateway = broker.getLocalService("gateway") as unknown as { server?: import("node:net").Server };
	const bound = gateway.server?.address();
	const port = typeof bound === "object" && bound ? bound.port : config.port;
	const everywhere = config.host === "0.0.0.0" || config.host === "::";
	const host = everywhere ? "localhost" : config.host;
	return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function partsOf(database: string, names: string[]): [string, string][] {
	const { redisUrl, kafkaBrokers, services } = config;
	const consumes = !services || services.includes("kafka-bridge");
	return [
		["Database", database],
		[
			"Cluster",
			redisUrl
				? `Redis at ${redisName(redisAddress(redisUrl))}, as "${config.namespace}"`
				: "none: one node, presence and limits in memory",
		],
		[
			"Events",
			kafkaBrokers.length > 0
				? `Kafka at ${kafkaBrokers.join(", ")}`
				: `to the consumers ${consumes ? "in this process" : "of other nodes"} (no Kafka)`,
		],
		["Services", services ? names.join(", ") : `all ${names.length}`],
	];
}
