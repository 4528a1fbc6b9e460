/** A send to several brokers, of which one goes away. */
import { createRequire } from "node:module";
import { expect, test } from "@jest/globals";
import { SEND_MODULE } from "../../services/kafka-bridge/kafkajs.ts";

const require = createRequire(import.meta.url);
const sendMessages = require(SEND_MODULE);
const createRetry = require("kafkajs/src/retry");

/** Partition 0 is led by the first broker, which goes away at the first request; the second one takes its place. */
function brokersOfWhichOneGoes() {
	const taken: number[] = [];
	let leaders = ["1", "2"];
	const brokers = ["1", "2"].map(nodeId => ({
		nodeId,
		produce: async ({ topicData }: { topicData: { partitions: { partition: number }[] }[] }) => {
			if (nodeId === "1") {
				leaders = ["2", "2"];
				throw Object.assign(new Error("Closed connection"), { name: "KafkaJSConnectionClosedError" });
			}
			taken.push(...topicData.flatMap(({ partitions }) => partitions.map(({ partition }) => partition)));
			return { topics: [] };
		},
	}));
	const cluster = {
		isConnected: () => true,
		refreshMetadata: async () => {},
		refreshMetadataIfNecessary: async () => {},
		addMultipleTargetTopics: async () => {},
		removeBroker: () => {},
		findTopicPartitionMetadata: () => [{ partitionId: 0 }, { partitionId: 1 }],
		findLeaderForPartitions: (_topic: string, partitions: string[]) =>
			Object.groupBy(partitions.map(Number), partition => leaders[partition] ?? ""),
		findBroker: async ({ nodeId }: { nodeId: string }) => brokers[Number(nodeId) - 1],
	};
	return { taken, cluster };
}

test("I22: a send of which a broker that goes has taken nothing is no success, wherever its partitions go", async () => {
	const { taken, cluster } = brokersOfWhichOneGoes();
	const send = sendMessages({
		logger: { debug() {}, error() {} },
		cluster,
		partitioner: ({ message }: { message: { partition: number } }) => message.partition,
		eosManager: {
			isTransactional: () => false,
			getSequence: () => 0,
			updateSequence: () => {},
			getProducerId: () => 1,
			getProducerEpoch: () => 0,
			acquireBrokerLock: async () => {},
			releaseBrokerLock: async () => {},
		},
		retrier: createRetry({ initialRetryTime: 10, retries: 2 }),
	});
	const messages = [0, 1].map(partition => ({ partition, value: "x" }));
	const sent = send({ acks: -1, timeout: 1_000, topicMessages: [{ topic: "t", messages }] });
	await expect(sent).rejects.toThrow("Closed connection");
	expect(taken).toEqual([1]);
});
