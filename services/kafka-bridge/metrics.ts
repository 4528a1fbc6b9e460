import { METRIC, type ServiceBroker } from "moleculer";
import type { BridgeStatus } from "../../contracts/kafka.ts";

const OLDEST = "parley.outbox.oldest.seconds";
const PUBLISHED = "parley.outbox.published";
const KAFKA_UP = "parley.kafka.up";

/** Gauges for alarms: an event that waits is the first sign of a relay or a Kafka that is not well. */
export function exposeMetrics(broker: ServiceBroker, published: () => number) {
	if (!broker.isMetricsEnabled()) return () => {};
	const { metrics } = broker;
	const type = METRIC.TYPE_GAUGE;
	metrics.register({
		type,
		name: OLDEST,
		description: "Seconds that the oldest event has waited in the outbox",
	});
	metrics.register({
		type,
		name: PUBLISHED,
		description: "Events of the outbox that this node has published",
	});
	metrics.register({ type, name: KAFKA_UP, description: "1 where Kafka answers" });
	return ({ kafka, oldestEventS }: Pick<BridgeStatus, "kafka" | "oldestEventS">) => {
		metrics.set(OLDEST, oldestEventS);
		metrics.set(PUBLISHED, published());
		if (kafka !== "off") metrics.set(KAFKA_UP, kafka === "up" ? 1 : 0);
	};
}
