import type { Parts } from "../parts.ts";
import { evict } from "../tables.ts";

const EVERY_MS = 1_000;
/** In each turn; half of the writes that a user may make, so that the other half is left to them. */
const CHATS_MAX = 5;
const DUE_MAX = 1_000;
const TOLD_MAX = 1_000;

/**
 * Tells the server that messages have reached this device: of each chat the highest, of a few chats a second, those that
 * were marked last first. The caller asks for it only where the chat's `capabilities.receipts` holds, and also for what
 * came while the device was away (`self.deliveredSeq < chat.lastSeq` after `inbox:list` and `inbox:sync`).
 */
export class DeliveryMarks {
	readonly #parts: Parts;
	/** Of those beyond the bound the next `inbox:sync` that names them, or reading, says it. */
	readonly #due = new Map<string, number>();
	/** What the server knows, so that nothing is told again. */
	readonly #told = new Map<string, number>();
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	mark(chatId: string, seq: number): void {
		if (seq <= Math.max(this.#due.get(chatId) ?? 0, this.#told.get(chatId) ?? 0)) return;
		this.#due.delete(chatId);
		this.#due.set(chatId, seq);
		evict(this.#due, DUE_MAX);
		this.#timer ??= setTimeout(() => this.#tell(), this.#told.size ? EVERY_MS : 0);
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#due.clear();
	}

	/** What cannot be told now comes again with the next `inbox:sync`. */
	#tell(): void {
		for (const [chatId, seq] of [...this.#due].slice(-CHATS_MAX)) {
			this.#due.delete(chatId);
			this.#told.delete(chatId);
			this.#told.set(chatId, seq);
			this.#parts.link.call("message:delivered", { chatId, seq }).catch(() => this.#told.delete(chatId));
		}
		evict(this.#told, TOLD_MAX);
		this.#timer = this.#due.size > 0 ? setTimeout(() => this.#tell(), EVERY_MS) : undefined;
	}
}
