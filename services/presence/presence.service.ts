import * as chats from "../../contracts/chats.ts";
import { LIMITS } from "../../contracts/limits.ts";
import * as presence from "../../contracts/presence.ts";
import { config } from "../../lib/config.ts";
import { announce, type Ctx, call, type Reply, type Schema, type Via } from "../../lib/moleculer.ts";
import { sharedPrefix } from "../../lib/redis-client.ts";
import { type DatabaseVars, withDatabase } from "../../mixins/database.ts";
import { type RedisVars, withRedis } from "../../mixins/redis.ts";
import { Announcer } from "./announcer.ts";
import { peopleAround } from "./audience.store.ts";
import {
	type Edit,
	hasLease,
	isTransition,
	present,
	unknown,
	withChoice,
	withLease,
	withoutLease,
} from "./presence.rules.ts";
import { memoryStore } from "./presence.store.memory.ts";
import { RedisPresenceStore } from "./presence.store.redis.ts";
import type { PresenceStore } from "./presence.store.ts";

interface Settings {
	sweepEveryMs: number;
	sweepUsersMax: number;
}

interface Methods {
	change(userId: string, edit: Edit): Promise<presence.Presence>;
	read(userIds: readonly string[]): Promise<presence.Presence[]>;
	seenBy(via: Via, askerId: string, userIds: readonly string[]): Promise<presence.Presence[]>;
	onlineAround(askerId: string): Promise<presence.Presence[]>;
	sweep(): Promise<void>;
}

interface Vars extends DatabaseVars, RedisVars {
	store: PresenceStore;
	announcer: Announcer;
	sweeper: NodeJS.Timeout;
	sweeping: boolean;
}

/** Clients send a heartbeat this often, so after an outage all leases are renewed within it. */
const HEARTBEAT_MS = 20_000;
const READ_MAX = 1_000;

const ttlMs = config.presenceTtlS * 1_000;
const isOnline = ({ status }: presence.Presence) => status !== "offline";

