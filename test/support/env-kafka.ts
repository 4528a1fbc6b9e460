/** Imported after `env.ts`: the installation of this file is on the real Kafka. */
process.env.CHAT_KAFKA_BROKERS = process.env.TEST_KAFKA_BROKERS ?? "";
process.env.CHAT_KAFKA_PARTITIONS = "2";

export {};
