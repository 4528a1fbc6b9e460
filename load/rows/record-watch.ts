/** An integrator that reads messages from Kafka, and notes when each came and in what order. */
import kafkajs, { type Consumer } from "kafkajs";

export class RecordWatch {
	readonly #consumer: Consumer;
	/** For each chat, the `seq` of its last record. */
	readonly #last = new Map<string, number>();
	#lags: number[] = [];
	#misplaced = 0;

	private constructor(consumer: Consumer) {
		this.#consumer = consumer;
	}

	/** Resolves once it reads: what was published until then it reads as well. */
	static async start(brokers: string, namespace: string): Promise<RecordWatch> {
		const kafka = new kafkajs.Kafka({
			clientId: "bench",
			brokers: brokers.split(","),
			logLevel: kafkajs.logLevel.NOTHING,
		});
		const watch = new RecordWatch(kafka.consumer({ groupId: `${namespace}.bench`, maxWaitTimeInMs: 1_000 }));
		await watch.#consumer.connect();
		await watch.#consumer.subscribe({ topic: `${namespace}.message.created`, fromBeginning: true });
		const joined = new Promise(resolve => watch.#consumer.on(watch.#consumer.events.GROUP_JOIN, resolve));
		await watch.#consumer.run({
			eachBatch: async ({ batch }) => {
				const at = Date.now();
				for (const { value } of batch.messages) watch.#hears(String(value), at);
			},
		});
		await joined;
		return watch;
	}

	/** Records since it was forgotten last. */
	get count(): number {
		return this.#lags.length;
	}

	/** Records that came twice, or that another of their chat has overtaken. */
	get misplaced(): number {
		return this.#misplaced;
	}

	forget(): void {
		this.#lags = [];
	}

	/** From a message's `createdAt` to its record's coming, in ms, of `share` of them at most. */
	quantile(share: number): number {
		const sorted = this.#lags.toSorted((a, b) => a - b);
		return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
	}

	async stop(): Promise<void> {
		await this.#consumer.disconnect();
	}

	#hears(text: string, at: number): void {
		const { data } = JSON.parse(text) as { data: { chatId: string; seq: number; createdAt: string } };
		if (data.seq !== (this.#last.get(data.chatId) ?? 0) + 1) this.#misplaced++;
		this.#last.set(data.chatId, Math.max(data.seq, this.#last.get(data.chatId) ?? 0));
		this.#lags.push(at - Date.parse(data.createdAt));
	}
}