/** Who is here: a user is, while at least one of their connections holds a lease. */
export default {
	name: "presence",
	mixins: [withDatabase(), withRedis()],
	settings: { sweepEveryMs: 1_000, sweepUsersMax: 500 },

	actions: {
		set: {
			...presence.set,
			async handler(ctx: Ctx<typeof presence.set>): Reply<typeof presence.set> {
				const { status, text } = ctx.params;
				const { user, socketId, sessionId } = ctx.meta;
				if (socketId)
					return this.change(user.id, withLease(socketId, { ttlMs, idle: false, chosen: status, text }));
				const forAll = withChoice(status, text);
				// Without a connection the choice itself says that the user is here, until one comes or for a lease's time.
				const here = withLease(restLease(sessionId), { ttlMs, passing: true });
				return this.change(user.id, (record, now) =>
					forAll(hasLease(record, now) ? record : here(record, now), now),
				);
			},
		},

		heartbeat: {
			...presence.heartbeat,
			async handler(ctx: Ctx<typeof presence.heartbeat>): Reply<typeof presence.heartbeat> {
				const { user, sessionId } = ctx.meta;
				return this.change(
					user.id,
					withLease(restLease(sessionId), { ttlMs, idle: ctx.params.idle ?? false }),
				);
			},
		},

		get: {
			...presence.get,
			async handler(ctx: Ctx<typeof presence.get>): Reply<typeof presence.get> {
				const [seen] = await this.seenBy(ctx, ctx.meta.user.id, [ctx.params.userId]);
				return seen ?? unknown(ctx.params.userId);
			},
		},

		batch: {
			...presence.batch,
			async handler(ctx: Ctx<typeof presence.batch>): Reply<typeof presence.batch> {
				return { items: await this.seenBy(ctx, ctx.meta.user.id, ctx.params.userIds) };
			},
		},

		online: {
			...presence.online,
			async handler(ctx: Ctx<typeof presence.online>): Reply<typeof presence.online> {
				const { userIds } = ctx.params;
				if (!userIds) return { items: await this.onlineAround(ctx.meta.user.id) };
				return { items: (await this.seenBy(ctx, ctx.meta.user.id, userIds)).filter(isOnline) };
			},
		},

		leases: {
			...presence.leases,
			async handler(ctx: Ctx<typeof presence.leases>): Reply<typeof presence.leases> {
				return Promise.all(
					ctx.params.leases.map(({ userId, connectionId, idle, ended }) =>
						this.change(
							userId,
							ended ? withoutLease(connectionId) : withLease(connectionId, { ttlMs, idle: idle ?? false }),
						),
					),
				);
			},
		},

		of: {
			...presence.of,
			async handler(ctx: Ctx<typeof presence.of>): Reply<typeof presence.of> {
				return this.read(ctx.params.userIds);
			},
		},
	},

	methods: {
		/** The only writer. It announces transitions, never heartbeats: fan-out follows change, not load. */
		async change(userId, edit) {
			const changed = await this.store.update(userId, edit);
			const view = present(userId, changed.after);
			if (isTransition(changed)) this.announcer.add(view);
			return view;
		},

		async read(userIds) {
			const records = await this.store.readMany(userIds);
			return records.map((record, i) => present(userIds[i] ?? "", record));
		},

		/** Each user once, as the asker may see them. */
		async seenBy(via, askerId, userIds) {
			const asked = [...new Set(userIds)];
			const others = asked.filter(userId => userId !== askerId);
			const sharing =
				others.length > 0 ? await call(via, chats.sharing, { userId: askerId, userIds: others }) : [];
			const known = await this.read([askerId, ...sharing]);
			const byId = new Map(known.map(view => [view.userId, view]));
			return asked.map(userId => byId.get(userId) ?? unknown(userId));
		},

		async onlineAround(askerId) {
			const people = await peopleAround(this.db, askerId, config.capabilities.presence);
			const online: presence.Presence[] = [];
			for (let i = 0; i < people.length && online.length < LIMITS.presenceUserIdsMax; i += READ_MAX)
				online.push(...(await this.read(people.slice(i, i + READ_MAX))).filter(isOnline));
			return online.slice(0, LIMITS.presenceUserIdsMax);
		},

		/** Nobody tells us that a laptop lost power, so ended leases are looked for. */
		async sweep() {
			if (this.sweeping) return;
			this.sweeping = true;
			try {
				const ended = await this.store.due(this.settings.sweepUsersMax);
				await Promise.all(ended.map(userId => this.change(userId, user => user)));
				const doubtful = this.store.doubtful(this.settings.sweepUsersMax);
				const views = await Promise.all(doubtful.map(userId => this.change(userId, user => user)));
				for (const view of views) this.announcer.add(view);
			} finally {
				this.sweeping = false;
			}
		},
	},

	async started() {
		this.sweeping = false;
		this.announcer = new Announcer(users => {
			announce(this.broker, "presence.changed", { users }).catch(err =>
				this.logger.warn("presence.changed was not sent.", err),
			);
		});
		this.store = this.redis
			? new RedisPresenceStore(this.redis, {
					prefix: sharedPrefix(this.redis, config.namespace),
					graceMs: Math.min(HEARTBEAT_MS, ttlMs),
					leaseMs: ttlMs,
					onAway: err => this.logger.warn("Presence is what this node knows by itself: Redis is away.", err),
				})
			: memoryStore();
		const sweep = () => this.sweep().catch(err => this.logger.error("The presence sweep failed.", err));
		this.sweeper = setInterval(sweep, this.settings.sweepEveryMs);
	},

	async stopped() {
		clearInterval(this.sweeper);
		this.announcer?.flush();
		this.store?.close();
	},
} satisfies Schema<Settings, Methods, Vars>;

const restLease = (sessionId: string | null | undefined) => `rest:${sessionId ?? "foreign"}`;
