/** How much of what an installation needs, by arithmetic: from what was measured and what its users do. Pure. */
import type { Costs } from "./costs.ts";

export interface Workload {
	connections: number;
	messagesPerSecond: number;
	/** By how many sockets hear it: the share of all messages. */
	heard: readonly { online: number; share: number }[];
}

/**
 * How a batch reaches gateways: in a packet to each node (as it is), in one packet that Redis gives to each, or each
 * message to those nodes alone that have somebody in its chat.
 */
export type Bus = "each" | "one" | "by chat";

export interface Plan {
	gateways: number;
	workers: number;
	/** PostgreSQL servers with chats of their own. */
	shards: number;
	/** Servers of Redis that share the packets. */
	brokers: number;
	bus: Bus;
}

/** Of all nodes of a kind together, but for `hearing`; cores are seconds of a core in a second. */
export interface Load {
	deliveries: number;
	/** Commits a second, and messages in each. */
	commits: number;
	batch: number;
	/** Nodes that hear a message, its writer not counted. */
	hearers: number;
	gatewayCores: number;
	workerCores: number;
	/** What each gateway spends on what others wrote. */
	hearing: number;
	redis: { cores: number; packetsIn: number; packetsOut: number; bytesIn: number; bytesOut: number };
	postgres: { cores: number; walBytes: number; storedBytesPerDay: number };
	kafkaBytes: number;
	gatewayGiB: number;
}

const MICROS = 1e-6;
const DAY_S = 86_400;

export const meanOf = (heard: Workload["heard"], of: (online: number) => number = online => online): number =>
	heard.reduce((sum, { online, share }) => sum + share * of(online), 0);

/** Of `nodes`, those that at least one of `people` is at who each are at any. */
export const distinct = (nodes: number, people: number): number => nodes * (1 - (1 - 1 / nodes) ** people);

export function loadOf(costs: Costs, { connections, messagesPerSecond, heard }: Workload, plan: Plan): Load {
	const { gateways, workers, shards, bus } = plan;
	const deliveries = messagesPerSecond * meanOf(heard);
	const commits = Math.min(messagesPerSecond, workers * costs.commitsPerSecond);
	const batch = messagesPerSecond / commits;
	/** A batch is one transaction at each shard that it has chats of. */
	const transactions = commits * distinct(shards, batch);

	const others = gateways + workers - 1;
	const byChat = bus === "by chat";
	// Relays hear as gateways do: those of their lanes, so one worker in the mean.
	const hearers = byChat ? meanOf(heard, online => distinct(gateways, online)) + 1 : others;
	const packetsOut = byChat ? messagesPerSecond * hearers : commits * others;
	const packetsIn = bus === "each" ? packetsOut : byChat ? messagesPerSecond : commits;
	const copies = messagesPerSecond * hearers;
	const copiesIn = bus === "each" ? copies : messagesPerSecond;

	const heardPackets = byChat ? (messagesPerSecond * (hearers - 1)) / gateways : commits;
	const heardMessages = byChat ? heardPackets : messagesPerSecond;
	const hearing = MICROS * (heardPackets * costs.hear.packet + heardMessages * costs.hear.message);
	const workersHearing = byChat
		? MICROS * messagesPerSecond * (costs.hear.packet + costs.hear.message)
		: hearing * (workers - 1);

	const { still, gateway, worker, tell } = costs;
	return {
		deliveries,
		commits,
		batch,
		hearers,
		hearing,
		gatewayCores:
			MICROS *
				(messagesPerSecond * gateway.send + deliveries * gateway.delivery + connections * still.gateway) +
			hearing * gateways,
		workerCores:
			MICROS *
				(commits * worker.commit +
					messagesPerSecond * worker.message +
					packetsIn * tell.packet +
					copiesIn * tell.message) +
			workersHearing,
		redis: {
			cores:
				MICROS * (packetsOut * costs.redis.packet + copies * costs.redis.message + connections * still.redis),
			packetsIn,
			packetsOut,
			bytesIn: copiesIn * costs.bytes.event,
			bytesOut: copies * costs.bytes.event,
		},
		postgres: {
			cores:
				MICROS *
				(transactions * costs.postgres.commit +
					messagesPerSecond * costs.postgres.message +
					connections * still.postgres),
			walBytes: messagesPerSecond * costs.bytes.wal,
			storedBytesPerDay: messagesPerSecond * costs.bytes.stored * DAY_S,
		},
		kafkaBytes: messagesPerSecond * costs.bytes.kafka,
		gatewayGiB: (connections * still.kib) / 2 ** 20,
	};
}

/** How full a core of a node may be: beyond it batches gather for so long that it is felt. */
export const FULL = 0.6;
const NODES_MAX = 20_000;

/** The fewest gateways, and workers, none of which is too full; null where no number is enough. */
export function planFor(costs: Costs, workload: Workload, bus: Bus, shards = 1): Plan | null {
	let plan: Plan = { gateways: 1, workers: 1, shards, brokers: 1, bus };
	for (;;) {
		const load = loadOf(costs, workload, plan);
		const gateways = Math.max(plan.gateways, Math.ceil(load.gatewayCores / FULL));
		const workers = Math.max(plan.workers, Math.ceil(load.workerCores / FULL));
		if (gateways === plan.gateways && workers === plan.workers)
			return { ...plan, brokers: Math.ceil(load.redis.cores / FULL) };
		if (gateways > NODES_MAX || workers > NODES_MAX) return null;
		plan = { ...plan, gateways, workers };
	}
}
