/** Online, offline and typing, beside the outbox: best effort. What cannot be sent is dropped. */
import type { ParleyEvent } from "../../contracts/kafka.ts";
import type { Presence } from "../../contracts/presence.ts";
import { newId } from "../../lib/ids.ts";
import { cloudEvent, laneOf } from "../../lib/log/cloud-event.ts";
import { OnlineEdges, TypingBursts } from "./ephemeral.rules.ts";

/** Events that wait for the next batch. */
const WAITING_MAX = 1_000;
const BATCH_EVERY_MS = 50;

export interface EphemeralOptions {
	namespace: string;
	/** Every node hears the hints, and the one that holds the lane of their key tells of them. */
	holds(lane: number): boolean;
	publish(events: readonly ParleyEvent[]): Promise<void>;
}

export class Ephemeral {
	readonly #o: EphemeralOptions;
	readonly #edges = new OnlineEdges();
	readonly #bursts = new TypingBursts();
	#waiting: ParleyEvent[] = [];
	#sending: Promise<void> | null = null;
	#stopped = false;

	constructor(options: EphemeralOptions) {
		this.#o = options;
	}

	presence(users: readonly Presence[]): void {
		for (const user of users) {
			const type = this.#edges.edge(user.userId, user.status);
			if (type) this.#tell(type, user.userId, { ...user, actorId: user.userId });
		}
	}

	typing({ chatId, userId, isTyping }: { chatId: string; userId: string; isTyping: boolean }): void {
		if (this.#bursts.begins(chatId, userId, isTyping, Date.now()))
			this.#tell("user.typing", chatId, { chatId, userId, isTyping: true, actorId: userId });
	}

	#tell<T extends "user.online" | "user.offline" | "user.typing">(
		type: T,
		subject: string,
		data: ParleyEvent<T>["data"],
	): void {
		if (this.#stopped || !this.#o.holds(laneOf(subject)) || this.#waiting.length >= WAITING_MAX) return;
		const time = new Date().toISOString();
		this.#waiting.push(cloudEvent(this.#o.namespace, { id: newId(), type, subject, time, data } as never));
		this.#sending ??= this.#send();
	}

	async #send(): Promise<void> {
		await new Promise(resolve => setTimeout(resolve, BATCH_EVERY_MS));
		const events = this.#waiting;
		this.#waiting = [];
		await this.#o.publish(events).catch(() => {});
		this.#sending = null;
		if (this.#waiting.length > 0) this.#sending = this.#send();
	}

	async stop(): Promise<void> {
		this.#stopped = true;
		await this.#sending;
	}
}
