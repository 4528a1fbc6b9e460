import type { Context, ServiceBroker } from "moleculer";
import type { Events } from "../../contracts/events.ts";
import * as kafka from "../../contracts/kafka.ts";
import { config } from "../../lib/config.ts";
import type { Reply, Schema } from "../../lib/moleculer.ts";
import { type DatabaseVars, withDatabase } from "../../mixins/database.ts";
import { type Bridge, type BridgeSettings, openBridge } from "./bridge.ts";

type Settings = BridgeSettings;
type Methods = Record<never, never>;

interface Vars extends DatabaseVars {
	broker: ServiceBroker;
	bridge: Bridge;
}

/** Brings every committed change to Kafka, at least once and in order within its chat, and to the consumers that ship. */
export default {
	name: "kafka-bridge",
	mixins: [withDatabase()],
	settings: {
		leaseMs: 10_000,
		renewEveryMs: 2_500,
		pollEveryMs: 1_000,
		lingerMs: 40,
		batchBytesMax: 768 * 1024,
		triesMax: 3,
		triesPauseMs: 100,
		sendTimeoutMs: 10_000,
		sessionTimeoutMs: 10_000,
		fetchWaitMs: 500,
		watchEveryMs: 5_000,
		sweepEveryMs: 60_000,
		stopTimeoutMs: 4_500,
	},

	actions: {
		status: {
			...kafka.status,
			async handler(): Reply<typeof kafka.status> {
				return this.bridge.status();
			},
		},
	},

	events: {
		"log.batch"(ctx: Context<Events["log.batch"]>) {
			this.bridge?.written(ctx.params);
		},
		"presence.changed"(ctx: Context<Events["presence.changed"]>) {
			this.bridge?.presence(ctx.params.users);
		},
		"typing.moved"(ctx: Context<Events["typing.moved"]>) {
			this.bridge?.typing(ctx.params);
		},
	},

	started() {
		this.bridge = openBridge({
			db: this.db,
			broker: this.broker,
			logger: this.logger,
			config,
			settings: this.settings,
		});
		this.bridge.start();
	},

	async stopped() {
		await this.bridge?.stop();
	},
} satisfies Schema<Settings, Methods, Vars>;
