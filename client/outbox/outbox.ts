import type { Readable } from "../api.ts";
import { ParleyError, parleyError } from "../errors.ts";
import { newId } from "../ids.ts";
import type { Parts } from "../parts.ts";
import { Listeners, Store } from "../readable.ts";
import type { Tx } from "../storage.ts";
import { groupBy } from "../tables.ts";
import { inTurn, promised, waitMs } from "../waits.ts";
import { perform } from "./calls.ts";
import {
	edited,
	isAbout,
	isGivenUp,
	isReached,
	named,
	nextOf,
	type Op,
	type Outcome,
	settled,
	type Work,
	willGo,
} from "./outbox.rules.ts";
import { plain } from "./plain.ts";

const WAITING_MAX = 1_000;
/** Done, and not yet seen in a log, as nobody has opened the chat since. */
const DONE_MAX = 100;
const LANES_MAX = 8;
const STORE_AGAIN_MS = 1_000;
const LAST = Number.MAX_SAFE_INTEGER;

/**
 * What one has done and the server has not confirmed: durable, in order, one operation of a chat at a time, by one tab
 * at a time. Memory follows the transactions in their order; only what was just added is there before it is stored.
 */
export class Outbox {
	readonly #parts: Parts;
	readonly #listeners = new Listeners<[string]>();
	readonly #waiting = new Store(0);
	/** By chat, in order; the chat that was served last is the last. */
	readonly #stored = new Map<string, readonly Op[]>();
	/** Done, and taken away by a tab whose log was ahead of the one here: shown until that has it too. */
	#ahead: readonly Op[] = [];
	#added: readonly Op[] = [];
	/** Transactions, one after the other. */
	readonly #turns = inTurn();
	/** Chats with an operation under way. */
	readonly #busy = new Map<string, Promise<void>>();
	/** Until when a chat's next operation waits, in ms since the epoch, and how often it was in vain. */
	readonly #pauses = new Map<string, { until: number; tries: number }>();
	#pausedUntil = 0;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#leads = false;
	#isStopped = false;
	/** Gives the lock to another tab; null where this one has not asked for it. */
	#resign: (() => void) | null = null;
	#ends: (() => void)[] = [];

	constructor(parts: Parts) {
		this.#parts = parts;
	}

	/** How many operations wait, in all chats. */
	get waiting(): Readable<number> {
		return this.#waiting;
	}

