import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { config } from "../../lib/config.ts";
import type { Schema } from "../../lib/moleculer.ts";
import { type DatabaseVars, withDatabase } from "../../mixins/database.ts";
import { type RedisVars, withRedis } from "../../mixins/redis.ts";
import { Proxies } from "./client-address.ts";
import { apiPages, docsPages } from "./docs/pages.ts";
import { Health, healthPages } from "./health.ts";
import { HttpServer } from "./http-server.ts";
import { Limits } from "./limits.ts";
import { exposeLoad } from "./metrics.ts";
import { Origins } from "./origins.ts";
import { type RestVars, restDoor } from "./rest/index.ts";
import { closedSocketIO, SocketDoor, type SocketVars, socketEvents } from "./sockets/index.ts";
import { demoPages } from "./web/demo.ts";
import { WebClient } from "./web/index.ts";

interface Settings {
	server: false;
}

// biome-ignore lint/complexity/noBannedTypes: the doors bring the methods
type Methods = {};

interface Vars extends RestVars, SocketVars, DatabaseVars, RedisVars {
	http: HttpServer;
	/** Both doors listen on it. */
	server: HttpServer["server"];
	origins: Origins;
	health: Health;
	stopMetrics?: () => void;
	httpHandler: ConstructorParameters<typeof HttpServer>[1];
}

const WEB_FOLDER = path.join(import.meta.dirname, "../../web/dist");

/** Of the time that a stop may take, what running requests get. */
const FINISH_SHARE = 0.4;

/** The only service with a port: whatever reaches the others from outside came through one of its two doors. */
export default {
	name: "gateway",
	mixins: [
		withDatabase(),
		withRedis(),
		restDoor({ ...docsPages, ...healthPages, ...(config.demo && demoPages) }, apiPages),
		closedSocketIO(),
	],

	events: socketEvents,

	created() {
		this.proxies = new Proxies(config.trustedProxies);
		this.origins = new Origins(config.corsOrigins, this.proxies);
		const web = config.web ? new WebClient(WEB_FOLDER) : null;
		this.http = new HttpServer(this.origins, (req, res) => {
			if (web) web.serve(req, res, () => this.httpHandler(req, res));
			else this.httpHandler(req, res);
		});
		this.server = this.http.server;
	},

	async started() {
		this.limits = new Limits(config, this.redis);
		this.health = new Health({
			broker: this.broker,
			db: this.db,
			redis: this.redis,
			withKafka: config.kafkaBrokers.length > 0,
			draining: () => this.http.draining,
		});
		this.sockets = new SocketDoor({
			broker: this.broker,
			logger: this.logger,
			limits: this.limits,
			origins: this.origins,
			addressOf: ({ request }) => this.proxies.addressOf(request),
			connectionsMax: config.connectionsMax,
			presenceTtlS: config.presenceTtlS,
			fanOut: config.fanOut,
		});
		this.sockets.attach(this.io);
		this.sockets.start();
		this.stopMetrics = exposeLoad(this.broker, () => this.sockets.load);
		await this.http.listen(config.port, config.host);
	},

	async stopped() {
		this.http.drain();
		// Until balancers have noticed, it serves as before.
		if (this.server.listening) await sleep(config.drainDelayS * 1_000);
		this.http.close();
		await this.sockets?.drain();
		await this.sockets?.stop();
		this.stopMetrics?.();
		await this.http.finish(config.shutdownTimeoutS * 1_000 * FINISH_SHARE);
	},
} satisfies Schema<Settings, Methods, Vars>;
