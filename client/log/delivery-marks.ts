import type { Parts } from "../parts.ts";
import { evict } from "../tables.ts";

const EVERY_MS = 1_000;
const TOLD_MAX = 1_000;

/**
 * Tells the server that messages have reached this device: of each chat the highest, at most once a second. The caller
 * asks for it only where the chat's `capabilities.receipts` holds, and also for what came while the device was away
 * (`self.deliveredSeq < chat.lastSeq` after `inbox:list` and `inbox:sync`).
 */
export class DeliveryMarks {
	readonly #parts: Parts;
	readonly #due = new Map<string, number>();
	/** What the server knows, so that nothing is told again. */
	readonly #told = new Map<string, number>();
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	mark(chatId: string, seq: number): void {
		if (seq <= Math.max(this.#due.get(chatId) ?? 0, this.#told.get(chatId) ?? 0)) return;
		this.#due.set(chatId, seq);
		this.#timer ??= setTimeout(() => this.#tell(), this.#told.size ? EVERY_MS : 0);
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#due.clear();
	}

	/** What cannot be told now comes again with the next `inbox:sync`. */
	#tell(): void {
		this.#timer = undefined;
		for (const [chatId, seq] of this.#due) {
			this.#told.delete(chatId);
			this.#told.set(chatId, seq);
			this.#parts.link.call("message:delivered", { chatId, seq }).catch(() => this.#told.delete(chatId));
		}
		this.#due.clear();
		evict(this.#told, TOLD_MAX);
	}
}
