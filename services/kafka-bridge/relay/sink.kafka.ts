import type { Logger } from "moleculer";
import type { Topic } from "../../../contracts/kafka.ts";
import { deadLetterEvent } from "../dead-letters.ts";
import { type KafkaPort, KafkaRefused } from "../port.ts";
import type { Sink } from "./relay.ts";

/** Each row to each of its topics. */
export function kafkaSink(port: KafkaPort, namespace: string, logger: Logger): Sink {
	return {
		publish: rows =>
			port.produce(
				rows.flatMap(({ topics, key, event }) => {
					const value = Buffer.from(event);
					return topics.map(topic => ({ topic: topic as Topic, key, value }));
				}),
			),
		async publishDead(letter, key) {
			const value = JSON.stringify(deadLetterEvent(namespace, letter, key));
			try {
				await port.produce([{ topic: "dead.letter", key, value }]);
			} catch (err) {
				if (!(err instanceof KafkaRefused)) throw err;
				logger.warn("A dead letter stands in the table only: Kafka refuses it too.", err);
			}
		},
	};
}
