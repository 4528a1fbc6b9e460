import type { Redis } from "ioredis";
import { Batcher, type Outcome } from "../../lib/batcher.ts";
import { BoundedMap } from "../../lib/bounded-map.ts";
import { newId } from "../../lib/ids.ts";
import {
	type Changed,
	type Edit,
	isTransition,
	NEW_USER,
	nextEnd,
	settle,
	type UserRecord,
} from "./presence.rules.ts";
import { type Commands, withCommands } from "./presence.scripts.ts";
import type { PresenceStore } from "./presence.store.ts";

const CLAIM_MS = 3_000;
/** What no node has asked for so long is forgotten. */
const KEPT_MS = 30 * 86_400_000;
/** Of one user: more writers than this at once are nobody's devices. */
const TRIES_MAX = 64;
const TOO_MANY = "Too many wrote one user's presence at once.";
/** After a failure the next calls do not wait for Redis. */
const PAUSE_MS = 1_000;
const KNOWN_MAX = 50_000;
/** Of one user, while Redis is away. */
const UNHEARD_MAX = 20;
/** Changes of one round. */
const ROUND_MAX = 500;
const WAITING_MAX = 100_000;

export interface RedisStoreOptions {
	/** Of all keys, which one script may name together. */
	prefix: string;
	/** So long after an outage nobody is swept: leases could not be renewed meanwhile. */
	graceMs: number;
	/** So long after Redis was emptied, whoever is still here has renewed their lease. */
	leaseMs: number;
	/** Told once for each outage. */
	onAway(err: unknown): void;
}

interface Change {
	userId: string;
	edit: Edit;
}

/** One user's changes of a round, which are written as one. */
interface Round {
	userId: string;
	edits: { edit: Edit; item: number }[];
	/** What Redis is thought to hold. */
	text: string;
	/** What of them it had not heard while it was away. */
	unheard: readonly Edit[];
}

/**
 * All nodes' presence. What changes in one turn of the event loop is one round to Redis. A record is a JSON value that
 * is compared and set, so the rules are the same as in memory. Where Redis is away the node answers from what it knows
 * itself, and where Redis has lost a record, it goes on from that.
 */
