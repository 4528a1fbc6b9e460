/** How the bridge does: asked by readiness, shown by the metrics. */
import type { Logger } from "moleculer";
import { type BridgeStatus, TOPICS } from "../../contracts/kafka.ts";
import type { KafkaPort } from "./port.ts";
import { misconfigured } from "./security.ts";

export interface WatchOptions {
	/** Null without Kafka. */
	port: KafkaPort | null;
	oldestS(): Promise<number>;
	logger: Logger;
	everyMs: number;
	/** Told once, when Kafka first answers and has all topics. */
	onReady(): void;
	/** Told after each look. */
	onLook(status: Pick<BridgeStatus, "kafka" | "oldestEventS">): void;
}

export class Watch {
	readonly #o: WatchOptions;
	#kafka: BridgeStatus["kafka"];
	#oldestEventS = 0;
	#topicsMade = false;
	/** What was told last of why waiting does not help. */
	#trouble: string | null = null;
	#timer: NodeJS.Timeout | undefined;
	#stopped = false;

	constructor(options: WatchOptions) {
		this.#o = options;
		this.#kafka = options.port ? "down" : "off";
	}

	get status(): Pick<BridgeStatus, "kafka" | "oldestEventS"> {
		return { kafka: this.#kafka, oldestEventS: this.#oldestEventS };
	}

	start(): void {
		void this.#look();
	}

	stop(): void {
		this.#stopped = true;
		clearTimeout(this.#timer);
	}

	/** One look after the other, never two at once. */
	async #look(): Promise<void> {
		const { port, oldestS, everyMs, onLook } = this.#o;
		if (port) this.#turn((await this.#reach(port)) ? "up" : "down");
		this.#oldestEventS = await oldestS().catch(() => this.#oldestEventS);
		if (this.#stopped) return;
		onLook(this.status);
		this.#timer = setTimeout(() => void this.#look(), everyMs);
	}

	/** Topics are made at the first contact, and again after an outage: Kafka may have come back empty. */
	async #reach(port: KafkaPort): Promise<boolean> {
		if (this.#kafka === "up" && this.#topicsMade) return port.ping();
		try {
			await port.ensureTopics(TOPICS);
			if (!this.#topicsMade && !this.#stopped) this.#o.onReady();
			this.#topicsMade = true;
			this.#trouble = null;
			return true;
		} catch (err) {
			this.#o.logger.debug("Kafka has not its topics yet.", err);
			this.#complain(misconfigured(err));
			return false;
		}
	}

	/** Once: it stays so until somebody changes it. */
	#complain(trouble: string | null): void {
		if (trouble && trouble !== this.#trouble) this.#o.logger.error(trouble);
		this.#trouble = trouble;
	}

	#turn(to: "up" | "down"): void {
		if (this.#kafka === to || this.#stopped) return;
		this.#kafka = to;
		if (to === "up") this.#o.logger.info("Kafka answers.");
		else this.#o.logger.warn("Kafka does not answer: events stay in the outbox.");
	}
}
