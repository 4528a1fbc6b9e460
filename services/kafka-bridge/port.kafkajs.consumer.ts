/**
 * A member of a consumer group that outlives whatever happens to Kafka. kafkajs gives up on some errors, restarts
 * after others, and on a half-open link waits for ever; here each of these ends the session, and a new one begins.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer, EachBatchPayload, Kafka } from "kafkajs";
import type { Logger } from "moleculer";
import type { Topic } from "../../contracts/kafka.ts";
import { codeOf } from "../../lib/errors.ts";
import { type Consumption, type Handler, type Incoming, KafkaAway } from "./port.ts";
import { within } from "./within.ts";

interface Options {
	kafka: Kafka;
	logger: Logger;
	group: string;
	/** A topic's name on Kafka → ours. */
	topics: Map<string, Topic>;
	sessionTimeoutMs: number;
	fetchWaitMs: number;
	handle: Handler;
}

/** Records handed over at once. */
const BATCH_MAX = 500;
const PAUSE_MIN_MS = 200;
const PAUSE_MAX_MS = 5_000;
const CONNECT_TIMEOUT_MS = 10_000;
const DISCONNECT_TIMEOUT_MS = 4_000;
/** A consumer that neither fetches, nor beats, nor works for so long hangs. */
const STALLED_MS = 30_000;

export function consumption(options: Options): Consumption {
	const { logger, group } = options;
	const stopping = new AbortController();
	const ended = supervise();

	async function supervise(): Promise<void> {
		let pauseMs = PAUSE_MIN_MS;
		while (!stopping.signal.aborted) {
			const session = new Session(options, stopping.signal);
			try {
				await session.run();
			} catch (err) {
				logger.warn(`The consumer ${group} lost Kafka and begins anew: ${(err as Error).message}`);
			} finally {
				await session.close();
			}
			pauseMs = session.joined ? PAUSE_MIN_MS : Math.min(pauseMs * 2, PAUSE_MAX_MS);
			await sleep(pauseMs, undefined, { signal: stopping.signal }).catch(() => {});
		}
	}

	return {
		async stop() {
			stopping.abort();
			await ended;
		},
	};
}

class Session {
	readonly #options: Options;
	readonly #stop: AbortSignal;
	readonly #consumer: Consumer;
	/** Partitions of which a batch was handled since the last assignment. */
	readonly #begun = new Set<string>();
	#activeAt = Date.now();
	#unwatch = () => {};
	joined = false;

	constructor(options: Options, stop: AbortSignal) {
		this.#options = options;
		this.#stop = stop;
		const { sessionTimeoutMs } = options;
		this.#consumer = options.kafka.consumer({
			groupId: options.group,
			sessionTimeout: sessionTimeoutMs,
			rebalanceTimeout: sessionTimeoutMs,
			heartbeatInterval: Math.floor(sessionTimeoutMs / 5),
			maxWaitTimeInMs: options.fetchWaitMs,
			allowAutoTopicCreation: false,
			retry: {
				initialRetryTime: 100,
				maxRetryTime: 1_000,
				retries: 3,
				restartOnFailure: async () => false,
			},
		});
	}

	/** Until it is told to stop; rejects where kafkajs cannot go on. */
	async run(): Promise<void> {
		const { topics } = this.#options;
		const over = this.#over();
		over.catch(() => {});
		await within(CONNECT_TIMEOUT_MS, "Connecting to Kafka", this.#consumer.connect());
		await this.#consumer.subscribe({ topics: [...topics.keys()], fromBeginning: true });
		await this.#consumer.run({
			eachBatchAutoResolve: false,
			partitionsConsumedConcurrently: 3,
			eachBatch: payload => this.#take(payload),
		});
		await over;
	}

	#over(): Promise<void> {
		const { CRASH, GROUP_JOIN, FETCH, HEARTBEAT, END_BATCH_PROCESS } = this.#consumer.events;
		for (const event of [FETCH, HEARTBEAT, END_BATCH_PROCESS] as const) {
			this.#consumer.on(event, () => {
				this.#activeAt = Date.now();
			});
		}
		this.#consumer.on(GROUP_JOIN, () => {
			this.joined = true;
			this.#begun.clear();
		});
		return new Promise((resolve, reject) => {
			const watchdog = setInterval(() => {
				if (Date.now() - this.#activeAt > STALLED_MS) reject(new Error("It hangs."));
			}, 1_000);
			const onStop = () => resolve();
			this.#stop.addEventListener("abort", onStop);
			this.#consumer.on(CRASH, ({ payload }) => reject(payload.error));
			this.#unwatch = () => {
				clearInterval(watchdog);
				this.#stop.removeEventListener("abort", onStop);
			};
			if (this.#stop.aborted) resolve();
		});
	}

	async #take(payload: EachBatchPayload): Promise<void> {
		const { batch, resolveOffset, isRunning, isStale } = payload;
		const records = batch.messages.map(({ offset, key, value }) => ({
			offset: Number(offset),
			key: key?.toString() ?? null,
			value: value?.toString() ?? null,
		}));
		for (let at = 0; at < records.length; at += BATCH_MAX) {
			if (!isRunning() || isStale() || this.#stop.aborted) return;
			const part = records.slice(at, at + BATCH_MAX);
			const answer = await this.#handle(payload, part);
			if (answer === "stopped") return;
			if (answer) {
				const { topic, partition } = batch;
				this.#consumer.seek({ topic, partition, offset: String(answer.seek) });
				return;
			}
			resolveOffset(String(part.at(-1)?.offset));
			await payload.heartbeat();
		}
	}

	/** Again until it succeeds, beating meanwhile; a beat that fails ends it, for the partition may be another's by now. */
	async #handle({ batch, heartbeat, isRunning }: EachBatchPayload, records: Incoming[]) {
		const source = `${batch.topic}-${batch.partition}`;
		const topic = this.#options.topics.get(batch.topic) as Topic;
		for (let pauseMs = PAUSE_MIN_MS; isRunning() && !this.#stop.aborted; ) {
			try {
				const fresh = !this.#begun.has(source);
				const end = Number(batch.highWatermark);
				const answer = await this.#options.handle({ topic, partition: batch.partition, records, fresh, end });
				this.#begun.add(source);
				return answer;
			} catch (err) {
				const why = err instanceof KafkaAway || codeOf(err) ? (err as Error).message : err;
				this.#options.logger.warn(
					`${this.#options.group} could not apply what it read, and will again.`,
					why,
				);
			}
			await sleep(pauseMs, undefined, { signal: this.#stop }).catch(() => {});
			await heartbeat();
			pauseMs = Math.min(pauseMs * 2, this.#options.sessionTimeoutMs / 4);
		}
		return "stopped" as const;
	}

	async close(): Promise<void> {
		this.#unwatch();
		await within(DISCONNECT_TIMEOUT_MS, "Leaving the group", this.#consumer.disconnect()).catch(() => {});
	}
}
