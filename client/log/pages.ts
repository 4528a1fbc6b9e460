import { CLIENT_LIMITS as LIMITS } from "../../contracts/limits.ts";
import type { Message } from "../../contracts/messages.ts";
import { unavailable } from "../errors.ts";
import type { Parts } from "../parts.ts";
import type { SocketCalls } from "../wire.ts";
import type { ChatLog } from "./chat-log.ts";
import { isAttached, type Log, lastOf, type Side } from "./log.rules.ts";
import type { LogStore } from "./log-store.ts";

const PAGE = LIMITS.pageDefault;
/** A page that no longer joins is asked for again so often. */
const TRIES = 3;
/** Halving a chat of a million messages by pages takes fifteen. */
const PROBES_MAX = 20;

interface Host {
	/** Stores all that memory holds beyond what is stored. */
	save(): Promise<void>;
	loading(side: Side | null): void;
}

/** Moves the window over the log: from what is stored where that can be trusted, else from the server. */
export class Pages {
	readonly #parts: Parts;
	readonly #chatId: string;
	readonly #log: ChatLog;
	readonly #store: LogStore;
	readonly #host: Host;
	readonly #running = new Map<Side, Promise<unknown>>();

	constructor(parts: Parts, chatId: string, log: ChatLog, store: LogStore, host: Host) {
		this.#parts = parts;
		this.#chatId = chatId;
		this.#log = log;
		this.#store = store;
		this.#host = host;
	}

	older(): Promise<void> {
		return this.#once("older", () => this.#move("older", log => [log.from - PAGE, log.from - 1]));
	}

	newer(): Promise<void> {
		return this.#once("newer", () => this.#move("newer", log => [lastOf(log) + 1, lastOf(log) + PAGE]));
	}

	/** @returns the `seq` that the window then holds */
	async jump(wanted: number): Promise<number> {
		const { chat, from } = this.#now();
		const seq = Math.max(1, Math.min(wanted, chat.lastSeq));
		if (seq >= from && seq <= lastOf(this.#now())) return seq;
		const half = PAGE / 2;
		// The latest jump counts.
		await this.#begin("jump", () => this.#move("jump", () => [seq - half, seq + half - 1]));
		return seq;
	}

	async latest(): Promise<void> {
		if (isAttached(this.#now())) return;
		const last = ({ chat }: Log): [number, number] => [chat.lastSeq - PAGE + 1, chat.lastSeq];
		await this.#begin("jump", () => this.#move("jump", last));
	}

	/** The newest page once more: what is derived at read, like threads, raises no revision. */
	refresh(): Promise<void> {
		return this.#log.asking(async asked => {
			this.#log.page(await this.#fetch({}), "older", asked);
		});
	}

	/** The first message of that time or later, by halving; the last where there is none. */
	async seqAt(date: Date): Promise<number> {
		const at = date.toISOString();
		let [low, high] = [1, this.#now().chat.lastSeq];
		for (let probe = 0; low < high && probe < PROBES_MAX; probe++) {
			const around = Math.floor((low + high) / 2);
			const messages = await this.#fetch({ around });
			const [first, last] = [messages[0], messages.at(-1)];
			if (!first || !last) break;
			const found = messages.find(message => message.createdAt >= at);
			if (found && (found !== first || found.seq === 1)) return found.seq;
			if (found) high = first.seq;
			else low = Math.min(high, last.seq + 1);
		}
		return low;
	}

	#now(): Log {
		const log = this.#log.get();
		if (!log) throw unavailable("The chat is not open yet.");
		return log;
	}

	#once(side: Side, work: () => Promise<void>): Promise<void> {
		const running = this.#running.get(side);
		return running ? running.then(() => {}) : this.#begin(side, work);
	}

	async #begin(side: Side, work: () => Promise<void>): Promise<void> {
		// What was asked before a jump would not join; what comes after it waits for it.
		if (side !== "jump") await this.#running.get("jump")?.catch(() => {});
		const done = work();
		this.#running.set(side, done);
		this.#host.loading(side);
		try {
			await done;
		} finally {
			if (this.#running.get(side) === done) this.#running.delete(side);
			this.#host.loading([...this.#running.keys()].at(-1) ?? null);
		}
	}

	async #move(side: Side, wanted: (log: Log) => [number, number]): Promise<void> {
		for (let tries = 0; tries < TRIES; tries++) {
			const log = this.#now();
			const [first, last] = wanted(log);
			const [from, to] = [Math.max(1, first), Math.min(last, log.chat.lastSeq)];
			if (from > to) return;
			const place = side === "older" ? { before: to + 1 } : { after: from - 1 };
			const isIn = await this.#log.asking(async asked => {
				await this.#host.save();
				const stored = await this.#store.page(log.cursor, from, to).catch(() => null);
				const page = stored ?? (await this.#fetch({ ...place, limit: to - from + 1 }));
				const joins = this.#log.page(page, side, asked);
				if (joins && !stored) await this.#keep(page);
				return joins;
			});
			if (isIn) return;
		}
	}

	async #fetch(place: Omit<SocketCalls["chat:messages"]["params"], "chatId">): Promise<Message[]> {
		const params = { chatId: this.#chatId, limit: PAGE, ...place };
		return (await this.#parts.link.ask("chat:messages", params)).messages;
	}

	/** Stores a page as the window now has it: with what has changed meanwhile. */
	async #keep(page: readonly Message[]): Promise<void> {
		const { cursor, messages, from, chat } = this.#now();
		const held = page.map(({ seq }) => messages[seq - from]).filter(message => message !== undefined);
		await this.#host.save();
		if (held.length === page.filter(({ seq }) => seq <= chat.lastSeq).length)
			await this.#store.savePage(cursor, held).catch(err => console.error(err));
	}
}
