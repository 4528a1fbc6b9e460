import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { BrokerOptions, ServiceBroker, Transporters } from "moleculer";
import { config } from "./lib/config.ts";
import { Discoverer } from "./lib/discoverer.ts";
import { codeOf } from "./lib/errors.ts";
import { pinoLogger } from "./lib/logger.ts";
import { type RedisLink, redisLink } from "./lib/redis-client.ts";
import { RedisTransporter } from "./lib/redis-transporter.ts";
import { ServiceValidator } from "./lib/validator.ts";

/** A call that takes longer has failed for its caller; whether it happened is unknown to them. */
const REQUEST_TIMEOUT_MS = 10_000;
/** Deeper than any chain of calls here: what gets there is a loop. */
const CALL_LEVEL_MAX = 20;
/** Other nodes learn of a stop before the services end. */
const STOP_DELAY_MS = 100;
/** Of the time that a stop may take, what running calls get: once those of the gateway, then those of the rest. */
const TRACKING_SHARE = 0.3;

/** The options of a node's broker; tests pass what they want otherwise. */
export function brokerOptions(overrides: BrokerOptions = {}): BrokerOptions {
	const redis = redisLink(config);
	return {
		namespace: config.namespace,
		nodeID: `${hostname()}-${process.pid}-${randomBytes(3).toString("hex")}`,
		logger: pinoLogger(config),
		transporter: redis && redisTransporter(redis),
		serializer: "JSON",
		heartbeatInterval: 2,
		heartbeatTimeout: 5,
		requestTimeout: REQUEST_TIMEOUT_MS,
		maxCallLevel: CALL_LEVEL_MAX,
		registry: {
			strategy: "RoundRobin",
			preferLocal: true,
			stopDelay: redis ? STOP_DELAY_MS : 0,
			discoverer: new Discoverer(),
		},
		// Retries and breakers would repeat writes and hide which part is down: the client repeats, with its key.
		retryPolicy: { enabled: false },
		circuitBreaker: { enabled: false },
		tracking: { enabled: true, shutdownTimeout: config.shutdownTimeoutS * 1_000 * TRACKING_SHARE },
		validator: new ServiceValidator(),
		metrics: metrics(),
		errorHandler: reportError,
		// scripts/start.ts stops the gateway first and the database last; the broker's own handlers know neither.
		skipProcessEventRegistration: true,
		...overrides,
	};
}

function redisTransporter(link: RedisLink) {
	// Transporters.resolve takes an instance, whatever its declared base.
	return new RedisTransporter(link) as unknown as InstanceType<typeof Transporters.Base>;
}

/** Labels are services, actions, events and error codes, so their number is bounded; sockets and rooms are not. */
function metrics(): BrokerOptions["metrics"] {
	if (config.metricsPort === null) return { enabled: false };
	const options = {
		host: config.host,
		port: config.metricsPort,
		excludes: ["moleculer.io.**"],
		// The instance is a label of Prometheus's own; a node's name is another with each start.
		defaultLabels: { namespace: config.namespace },
	};
	// Upstream takes a list of { type, options } and declares something else.
	return {
		enabled: true,
		reporter: [{ type: "Prometheus", options }],
	} as unknown as BrokerOptions["metrics"];
}

/** Told already: an error passes each action that called the one that failed. */
const told = new WeakSet<Error>();

/**
 * One line for each failure: with its stack where nobody foresaw it, a warning where the catalogue knows it and the
 * server is at fault (UNAVAILABLE). What the client is at fault for is the client's affair.
 */
const reportError: NonNullable<BrokerOptions["errorHandler"]> = function reportError(
	this: ServiceBroker,
	err,
	info,
) {
	const { ctx, service } = info as {
		ctx?: { requestID?: string; nodeID?: string };
		service?: { fullName: string };
	};
	const { action, event } = info as { action?: { name: string }; event?: { name: string } };
	const { code } = err as { code?: unknown };
	const isClients = typeof code === "number" && code < 500;
	const known = codeOf(err);
	const foreseen = known !== null && known !== "INTERNAL";
	const where = {
		requestID: ctx?.requestID,
		service: service?.fullName,
		action: action?.name,
		event: event?.name,
	};
	if (event) {
		// Nobody waits for an event's handler, so this is where its error ends.
		if (foreseen)
			this.logger.warn(`The event ${event.name} failed in ${service?.fullName}: ${known}.`, where);
		else this.logger.error(`The event ${event.name} failed in ${service?.fullName}.`, where, err);
		return;
	}
	if (!isClients && ctx?.nodeID === this.nodeID && !told.has(err)) {
		told.add(err);
		const name = action?.name ?? "The broker";
		if (foreseen) this.logger.warn(`${name} failed: ${known}.`, where);
		else this.logger.error(`${name} failed.`, where, err);
	}
	throw err;
};

export default brokerOptions();
