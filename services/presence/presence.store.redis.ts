import type { Redis } from "ioredis";
import { BoundedMap } from "../../lib/bounded-map.ts";
import { newId } from "../../lib/ids.ts";
import { type Changed, type Edit, NEW_USER, nextEnd, settle, type UserRecord } from "./presence.rules.ts";
import type { PresenceStore } from "./presence.store.ts";

/** Redis's own clock, in ms: that of nodes may differ. */
const NOW = `local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)`;

const READ = `${NOW}
local found = {}
for i, key in ipairs(KEYS) do found[i] = redis.call('GET', key) or '' end
return { now, found }`;

/** Writes where nobody has written since, or answers what is there now. */
const WRITE = `${NOW}
local found = redis.call('GET', KEYS[1]) or ''
if found ~= ARGV[1] then return { 0, now, found } end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
if ARGV[5] == '' then redis.call('ZREM', KEYS[2], ARGV[4]) else redis.call('ZADD', KEYS[2], ARGV[5], ARGV[4]) end
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return { 1, now, '' }`;

/** Takes what is due. It comes up again a little later, should the node that took it die. A Redis that was emptied has another mark. */
const CLAIM = `${NOW}
redis.call('SET', KEYS[2], ARGV[3], 'NX')
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[4]) end
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
for _, id in ipairs(due) do redis.call('ZADD', KEYS[1], now + ARGV[2], id) end
return { redis.call('GET', KEYS[2]), due }`;

const CLAIM_MS = 3_000;
/** What no node has asked for so long is forgotten. */
const KEPT_MS = 30 * 86_400_000;
/** Of one user: more writers than this at once are nobody's devices. */
const TRIES_MAX = 64;
/** After a failure the next calls do not wait for Redis. */
const PAUSE_MS = 1_000;
const KNOWN_MAX = 50_000;

export interface RedisStoreOptions {
	namespace: string;
	/** So long after an outage nobody is swept: leases could not be renewed meanwhile. */
	graceMs: number;
	/** So long after Redis was emptied, whoever is still here has renewed their lease. */
	leaseMs: number;
	/** Told once for each outage. */
	onAway(err: unknown): void;
}

interface Commands {
	presenceRead(count: number, ...keys: string[]): Promise<[now: number, texts: string[]]>;
	presenceWrite(
		user: string,
		due: string,
		before: string,
		after: string,
		keptMs: number,
		userId: string,
		dueAt: number | "",
	): Promise<[done: 0 | 1, now: number, found: string]>;
	presenceClaim(
		due: string,
		mark: string,
		max: number,
		claimMs: number,
		newMark: string,
		keptMs: number,
	): Promise<[mark: string, userIds: string[]]>;
}

/**
 * All nodes' presence. A record is a JSON value that is compared and set, so the rules are the same as in memory. Where
 * Redis is away the node answers from what it knows itself, and where Redis has lost a record, it goes on from that.
 */
export class RedisPresenceStore implements PresenceStore {
	readonly #redis: Redis & Commands;
	readonly #options: RedisStoreOptions;
	readonly #known = new BoundedMap<string, UserRecord>(KNOWN_MAX);
	/** What Redis was last seen to hold of a user: a change begins with it, and so seldom has to read first. */
	readonly #texts = new BoundedMap<string, string>(KNOWN_MAX);
	readonly #user: (userId: string) => string;
	readonly #due: string;
	readonly #markKey: string;
	/** Of the Redis that was swept last. */
	#mark: string | null = null;
	#doubtFrom = Number.POSITIVE_INFINITY;
	/** Users whose leases' ends an emptied Redis has lost. */
	#doubtful: string[] = [];
	/** Redis's clock less ours that nobody sets, as of its last answer; null before the first. */
	#skew: number | null = null;
	#away = false;
	#pausedUntil = 0;
	#sweepsFrom = 0;

	constructor(redis: Redis, options: RedisStoreOptions) {
		redis.defineCommand("presenceRead", { lua: READ });
		redis.defineCommand("presenceWrite", { lua: WRITE, numberOfKeys: 2 });
		redis.defineCommand("presenceClaim", { lua: CLAIM, numberOfKeys: 2 });
		this.#redis = redis as Redis & Commands;
		this.#options = options;
		this.#user = userId => `${options.namespace}:presence:user:${userId}`;
		this.#due = `${options.namespace}:presence:due`;
		this.#markKey = `${options.namespace}:presence:mark`;
	}

	async update(userId: string, edit: Edit): Promise<Changed> {
		return this.#orAlone(
			() => this.#compareAndSet(userId, edit),
			now => {
				const before = this.#known.get(userId) ?? NEW_USER;
				const after = settle(edit(before, now), now);
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
				const claimMax = Date.now() < this.#sweepsFrom ? 0 : max;
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
		const now = Date.now();
		if (this.#mark !== null && mark !== this.#mark) this.#doubtFrom = now + this.#options.leaseMs;
		this.#mark = mark;
		if (now < this.#doubtFrom) return;
		this.#doubtFrom = Number.POSITIVE_INFINITY;
		const known = [...this.#known.entries()];
		this.#doubtful = known.filter(([, { told }]) => told.status !== "offline").map(([userId]) => userId);
	}

	close(): void {
		this.#known.clear();
		this.#texts.clear();
	}

	async #compareAndSet(userId: string, edit: Edit): Promise<Changed> {
		if (this.#skew === null) await this.#read([userId]);
		// Of whom nothing is known there mostly is nothing; else the answer says what there is.
		let text = this.#texts.get(userId) ?? "";
		for (let tries = 0; tries < TRIES_MAX; tries++) {
			const now = this.#now();
			const before = this.#decode(userId, text);
			const after = settle(edit(before, now), now);
			const wanted = JSON.stringify(after);
			const [done, then, found] = await this.#redis.presenceWrite(
				this.#user(userId),
				this.#due,
				text,
				wanted,
				KEPT_MS,
				userId,
				nextEnd(after) ?? "",
			);
			this.#noteTime(then);
			text = done ? wanted : found;
			this.#texts.set(userId, text);
			this.#known.set(userId, done ? after : before);
			if (done) return { before, after };
		}
		throw new Error("Too many wrote one user's presence at once.");
	}

	async #read(userIds: readonly string[]): Promise<{ now: number; texts: string[] }> {
		const [now, texts] = await this.#redis.presenceRead(userIds.length, ...userIds.map(this.#user));
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

	/** Asks Redis, or where it is away this node alone. The socket that asks must not suffer from that. */
	async #orAlone<T>(together: () => Promise<T>, alone: (now: number) => T): Promise<T> {
		if (Date.now() >= this.#pausedUntil) {
			try {
				const result = await together();
				if (this.#away) this.#sweepsFrom = Date.now() + this.#options.graceMs;
				this.#away = false;
				return result;
			} catch (err) {
				if (!this.#away) this.#options.onAway(err);
				this.#away = true;
				this.#pausedUntil = Date.now() + PAUSE_MS;
			}
		}
		return alone(this.#now());
	}
}
