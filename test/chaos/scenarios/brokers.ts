/** Three Kafka brokers with a copy of everything each, of which one after another is killed for a while. */
import { setTimeout as sleep } from "node:timers/promises";
import { type KafkaCluster, startKafkaCluster } from "../../support/servers/kafka-cluster.ts";
import { atMost } from "../limits.ts";
import { atWork } from "./at-work.ts";
import { untilAcknowledged } from "./conclude.ts";
import type { Options, Outcome, Scenario } from "./scenario.ts";

const BROKERS = 3;
const CALM_MS = 2_000;
const PAUSE_MS = 30;
const IN_SYNC_WITHIN_MS = 60_000;

export const brokers: Scenario = {
	name: "brokers",
	does: "three Kafka brokers, one killed after the other and started again",
	covers: ["I1", "I7", "I17", "I22", "I23"],
	run,
};

async function run({ seed, nodes, seconds, progress }: Options): Promise<Outcome> {
	let cluster: KafkaCluster | undefined;
	const open = async () => {
		cluster = await startKafkaCluster(BROKERS);
		return cluster;
	};
	return atWork(
		{
			stage: { nodes, kafka: open },
			install: { env: { CHAT_KAFKA_REPLICATION: String(BROKERS) } },
			work: { seed, pauseMs: PAUSE_MS },
		},
		async (stage, work) => {
			await sleep(CALM_MS);
			const begunAt = Date.now();
			for (const [i, broker] of (cluster?.brokers ?? []).entries()) {
				await broker.kill9();
				await sleep(seconds * 1_000);
				await broker.restart();
				await cluster?.inSync(IN_SYNC_WITHIN_MS);
				progress((i + 1) / BROKERS);
			}
			const healedAt = Date.now();
			const sendsAgainMs = await untilAcknowledged(stage, work);
			return {
				fault: "one of three Kafka brokers killed",
				times: BROKERS,
				lasted: seconds,
				healedAt,
				sendsAgainMs,
				between: [begunAt, healedAt],
				limits: ({ found, drainedMs }) => [
					atMost("I22", "missing on Kafka", found.unpublished ?? 0, 0, "count"),
					atMost("I22", "Kafka has all after", drainedMs, 60_000),
					atMost("I23", "out of order", found.misordered ?? 0, 0, "count"),
				],
			};
		},
	);
}
