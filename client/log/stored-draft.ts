import type { Readable } from "../api.ts";
import type { Parts } from "../parts.ts";
import { Store } from "../readable.ts";

const SAVE_AFTER_MS = 300;

/** What is being written in a chat; kept on this device only. */
export class StoredDraft {
	readonly text = new Store("");
	readonly #parts: Parts;
	readonly #chatId: string;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#isKnown = false;

	constructor(parts: Parts, chatId: string) {
		this.#parts = parts;
		this.#chatId = chatId;
	}

	/** Looks for it the first time that somebody wants to know. */
	look(): Readable<string> {
		if (!this.#isKnown) void this.load();
		return this.text;
	}

	async load(): Promise<void> {
		this.#isKnown = true;
		if (this.#timer) return;
		const text = await this.#parts.db.read(tx => tx.get<string>("kv", this.#key)).catch(() => undefined);
		if (!this.#timer) this.text.set(text ?? "");
	}

	set(text: string): void {
		this.text.set(text);
		this.#timer ??= setTimeout(() => void this.save(), SAVE_AFTER_MS);
	}

	async save(): Promise<void> {
		if (!this.#timer) return;
		clearTimeout(this.#timer);
		this.#timer = undefined;
		const text = this.text.get();
		const { db, tabs } = this.#parts;
		try {
			await db.write(tx => (text ? tx.put("kv", this.#key, text) : tx.delete("kv", this.#key)));
			tabs.post({ what: "draft", chatId: this.#chatId });
		} catch (err) {
			console.error(err);
		}
	}

	get #key(): string {
		return `draft ${this.#chatId}`;
	}
}
