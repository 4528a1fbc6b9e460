import type { Kafka, Producer } from "kafkajs";
import type { Logger } from "moleculer";
import type { Topic } from "../../contracts/kafka.ts";
import type { KafkaSecurity } from "../../lib/links.ts";
import kafkajs from "./kafkajs.ts";
import { rememberingPartitioner } from "./partitioner.ts";
import { consumption } from "./port.kafkajs.consumer.ts";
import { type Consumption, KafkaAway, type KafkaPort, KafkaRefused, type Outgoing } from "./port.ts";
import { securityOptions } from "./security.ts";
import { within } from "./within.ts";

export interface KafkaSettings {
	brokers: string[];
	security: KafkaSecurity;
	/** Name of the installation: prefix of topics and groups. */
	namespace: string;
	partitions: number;
	replication: number;
	/** A send that takes longer hangs on a half-open link: the next one gets a new producer. */
	sendTimeoutMs: number;
	/** A member of a group that is silent for so long is out. */
	sessionTimeoutMs: number;
	/** How long a fetch waits for records; a stop waits for it. */
	fetchWaitMs: number;
}

/** What Kafka says of a record that it will not take however often it is sent. */
const REFUSALS = new Set([
	"MESSAGE_TOO_LARGE",
	"RECORD_LIST_TOO_LARGE",
	"INVALID_RECORD",
	"INVALID_TIMESTAMP",
]);
const CONNECT_TIMEOUT_MS = 3_000;
const PING_TIMEOUT_MS = 3_000;
const CLOSE_TIMEOUT_MS = 2_000;

/** kafkajs wraps what the broker said, several layers deep; `KafkaJSNonRetriableError` also means a plain outage. */
function refusalIn(err: unknown): string | null {
	let current = err as { type?: unknown; cause?: unknown } | undefined;
	for (let depth = 0; current && depth < 5; depth++) {
		if (typeof current.type === "string" && REFUSALS.has(current.type)) return current.type;
		current = current.cause as typeof current;
	}
	return null;
}

/** One after the other: sequence numbers of an idempotent producer must not overtake each other. */
class Line {
	#last: Promise<unknown> = Promise.resolve();

	run<T>(work: () => Promise<T>): Promise<T> {
		const result = this.#last.then(work);
		this.#last = result.catch(() => {});
		return result;
	}
}

class KafkajsPort implements KafkaPort {
	readonly #kafka: Kafka;
	readonly #settings: KafkaSettings;
	readonly #logger: Logger;
	readonly #line = new Line();
	readonly #consumptions = new Set<Consumption>();
	#producer: Producer | null = null;

	constructor(settings: KafkaSettings, logger: Logger) {
		this.#settings = settings;
		this.#logger = logger;
		this.#kafka = new kafkajs.Kafka({
			clientId: `parley-${settings.namespace}`,
			brokers: settings.brokers,
			...securityOptions(settings.security),
			connectionTimeout: CONNECT_TIMEOUT_MS,
			requestTimeout: settings.sendTimeoutMs,
			// kafkajs calls each try an error; whether it is one, the bridge decides.
			logCreator: () => entry => logger.debug(`kafkajs: ${entry.log.message}`),
			retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries: 2 },
		});
	}

	produce(records: readonly Outgoing[]): Promise<void> {
		return records.length === 0 ? Promise.resolve() : this.#line.run(() => this.#send(records));
	}

	async #send(records: readonly Outgoing[]): Promise<void> {
		const byTopic = Map.groupBy(records, ({ topic }) => topic);
		const topicMessages = [...byTopic].map(([topic, some]) => ({
			topic: this.#named(topic),
			messages: some.map(({ key, value }) => ({ key, value })),
		}));
		try {
			const producer = await this.#connected();
			await within(this.#settings.sendTimeoutMs, "A send to Kafka", producer.sendBatch({ topicMessages }));
		} catch (err) {
			// After a failure kafkajs counts all of the request as unsent. A broker that did take a part of it would then
			// mistake other records for a repetition of that, and drop them: only a new producer is safe.
			this.#discardProducer();
			const refusal = refusalIn(err);
			throw refusal ? new KafkaRefused(refusal) : new KafkaAway((err as Error).message, { cause: err });
		}
	}

	async #connected(): Promise<Producer> {
		if (this.#producer) return this.#producer;
		const producer = this.#kafka.producer({
			idempotent: true,
			maxInFlightRequests: 1,
			allowAutoTopicCreation: false,
			createPartitioner: rememberingPartitioner,
			retry: { initialRetryTime: 100, maxRetryTime: 500, retries: 2 },
		});
		this.#producer = producer;
		await within(this.#settings.sendTimeoutMs, "Connecting to Kafka", producer.connect());
		return producer;
	}

	/** Not awaited: on a half-open link it hangs as the send did. */
	#discardProducer(): void {
		this.#producer?.disconnect().catch(() => {});
		this.#producer = null;
	}

	consume(...[group, topics, handle]: Parameters<KafkaPort["consume"]>): Consumption {
		const { namespace, sessionTimeoutMs, fetchWaitMs } = this.#settings;
		const one = consumption({
			kafka: this.#kafka,
			logger: this.#logger,
			group: `${namespace}.${group}`,
			topics: new Map(topics.map(topic => [this.#named(topic), topic])),
			sessionTimeoutMs,
			fetchWaitMs,
			handle,
		});
		this.#consumptions.add(one);
		return one;
	}

	async ensureTopics(topics: readonly Topic[]): Promise<void> {
		const { partitions, replication, sendTimeoutMs } = this.#settings;
		const admin = this.#kafka.admin();
		try {
			await within(CONNECT_TIMEOUT_MS * 2, "Connecting to Kafka", admin.connect());
			const there = new Set(await within(sendTimeoutMs, "Listing topics", admin.listTopics()));
			const missing = topics.map(topic => this.#named(topic)).filter(topic => !there.has(topic));
			if (missing.length === 0) return;
			const making = admin.createTopics({
				topics: missing.map(topic => ({
					topic,
					numPartitions: partitions,
					replicationFactor: replication,
				})),
				waitForLeaders: true,
			});
			await within(sendTimeoutMs * 3, "Making topics", making);
		} catch (err) {
			throw new KafkaAway((err as Error).message, { cause: err });
		} finally {
			admin.disconnect().catch(() => {});
		}
	}

	async ping(): Promise<boolean> {
		const admin = this.#kafka.admin({ retry: { retries: 0 } });
		try {
			await within(PING_TIMEOUT_MS, "A ping", admin.connect());
			await within(PING_TIMEOUT_MS, "A ping", admin.describeCluster());
			return true;
		} catch {
			return false;
		} finally {
			admin.disconnect().catch(() => {});
		}
	}

	async close(): Promise<void> {
		const closing = [...this.#consumptions].map(one => one.stop());
		if (this.#producer) closing.push(this.#producer.disconnect());
		this.#producer = null;
		await within(CLOSE_TIMEOUT_MS, "Leaving Kafka", Promise.allSettled(closing)).catch(err =>
			this.#logger.warn(err.message),
		);
	}

	#named(topic: Topic): string {
		return `${this.#settings.namespace}.${topic}`;
	}
}

export function kafkajsPort(settings: KafkaSettings, logger: Logger): KafkaPort {
	return new KafkajsPort(settings, logger);
}
