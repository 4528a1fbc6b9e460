import type { Platform } from "./api.ts";
import { localLock } from "./locks.ts";
import type { TabMessage, Tabs } from "./parts.ts";
import { Listeners } from "./readable.ts";
import { promised } from "./waits.ts";

/** The tabs that share one user's storage. Before `open` there is nobody to talk to. */
export class OwnTabs implements Tabs {
	readonly #platform: Platform;
	readonly #listeners = new Listeners<[TabMessage]>();
	readonly #name = promised<string>();
	#channel: { post(text: string): void; close(): void } | null = null;
	readonly #lock: NonNullable<Platform["lock"]>;

	constructor(platform: Platform) {
		this.#platform = platform;
		this.#lock = platform.lock ?? localLock();
	}

	/** @param name of the storage that they share */
	open(name: string): void {
		this.#channel =
			this.#platform.channel?.(name, text => this.#listeners.call(JSON.parse(text) as TabMessage)) ?? null;
		this.#name.resolve(name);
	}

	close(): void {
		this.#channel?.close();
		this.#channel = null;
	}

	post(message: TabMessage): void {
		this.#channel?.post(JSON.stringify(message));
	}

	on(listener: (message: TabMessage) => void): () => void {
		return this.#listeners.add(listener);
	}

	async lock<T>(name: string, work: () => Promise<T>): Promise<T> {
		return this.#lock(`${await this.#name.promise} ${name}`, work);
	}
}
