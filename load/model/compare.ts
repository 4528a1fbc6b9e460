import type { Costs } from "./costs.ts";
import { loadOf, type Plan, type Workload } from "./model.rules.ts";
import type { Seen } from "./simulate.rules.ts";

/** What both the model and the simulation say. */
export function compare(
	costs: Costs,
	workload: Workload,
	plan: Plan,
	seen: Seen,
): { what: string; model: number; played: number }[] {
	const load = loadOf(costs, workload, plan);
	const pairs: [string, number, number][] = [
		["deliveries/s", load.deliveries, seen.deliveries],
		["commits/s", load.commits, seen.commits],
		["nodes that hear a message", load.hearers, seen.hearers],
		["packets/s to Redis", load.redis.packetsIn, seen.packetsIn],
		["packets/s from Redis", load.redis.packetsOut, seen.packetsOut],
		["bytes/s from Redis", load.redis.bytesOut, seen.bytesOut],
		["cores of a gateway", load.gatewayCores / plan.gateways, seen.gateways.mean],
		["cores of a worker", load.workerCores / plan.workers, seen.workers.mean],
		["cores of Redis", load.redis.cores, seen.redis.mean * plan.brokers],
		["cores of PostgreSQL, of 16 a server", load.postgres.cores / plan.shards, seen.postgres.mean * 16],
	];
	return pairs.map(([what, model, played]) => ({ what, model, played }));
}