	/** Reads what is stored, then sends whenever this tab holds the lock and the link is online. */
	async start(): Promise<void> {
		const { link, tabs } = this.#parts;
		this.#ends = [
			tabs.on(told => {
				if (told.what !== "outbox") return;
				this.#ahead = [...this.#ahead, ...told.done].slice(-DONE_MAX);
				this.#changed([told.chatId]);
				void this.#load();
			}),
			link.onSocket(() => this.flush()),
			link.state.subscribe(() => {
				this.#campaign();
				this.#next();
			}),
		];
		await this.#load();
		this.#campaign();
	}

	/** All operations of a chat that wait, failed, or are done and not yet in its log, in the order of sending. */
	of(chatId: string): readonly Op[] {
		const stored = this.#stored.get(chatId) ?? [];
		const isHere = (op: Op) => op.chatId === chatId;
		const added = this.#added.filter(isHere);
		const ahead = new Map(this.#ahead.filter(isHere).map(op => [op.n, op]));
		const known = ahead.size > 0 ? edited(stored, ahead) : stored;
		return added.length > 0 ? [...known, ...added] : known;
	}

	/** After each change of a chat's operations. */
	on(listener: (chatId: string) => void): () => void {
		return this.#listeners.add(listener);
	}

	/** Up to where one has read with the marks that wait; 0 where none does. */
	readSeq(chatId: string): number {
		return Math.max(0, ...this.of(chatId).map(op => (op.kind === "read" ? op.seq : 0)));
	}

	/** @throws ParleyError UNAVAILABLE where 1,000 wait or have failed already */
	add(chatId: string, key: string, work: Work): Op {
		const all = [...this.#stored.values()].flat().filter(({ state }) => state !== "done");
		if (work.kind !== "read" && all.length + this.#added.length >= WAITING_MAX)
			throw new ParleyError("UNAVAILABLE", `${WAITING_MAX} changes wait to be sent.`);
		const at = new Date().toISOString();
		const op: Op = {
			...plain(work),
			n: LAST,
			id: newId(),
			chatId,
			key,
			at,
			state: "waiting",
			tried: 0,
		};
		this.#added = [...this.#added, op];
		this.#changed([chatId]);
		void this.#run(() => this.#store());
		return op;
	}

	/** Sends again what failed of a message. */
	retry(chatId: string, key: string, messageId?: string): void {
		this.#pauses.delete(chatId);
		const again = ({ code, retryable, ...op }: Op): Op => ({ ...op, state: "waiting" }) as Op;
		void this.#edit(chatId, op => (isAbout(op, key, messageId) && op.state === "failed" ? again(op) : op));
	}

	/** Gives up what waits or has failed of a message; what is under way may still happen. */
	async discard(chatId: string, key: string, messageId?: string): Promise<void> {
		await this.#edit(chatId, op => (isGivenUp(op, key, messageId) ? null : op));
	}

	/**
	 * Deletes a message that waits: it is never sent, or it is deleted as soon as it was.
	 * @returns false where its send is done and forgotten: then the log knows its id
	 */
	async unsend(chatId: string, key: string): Promise<boolean> {
		const sendOf = () => this.of(chatId).find(op => op.key === key && op.kind === "send");
		const wasThere = sendOf() !== undefined;
		await this.#edit(chatId, op => (op.kind === "send" && op.key === key && op.tried === 0 ? null : op));
		const sent = sendOf();
		if (sent) this.add(chatId, key, { kind: "delete", messageId: sent.message?.id ?? null });
		else if (wasThere) await this.#edit(chatId, op => (isGivenUp(op, key) ? null : op));
		return wasThere;
	}

	/** The log of a chat has got so far: what is done up to it is forgotten. */
	reached(chatId: string, cursor: number, readSeq: number): void {
		const isOver = (op: Op) => isReached(op, cursor, readSeq);
		this.#ahead = this.#ahead.filter(op => op.chatId !== chatId || !isOver(op));
		if (this.of(chatId).some(isOver)) void this.#edit(chatId, op => (isOver(op) ? null : op));
	}

	/** Tries at once what waits. */
	flush(): void {
		this.#pauses.clear();
		this.#next();
	}

	/** Ends sending and gives the lock to another tab. */
	stop(): void {
		this.#isStopped = true;
		clearTimeout(this.#timer);
		for (const end of this.#ends) end();
		this.#campaign();
	}

	/** Who is online wants the lock; who is not, but for a moment, leaves it to another tab. */
	#campaign(): void {
		const { link, tabs } = this.#parts;
		const { status } = link.state.get();
		if (this.#isStopped || (status !== "online" && status !== "resuming")) {
			this.#leads = false;
			this.#resign?.();
			this.#resign = null;
		} else if (!this.#resign) {
			const { promise: resigned, resolve: resign } = promised<void>();
			const lead = async () => {
				// What the tab before has left.
				if (this.#resign === resign) await this.#load();
				if (this.#resign !== resign) return;
				this.#leads = true;
				this.#next();
				await resigned;
				// What is under way is settled here: another tab would do it once more.
				await Promise.all(this.#busy.values());
			};
			this.#resign = resign;
			tabs.lock("outbox", lead).catch(err => console.error(err));
		}
	}

	/** One transaction after another, so that memory follows them in their order. */
	#run(job: () => Promise<unknown>): Promise<void> {
		return this.#turns(async () => {
			if (!this.#isStopped) await job();
		}).catch(err => console.error(err));
	}

	#load(): Promise<void> {
		return this.#run(async () => {
			const all = await this.#parts.db.read(tx => tx.range<Op>("outbox", 0, LAST, 2 * WAITING_MAX));
			const chatIds = new Set([...this.#stored.keys(), ...all.map(op => op.chatId)]);
			this.#stored.clear();
			for (const [chatId, ops] of groupBy(all, op => op.chatId)) this.#stored.set(chatId, ops);
			this.#changed(chatIds);
		});
	}

	/** Stores what was added. Where the device cannot store now, it stays in memory, and is tried again. */
	async #store(): Promise<void> {
		let isRefused = false;
		// What cannot be stored of one chat holds up no other.
		for (const added of groupBy(this.#added, op => op.chatId).values()) {
			try {
				const changes = await this.#parts.db.write(tx => this.#insert(tx, added));
				this.#added = this.#added.filter(op => !added.includes(op));
				this.#keep(changes);
			} catch (err) {
				console.error(err);
				isRefused = true;
			}
		}
		if (isRefused) setTimeout(() => void this.#run(() => this.#store()), STORE_AGAIN_MS);
	}

	async #insert(tx: Tx, added: readonly Op[]): Promise<Map<string, Map<number, Op | null>>> {
		const changes = new Map<string, Map<number, Op | null>>();
		const [last] = await tx.range<Op>("outbox", 0, LAST, 1, true);
		let n = Math.max(Date.now(), (last?.n ?? 0) + 1);
		for (const op of added) {
			const own = changes.get(op.chatId) ?? new Map<number, Op | null>();
			changes.set(op.chatId, own);
			let next: Op = { ...op, n };
			for (const known of edited(this.#stored.get(op.chatId) ?? [], own)) {
				if (known.key !== op.key) continue;
				const held = own.get(known.n) ?? (await tx.get<Op>("outbox", known.n));
				if (!held) continue;
				if (held.kind === "send") next = named(next, held);
				// The marks of a chat that wait are one, the highest.
				if (next.kind === "read" && held.kind === "read" && held.state === "waiting" && held.tried === 0)
					next = { ...held, seq: Math.max(held.seq, next.seq) };
			}
			await tx.put("outbox", next.n, next);
			own.set(next.n, next);
			n++;
		}
		return changes;
	}

	/**
	 * What `change` makes of a chat's operations, as they are stored now; null takes one away, also where it could not be
	 * stored yet. It is asked of what memory holds first, so that not all has to be read.
	 */
	#edit(chatId: string, change: (op: Op) => Op | null): Promise<void> {
		return this.#run(async () => {
			const added = this.#added;
			this.#added = added.map(op => (op.chatId === chatId ? change(op) : op)).filter(op => op !== null);
			if (this.#added.length < added.length) this.#changed([chatId]);
			const known = (this.#stored.get(chatId) ?? []).filter(op => change(op) !== op);
			const changes = await this.#parts.db.write(async tx => {
				const changes = new Map<number, Op | null>();
				for (const { n } of known) {
					const op = await tx.get<Op>("outbox", n);
					const next = op ? change(op) : null;
					if (op && next === op) continue;
					changes.set(n, next);
					if (next) await tx.put("outbox", n, next);
					else await tx.delete("outbox", n);
				}
				return changes;
			});
			if (changes.size > 0) this.#keep(new Map([[chatId, changes]]));
		});
	}

	#keep(changes: ReadonlyMap<string, ReadonlyMap<number, Op | null>>): void {
		for (const [chatId, own] of changes) {
			const before = this.#stored.get(chatId) ?? [];
			const ops = edited(before, own);
			this.#stored.delete(chatId);
			if (ops.length > 0) this.#stored.set(chatId, ops);
			const done = before.filter(({ n, state }) => state === "done" && own.get(n) === null);
			this.#parts.tabs.post({ what: "outbox", chatId, done });
		}
		this.#changed(changes.keys());
	}

	#changed(chatIds: Iterable<string>): void {
		let waiting = this.#added.length;
		for (const ops of this.#stored.values()) waiting += ops.filter(op => willGo(op, ops)).length;
		this.#waiting.set(waiting);
		for (const chatId of chatIds) this.#listeners.call(chatId);
		this.#next();
	}

	/** Begins what may begin now, and comes back when more may. */
	#next(): void {
		clearTimeout(this.#timer);
		if (!this.#leads || this.#isStopped || this.#parts.link.state.get().status !== "online") return;
		const now = Date.now();
		let wakeAt = this.#pausedUntil > now ? this.#pausedUntil : LAST;
		for (const [chatId, ops] of wakeAt < LAST ? [] : this.#stored) {
			if (this.#busy.size >= LANES_MAX) break;
			const op = nextOf(ops);
			const until = this.#pauses.get(chatId)?.until ?? 0;
			if (!op || this.#busy.has(chatId)) continue;
			if (until > now) wakeAt = Math.min(wakeAt, until);
			else this.#busy.set(chatId, this.#try(op));
		}
		if (wakeAt < LAST) this.#timer = setTimeout(() => this.#next(), wakeAt - now);
	}

	async #try(next: Op): Promise<void> {
		const { chatId, id } = next;
		try {
			// So that a tab, or a later start, knows that it may have been sent.
			const about = "messageId" in next && { messageId: next.messageId };
			const isIt = (it: Op) => it.id === id && it.state === "waiting";
			await this.#edit(chatId, it => (isIt(it) ? ({ ...it, ...about, tried: it.tried + 1 } as Op) : it));
			const op = this.of(chatId).find(it => isIt(it) && it.tried > next.tried);
			if (op && !this.#isStopped) await this.#settle(op, await perform(this.#parts.link, op));
			// The device could not store it, or another tab has taken it away.
			if (!this.#pauses.has(chatId) && this.of(chatId).some(isIt)) this.#pause(chatId, null);
		} finally {
			this.#busy.delete(chatId);
			this.#next();
		}
	}

	async #settle(tried: Op, outcome: Outcome): Promise<void> {
		const { chatId, id, key } = tried;
		const now = settled(tried, outcome);
		if (now?.state === "waiting" && "error" in outcome) this.#pause(chatId, outcome.error);
		else this.#pauses.delete(chatId);
		await this.#edit(chatId, op => (op.id === id ? now : now ? named(op, now) : op));
		if (now?.state === "failed" && now.code) this.#parts.emit("failed", { chatId, key, code: now.code });
		if (now?.state === "done") this.#forgetOldest();
	}

	#pause(chatId: string, err: unknown): void {
		const error = parleyError(err);
		const { tries } = this.#pauses.get(chatId) ?? { tries: 0 };
		const until = Date.now() + waitMs(this.#parts.times, tries, error);
		// A rate limit counts all chats of the user.
		if (error.code === "RATE_LIMITED") this.#pausedUntil = until;
		this.#pauses.set(chatId, { until, tries: tries + 1 });
	}

	#forgetOldest(): void {
		const done = [...this.#stored.values()].flat().filter(op => op.state === "done");
		const [oldest] = done.sort((a, b) => a.n - b.n);
		if (oldest && done.length > DONE_MAX)
			void this.#edit(oldest.chatId, op => (op.id === oldest.id ? null : op));
	}
}
