import type { Redis } from "ioredis";
import { BoundedMap } from "../../lib/bounded-map.ts";
import { type Changed, type Edit, NEW_USER, nextEnd, settle, type UserRecord } from "./presence.rules.ts";
import type { PresenceStore } from "./presence.store.ts";

/** Redis's own clock, in ms: that of nodes may differ. */
const NOW = `local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)`;

const READ = `${NOW}
local found = {}
for i, key in ipairs(KEYS) do found[i] = redis.call('GET', key) or '' end
return { now, found }`;

/** Writes where nobody has written since the reading. */
const WRITE = `if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
if ARGV[5] == '' then redis.call('ZREM', KEYS[2], ARGV[4]) else redis.call('ZADD', KEYS[2], ARGV[5], ARGV[4]) end
return 1`;

/** Takes what is due. It comes up again a little later, should the node that took it die. */
const CLAIM = `${NOW}
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])
for _, id in ipairs(due) do redis.call('ZADD', KEYS[1], now + ARGV[2], id) end
return due`;

const CLAIM_MS = 3_000;
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
	): Promise<0 | 1>;
	presenceClaim(due: string, max: number, claimMs: number): Promise<string[]>;
}

/**
 * All nodes' presence. A record is a JSON value that is compared and set, so the rules are the same as in memory. Where
 * Redis is away the node answers from what it knows itself, and where Redis has lost a record, it goes on from that.
 */
export class RedisPresenceStore implements PresenceStore {
	readonly #redis: Redis & Commands;
	readonly #options: RedisStoreOptions;
	readonly #known = new BoundedMap<string, UserRecord>(KNOWN_MAX);
	readonly #user: (userId: string) => string;
	readonly #due: string;
	/** Redis's clock less ours, for while it is away. */
	#skew = 0;
	#away = false;
	#pausedUntil = 0;
	#sweepsFrom = 0;

	constructor(redis: Redis, options: RedisStoreOptions) {
		redis.defineCommand("presenceRead", { lua: READ });
		redis.defineCommand("presenceWrite", { lua: WRITE, numberOfKeys: 2 });
		redis.defineCommand("presenceClaim", { lua: CLAIM, numberOfKeys: 1 });
		this.#redis = redis as Redis & Commands;
		this.#options = options;
		this.#user = userId => `${options.namespace}:presence:user:${userId}`;
		this.#due = `${options.namespace}:presence:due`;
	}

	async update(userId: string, edit: Edit): Promise<Changed> {
		return this.#orAlone(
			() => this.#compareAndSet(userId, edit),
			now => {
				const before = this.#known.get(userId) ?? NEW_USER;
				const after = settle(edit(before, now), now);
				this.#known.set(userId, after);
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
				if (Date.now() < this.#sweepsFrom) return [];
				return this.#redis.presenceClaim(this.#due, max, CLAIM_MS);
			},
			() => [],
		);
	}

	close(): void {
		this.#known.clear();
	}

	async #compareAndSet(userId: string, edit: Edit): Promise<Changed> {
		for (let tries = 0; tries < TRIES_MAX; tries++) {
			const { now, texts } = await this.#read([userId]);
			const before = this.#decode(userId, texts[0]);
			const after = settle(edit(before, now), now);
			const done = await this.#redis.presenceWrite(
				this.#user(userId),
				this.#due,
				texts[0] ?? "",
				JSON.stringify(after),
				KEPT_MS,
				userId,
				nextEnd(after) ?? "",
			);
			this.#known.set(userId, done ? after : before);
			if (done) return { before, after };
		}
		throw new Error("Too many wrote one user's presence at once.");
	}

	async #read(userIds: readonly string[]): Promise<{ now: number; texts: string[] }> {
		const [now, texts] = await this.#redis.presenceRead(userIds.length, ...userIds.map(this.#user));
		this.#skew = now - Date.now();
		return { now, texts };
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
		return alone(Date.now() + this.#skew);
	}
}
