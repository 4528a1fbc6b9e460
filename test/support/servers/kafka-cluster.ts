import kafkajs from "kafkajs";
import { startKafka } from "./kafka.ts";
import { freePorts } from "./ports.ts";
import type { ServerProcess } from "./types.ts";

export interface KafkaCluster extends ServerProcess {
	readonly brokers: readonly ServerProcess[];
	/** Resolves once every broker has all of every partition, and could lose any other. */
	inSync(withinMs: number): Promise<void>;
}

/** Brokers that are all controllers too. Each has a copy of everything, and what is acknowledged all but one of them have. */
export async function startKafkaCluster(size: number): Promise<KafkaCluster> {
	const ports = await freePorts(size);
	const voters = ports.map((port, n) => `${n + 1}@127.0.0.1:${port}`);
	const settings = {
		"offsets.topic.replication.factor": size,
		"transaction.state.log.replication.factor": size,
		"transaction.state.log.min.isr": size - 1,
		"min.insync.replicas": size - 1,
	};
	const started = await Promise.allSettled(
		voters.map((_, n) => startKafka({ native: true, settings, member: { id: n + 1, voters } })),
	);
	const brokers = started.flatMap(outcome => (outcome.status === "fulfilled" ? outcome.value : []));
	const each = async (use: (broker: ServerProcess) => Promise<void>) => {
		await Promise.all(brokers.map(use));
	};
	const failed = started.find(outcome => outcome.status === "rejected");
	if (failed) {
		await each(broker => broker.stop());
		throw failed.reason;
	}
	const url = brokers.map(broker => broker.url).join(",");
	return {
		brokers,
		url,
		port: brokers[0]?.port ?? 0,
		pid: undefined,
		kill9: () => each(broker => broker.kill9()),
		sigstop: () => each(broker => broker.sigstop()),
		sigcont: () => each(broker => broker.sigcont()),
		restart: () => each(broker => broker.restart()),
		stop: () => each(broker => broker.stop()),
		log: () => brokers.map(broker => broker.log()).join("\n"),
		inSync: withinMs => untilInSync(url, size, withinMs),
	};
}

async function untilInSync(brokers: string, size: number, withinMs: number): Promise<void> {
	const kafka = new kafkajs.Kafka({ brokers: brokers.split(","), logLevel: kafkajs.logLevel.NOTHING });
	const admin = kafka.admin();
	await admin.connect();
	try {
		for (const deadline = Date.now() + withinMs; ; ) {
			const { topics } = await admin.fetchTopicMetadata();
			const all = topics.flatMap(({ partitions }) => partitions);
			if (all.every(({ isr }) => isr.length === size)) return;
			if (Date.now() > deadline) throw new Error("The brokers do not come to have the same.");
			await new Promise(resolve => setTimeout(resolve, 200));
		}
	} finally {
		await admin.disconnect();
	}
}
