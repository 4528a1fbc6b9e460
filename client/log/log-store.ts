/** A chat's log in the database: one transaction a step, right also where several tabs write. */
import type { Message } from "../../contracts/messages.ts";
import type { Database, Tx } from "../storage.ts";
import { inOrder, type Log, lastOf, newer } from "./log.rules.ts";

/** Of one chat; more than this the server is asked for. */
const STORED_MESSAGES_MAX = 4_000;
const STORED_CHATS_MAX = 200;
/** What is shown of a stored log at once. */
const SHOWN_FIRST = 100;

/** From and to, both held; between them nothing is missing, and all is as it was at the cursor or later. */
export type Segment = [from: number, to: number];

interface ChatRecord extends Pick<Log, "cursor" | "chat" | "self" | "members" | "membersComplete"> {
	chatId: string;
	/** In order, not touching. */
	segments: Segment[];
	usedAt: number;
}

/** What changed in memory since the last step; `log` is how it is now. */
export interface Step {
	/** The cursor that it began at. */
	from: number;
	messages: Message[];
	log: Log;
}

/** Ranges with one more. */
export function joined(segments: readonly Segment[], [from, to]: Segment): Segment[] {
	const apart = segments.filter(([a, b]) => b < from - 1 || a > to + 1);
	const near = segments.filter(([a, b]) => b >= from - 1 && a <= to + 1);
	const whole: Segment = [Math.min(from, ...near.map(s => s[0])), Math.max(to, ...near.map(s => s[1]))];
	return [...apart, whole].sort((a, b) => a[0] - b[0]);
}

const holds = (segments: readonly Segment[], seq: number) => segments.some(([a, b]) => a <= seq && seq <= b);
const sizeOf = (segments: readonly Segment[]) => segments.reduce((sum, [a, b]) => sum + b - a + 1, 0);

export class LogStore {
	readonly #db: Database;
	readonly #chatId: string;

	constructor(db: Database, chatId: string) {
		this.#db = db;
		this.#chatId = chatId;
	}

	/** The newest part of what is stored; null where there is none that reaches the end. */
	load(): Promise<Log | null> {
		return this.#db.write(async tx => {
			const record = await this.#record(tx);
			if (!record) return null;
			const { cursor, chat, self, members, membersComplete, segments } = record;
			const [from, to] = segments.at(-1) ?? [chat.lastSeq + 1, chat.lastSeq];
			if (to !== chat.lastSeq) return null;
			const messages = await this.#range(tx, Math.max(from, to - SHOWN_FIRST + 1), to);
			if (!messages) return null;
			await tx.put("chats", this.#chatId, { ...record, usedAt: Date.now() });
			return { cursor, chat, self, members, membersComplete, messages, from: to - messages.length + 1 };
		});
	}

	/** Puts a step into what is stored. Where that lacks what came before the step, it begins anew with the memory's window. */
	save(step: Step): Promise<void> {
		return this.#db.write(async tx => {
			const record = await this.#record(tx);
			if (!record || record.cursor < step.from) return this.#replace(tx, step.log);
			if (record.cursor > step.log.cursor) return;
			let { segments } = record;
			let last = record.chat.lastSeq;
			for (const message of inOrder(step.messages)) {
				const { seq } = message;
				if (seq > last) segments = joined(segments, [seq, seq]);
				last = Math.max(last, seq);
				if (holds(segments, seq)) await this.#put(tx, message);
			}
			await this.#finish(tx, step.log, segments, record.usedAt);
		});
	}

	/** Stores a page, where the stored log is not ahead of `cursor`, up to which the page is known to be right. */
	savePage(cursor: number, messages: readonly Message[]): Promise<void> {
		return this.#db.write(async tx => {
			const record = await this.#record(tx);
			const [first, last] = [messages[0], messages.at(-1)];
			if (!record || !first || !last || record.cursor > cursor) return;
			const segments = joined(record.segments, [first.seq, last.seq]);
			if (last.seq > record.chat.lastSeq || sizeOf(segments) > STORED_MESSAGES_MAX) return;
			for (const message of messages) await this.#put(tx, message);
			await tx.put("chats", this.#chatId, { ...record, segments });
		});
	}

	/** A range, where all of it is stored and as it was at `cursor` or later. */
	page(cursor: number, from: number, to: number): Promise<Message[] | null> {
		return this.#db.read(async tx => {
			const record = await this.#record(tx);
			if (!record || record.cursor < cursor) return null;
			if (!record.segments.some(([a, b]) => a <= from && to <= b)) return null;
			return this.#range(tx, from, to);
		});
	}

	/** Begins anew. */
	replace(log: Log): Promise<void> {
		return this.#db.write(tx => this.#replace(tx, log));
	}

	forget(): Promise<void> {
		return this.#db.write(tx => forget(tx, this.#chatId));
	}

	#record(tx: Tx): Promise<ChatRecord | undefined> {
		return tx.get<ChatRecord>("chats", this.#chatId);
	}

	async #range(tx: Tx, from: number, to: number): Promise<Message[] | null> {
		if (from > to) return [];
		const count = to - from + 1;
		const messages = await tx.range<Message>("messages", [this.#chatId, from], [this.#chatId, to], count);
		return messages.length === count ? messages : null;
	}

	async #put(tx: Tx, message: Message): Promise<void> {
		const key: [string, number] = [this.#chatId, message.seq];
		await tx.put("messages", key, newer(await tx.get<Message>("messages", key), message));
	}

	async #replace(tx: Tx, log: Log): Promise<void> {
		const chats = await tx.range<ChatRecord>("chats", "", "\uffff", STORED_CHATS_MAX + 1);
		if (chats.length > STORED_CHATS_MAX) {
			const [oldest] = chats.sort((a, b) => a.usedAt - b.usedAt);
			if (oldest) await forget(tx, oldest.chatId);
		}
		await forget(tx, this.#chatId);
		for (const message of log.messages) await tx.put("messages", [this.#chatId, message.seq], message);
		const segments: Segment[] = log.messages.length > 0 ? [[log.from, lastOf(log)]] : [];
		await this.#finish(tx, log, segments, Date.now());
	}

	async #finish(tx: Tx, log: Log, segments: Segment[], usedAt: number): Promise<void> {
		const { cursor, chat, self, membersComplete } = log;
		const over = sizeOf(segments) - STORED_MESSAGES_MAX;
		const [first, ...others] = segments;
		let kept = segments;
		if (over > 0 && first) {
			const from = Math.min(first[0] + over, first[1] + 1);
			await tx.deleteRange("messages", [this.#chatId, first[0]], [this.#chatId, from - 1]);
			kept = from > first[1] ? others : [[from, first[1]], ...others];
		}
		// An incomplete list is a matter of scrolling.
		const members = membersComplete && log.members.length <= 200 ? log.members : [];
		const isComplete = membersComplete && members.length > 0;
		const record = { chatId: this.#chatId, cursor, chat, self, members, membersComplete: isComplete };
		await tx.put("chats", this.#chatId, { ...record, segments: kept, usedAt } satisfies ChatRecord);
	}
}

async function forget(tx: Tx, chatId: string): Promise<void> {
	await tx.delete("chats", chatId);
	await tx.deleteRange("messages", [chatId, 0], [chatId, Number.MAX_SAFE_INTEGER]);
}
