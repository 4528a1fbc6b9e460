/** What a Redis does, by its own count. */
import { Redis } from "ioredis";

export interface RedisUse {
	commands: number;
	bytesIn: number;
	bytesOut: number;
}

export class RedisMeter {
	readonly #redis: Redis;
	#before: RedisUse = { commands: 0, bytesIn: 0, bytesOut: 0 };

	constructor(url: string) {
		this.#redis = new Redis(url);
	}

	/** Since it was asked last; the first answer is since its start. */
	async read(): Promise<RedisUse> {
		const { total_commands_processed, total_net_input_bytes, total_net_output_bytes } =
			await this.#numbers("stats");
		const now = {
			commands: total_commands_processed ?? 0,
			bytesIn: total_net_input_bytes ?? 0,
			bytesOut: total_net_output_bytes ?? 0,
		};
		const before = this.#before;
		this.#before = now;
		return {
			commands: now.commands - before.commands,
			bytesIn: now.bytesIn - before.bytesIn,
			bytesOut: now.bytesOut - before.bytesOut,
		};
	}

	async memoryBytes(): Promise<number> {
		return (await this.#numbers("memory")).used_memory_dataset ?? 0;
	}

	close(): void {
		this.#redis.disconnect();
	}

	async #numbers(section: string): Promise<Record<string, number>> {
		const lines = (await this.#redis.info(section)).split("\r\n").map(line => line.split(":"));
		return Object.fromEntries(lines.map(([name = "", value = ""]) => [name, Number(value)]));
	}
}
