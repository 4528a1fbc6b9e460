/** What the bridge asks of a Kafka client. Topics are named without the installation's prefix: the port adds it. */
import type { Topic } from "../../contracts/kafka.ts";

export interface Outgoing {
	topic: Topic;
	key: string;
	value: string | Buffer;
}

export interface Incoming {
	offset: number;
	key: string | null;
	/** Null for a record without a value. */
	value: string | null;
}

/** Records of one partition, in order. */
export interface Batch {
	topic: Topic;
	partition: number;
	records: Incoming[];
	/** The first ones of this partition since it was assigned to this member of the group. */
	fresh: boolean;
	/** The offset that the partition's next record will have. */
	end: number;
}

/** Resolves once all is applied, or with the offset to go on from instead. A rejection means: again, later. */
export type Handler = (batch: Batch) => Promise<{ seek: number } | undefined>;

export interface Consumption {
	stop(): Promise<void>;
}

export interface KafkaPort {
	/**
	 * Publishes, in order within each key; resolved means that all of it is on Kafka, rejected that some may be.
	 * @throws KafkaRefused where Kafka will never take one of the records, KafkaAway where it may later
	 */
	produce(records: readonly Outgoing[]): Promise<void>;
	/** Consumes as a member of a group until stopped, whatever Kafka does meanwhile. */
	consume(group: string, topics: readonly Topic[], handle: Handler): Consumption;
	/** Makes the topics that are missing. @throws KafkaAway */
	ensureTopics(topics: readonly Topic[]): Promise<void>;
	/** Whether a broker answers. */
	ping(): Promise<boolean>;
	close(): Promise<void>;
}

/** The record is at fault: too large, or not valid. */
export class KafkaRefused extends Error {
	override readonly name = "KafkaRefused";
}

/** Kafka is at fault, or the way to it. */
export class KafkaAway extends Error {
	override readonly name = "KafkaAway";
}