export class RedisPresenceStore implements PresenceStore {
	readonly #redis: Redis & Commands;
	readonly #options: RedisStoreOptions;
	readonly #known = new BoundedMap<string, UserRecord>(KNOWN_MAX);
	/** What Redis was last seen to hold of a user: a change begins with it, and so seldom has to read first. */
	readonly #texts = new BoundedMap<string, string>(KNOWN_MAX);
	/** What changed somebody while Redis was away, in order: it hears of it once it is back. */
	readonly #unheard = new BoundedMap<string, Edit[]>(KNOWN_MAX);
	readonly #user: (userId: string) => string;
	readonly #due: string;
	readonly #markKey: string;
	/** Of the Redis that was swept last. */
	#mark: string | null = null;
	#doubtFrom = Number.POSITIVE_INFINITY;
	/** Users whose leases' ends an emptied Redis has lost, or of whom it has not heard all. */
	#doubtful: string[] = [];
	/** Redis's clock less ours that nobody sets, as of its last answer; null before the first. */
	#skew: number | null = null;
	readonly #changes = new Batcher<Change, Changed>({
		run: changes => this.#write(changes),
		batchMax: ROUND_MAX,
		queueMax: WAITING_MAX,
		failsTogether: true,
	});
	#away = false;
	#pausedUntil = 0;
	#sweepsFrom = 0;

	constructor(redis: Redis, options: RedisStoreOptions) {
		this.#redis = withCommands(redis);
		this.#options = options;
		this.#user = userId => `${options.prefix}:presence:user:${userId}`;
		this.#due = `${options.prefix}:presence:due`;
		this.#markKey = `${options.prefix}:presence:mark`;
	}

	async update(userId: string, edit: Edit): Promise<Changed> {
		return this.#orAlone(
			() => this.#changes.add({ userId, edit }),
			now => {
				const before = this.#known.get(userId) ?? NEW_USER;
				const after = settle(edit(before, now), now);
				// Who only stays renews their lease by themselves.
				if (isTransition({ before: settle(before, now), after }))
					this.#unheard.set(userId, [...(this.#unheard.get(userId) ?? []), edit].slice(-UNHEARD_MAX));
				// Other nodes do not hear what is told now, so afterwards it is told again.
				this.#known.set(userId, { ...after, told: before.told });
				return { before, after };
			},
		);
	}

	async readMany(userIds: readonly string[]): Promise<UserRecord[]> {
		if (userIds.length === 0) return [];
		return this.#orAlone(
			async () => {
				const { now, texts } = await this.#read(userIds);
				return userIds.map((userId, i) => settle(this.#decode(userId, texts[i]), now));
			},
			now => userIds.map(userId => settle(this.#known.get(userId) ?? NEW_USER, now)),
		);
	}

	async due(max: number): Promise<string[]> {
		return this.#orAlone(
			async () => {
				const claimMax = performance.now() < this.#sweepsFrom ? 0 : max;
				const keys = [this.#due, this.#markKey] as const;
				const [mark, due] = await this.#redis.presenceClaim(...keys, claimMax, CLAIM_MS, newId(), KEPT_MS);
				this.#noteMark(mark);
				return due;
			},
			() => [],
		);
	}

	doubtful(max: number): string[] {
		return this.#away ? [] : this.#doubtful.splice(0, max);
	}

	/** Nobody is told any more that a lease has ended which an emptied Redis has forgotten: who knew of it looks again. */
	#noteMark(mark: string): void {
		const now = performance.now();
		if (this.#mark !== null && mark !== this.#mark) this.#doubtFrom = now + this.#options.leaseMs;
		this.#mark = mark;
		if (now < this.#doubtFrom) return;
		this.#doubtFrom = Number.POSITIVE_INFINITY;
		const known = [...this.#known.entries()];
		this.#doubtful = known.filter(([, { told }]) => told.status !== "offline").map(([userId]) => userId);
	}

	close(): void {
		this.#known.clear();
		this.#unheard.clear();
		this.#texts.clear();
	}

	async #write(changes: Change[]): Promise<Outcome<Changed>[]> {
		// These have waited for the round before, which failed.
		if (performance.now() < this.#pausedUntil) throw new Error("Redis is away.");
		if (this.#skew === null) await this.#read([]);
		const outcomes = changes.map((): Outcome<Changed> => ({ error: new Error(TOO_MANY) }));
		let left = [...Map.groupBy(changes.keys(), i => changes[i]?.userId ?? "")].map(
			([userId, items]): Round => {
				const unheard = this.#unheard.get(userId) ?? [];
				const edits = items.map((item, i) => {
					const { edit } = changes[item] as Change;
					// With the first one, so that what it changed is told with it.
					return { item, edit: i === 0 ? afterAll(unheard, edit) : edit };
				});
				// Of whom nothing is known there mostly is nothing; else the answer says what there is.
				return { userId, edits, text: this.#texts.get(userId) ?? "", unheard };
			},
		);
		for (let tries = 0; tries < TRIES_MAX && left.length > 0; tries++)
			left = await this.#compareAndSet(left, outcomes);
		return outcomes;
	}

	/** @returns those of whom somebody else has written meanwhile, with what there is now */
	async #compareAndSet(rounds: Round[], outcomes: Outcome<Changed>[]): Promise<Round[]> {
		const now = this.#now();
		const tried = rounds.map(({ userId, edits, text }) => {
			const before = this.#decode(userId, text);
			let after = before;
			const changed = edits.map(({ item, edit }) => {
				const from = after;
				after = settle(edit(from, now), now);
				return { item, value: { before: from, after } };
			});
			return { before, after, changed, wanted: JSON.stringify(after) };
		});
		const keys = [...rounds.map(({ userId }) => this.#user(userId)), this.#due];
		const values = tried.flatMap(({ after, wanted }, i) => {
			const { text, userId } = rounds[i] as Round;
			return [text, wanted, userId, nextEnd(after) ?? ""];
		});
		const [then, found] = await this.#redis.presenceWrite(keys.length, ...keys, KEPT_MS, ...values);
		this.#noteTime(then);
		return rounds.filter((round, i) => {
			const { before, after, changed, wanted } = tried[i] as (typeof tried)[number];
			const text = found[i] ?? null;
			this.#texts.set(round.userId, text ?? wanted);
			this.#known.set(round.userId, text === null ? after : before);
			if (text !== null) round.text = text;
			else {
				this.#noteHeard(round);
				for (const { item, value } of changed) outcomes[item] = { value };
			}
			return text !== null;
		});
	}

	/** More may have been chosen while the round was on its way. */
	#noteHeard({ userId, unheard }: Round): void {
		const left = this.#unheard.get(userId)?.filter(edit => !unheard.includes(edit)) ?? [];
		if (left.length > 0) this.#unheard.set(userId, left);
		else this.#unheard.delete(userId);
	}

	async #read(userIds: readonly string[]): Promise<{ now: number; texts: string[] }> {
		// Without a key any node of a cluster would answer, each by its own clock.
		const keys = userIds.length > 0 ? userIds.map(this.#user) : [this.#markKey];
		const [now, texts] = await this.#redis.presenceRead(keys.length, ...keys);
		this.#noteTime(now);
		return { now, texts };
	}

	#noteTime(now: number): void {
		this.#skew = now - performance.now();
	}

	/** By Redis's clock, as far as it is known. */
	#now(): number {
		return this.#skew === null ? Date.now() : Math.round(performance.now() + this.#skew);
	}

	/** An empty text is a user who never came, or a Redis that was emptied: then what we know ourselves is good. */
	#decode(userId: string, text: string | undefined): UserRecord {
		if (!text) return this.#known.get(userId) ?? NEW_USER;
		const record = JSON.parse(text) as UserRecord;
		this.#known.set(userId, record);
		return record;
	}

	#comeBack(): void {
		this.#away = false;
		this.#sweepsFrom = performance.now() + this.#options.graceMs;
		for (const [userId] of this.#unheard.entries()) this.#doubtful.push(userId);
	}

	/** Asks Redis, or where it is away this node alone. The socket that asks must not suffer from that. */
	async #orAlone<T>(together: () => Promise<T>, alone: (now: number) => T): Promise<T> {
		if (performance.now() >= this.#pausedUntil) {
			try {
				const result = await together();
				if (this.#away) this.#comeBack();
				return result;
			} catch (err) {
				if (!this.#away) this.#options.onAway(err);
				this.#away = true;
				this.#pausedUntil = performance.now() + PAUSE_MS;
			}
		}
		return alone(this.#now());
	}
}

/** The edit, after those that came before it. */
const afterAll =
	(earlier: readonly Edit[], edit: Edit): Edit =>
	(user, now) =>
		edit(
			earlier.reduce((from, one) => settle(one(from, now), now), user),
			now,
		);
