import { resolve } from "node:path";
import { ConfigError, readVariables, type Values } from "./env.ts";
import type { ForeignIssuer } from "./issuers.ts";
import {
	isLoopback,
	type KafkaSecurity,
	kafkaSecurity,
	linkProblems,
	linkWarnings,
	trusting,
} from "./links.ts";
import { keptSecret } from "./secret.ts";
import { type LOG_LEVELS, PREFIX, VARIABLES } from "./variables.ts";

export { ConfigError } from "./env.ts";
export type { ForeignIssuer } from "./issuers.ts";

/** What a node was told by its environment. What each value means to an operator stands in `variables.ts`. */
export interface Config {
	env: "development" | "test" | "production";
	/** Folder names of the services that this node runs; null is all of them. */
	services: string[] | null;
	/** Name of the installation: schema, Redis prefix, bus namespace, topic prefix. Matches `[a-z][a-z0-9_]{0,30}`. */
	namespace: string;

	host: string;
	/** 0 is any free port. */
	port: number;
	/** Origins whose pages may call the API; empty is none. */
	corsOrigins: string[];
	/** Addresses and CIDR networks whose X-Forwarded-For is believed; empty is none. */
	trustedProxies: string[];
	/** Sockets of this node. */
	connectionsMax: number;
	rateLimits: boolean;
	/** Whether the web client is served at `/`. */
	web: boolean;
	/** Whether there are people whose password everybody knows. */
	demo: boolean;

	/** Absolute. */
	dataDir: string;
	/** With what TLS asks for; null is the embedded PostgreSQL. */
	databaseUrl: string | null;
	/** The same PostgreSQL past a pooler; null is `databaseUrl`. */
	databaseDirectUrl: string | null;
	/** A PostgreSQL that follows it; null is none. */
	databaseReplicaUrl: string | null;
	databasePoolMax: number;
	allowUnsafeDb: boolean;
	/** null is one node, with the memory forms. */
	redisUrl: string | null;
	/** PEM file of the authorities that sign its certificate, absolute; null is those that Node knows. */
	redisCaFile: string | null;
	/** Empty is no Kafka: the consumers get their events inside the process. */
	kafkaBrokers: string[];
	kafkaSecurity: KafkaSecurity;
	kafkaPartitions: number;
	kafkaReplication: number;
	/** Whether this node runs the consumers that ship; without Kafka each does. */
	consumers: boolean;

	/** Key of our own tokens, HS256, at least 32 bytes. */
	jwtSecret: string;
	/** `iss` of our own tokens: an installation takes no token of another, though they share a secret. */
	jwtIssuer: string;
	jwtIssuers: ForeignIssuer[];
	accessTokenTtlS: number;
	refreshTokenTtlS: number;
	/** Usernames that may ask for the figures of the whole installation. */
	adminUsers: string[];

	/** Members of a chat up to which each capability is on; 0 is never. `receipts` is also for typing and status. */
	capabilities: { receipts: number; presence: number; notifyAll: number };
	/** A connection counts as gone so long after its last sign of life. */
	presenceTtlS: number;
	/** Sends that one transaction commits at most; 1 is a transaction for each. */
	commitBatchMax: number;
	/** `turn`: what a turn of the event loop brings for a socket goes out in one write; `each`: one write an event. */
	fanOut: "turn" | "each";
	sendHomes: boolean;

	logLevel: (typeof LOG_LEVELS)[number];
	/** Lines for people instead of JSON. */
	logPretty: boolean;
	/** null is no metrics. */
	metricsPort: number | null;
	/** A node that is told to stop first says so, and serves for so long. */
	drainDelayS: number;
	/** The process ends so long after a signal and `drainDelayS`, come what may. */
	shutdownTimeoutS: number;
	/** What the start tells the operator though it goes on. */
	warnings: string[];
}

/** Reads and checks everything, or throws a ConfigError with all that is wrong. `makeSecret` is asked only where none was given. */
export function loadConfig(env: NodeJS.ProcessEnv, makeSecret = keptSecret): Config {
	const { values, problems } = readVariables(VARIABLES, PREFIX, env);
	problems.push(...contradictions(values, env));
	if (problems.length > 0) throw new ConfigError(problems);

	const production = values.NODE_ENV === "production";
	const dataDir = resolve(values.CHAT_DATA_DIR);
	const host = values.CHAT_HOST ?? (production ? "0.0.0.0" : "127.0.0.1");
	return {
		env: values.NODE_ENV,
		services: values.SERVICES,
		namespace: values.CHAT_NAMESPACE,
		host,
		port: values.CHAT_PORT,
		corsOrigins: values.CHAT_CORS_ORIGINS ?? [],
		trustedProxies: values.CHAT_TRUSTED_PROXIES ?? [],
		connectionsMax: values.CHAT_MAX_CONNECTIONS,
		rateLimits: values.CHAT_RATE_LIMITS,
		web: values.CHAT_WEB,
		demo:
			values.CHAT_DEMO ??
			(values.NODE_ENV === "development" && values.CHAT_DATABASE_URL === null && isLoopback(host)),
		dataDir,
		databaseUrl: trusting(values.CHAT_DATABASE_URL, values.CHAT_DATABASE_CA_FILE),
		databaseDirectUrl: trusting(values.CHAT_DATABASE_DIRECT_URL, values.CHAT_DATABASE_CA_FILE),
		databaseReplicaUrl: trusting(values.CHAT_DATABASE_REPLICA_URL, values.CHAT_DATABASE_CA_FILE),
		databasePoolMax: values.CHAT_DATABASE_URL === null ? 1 : values.CHAT_DATABASE_POOL,
		allowUnsafeDb: values.CHAT_ALLOW_UNSAFE_DB,
		redisUrl: values.CHAT_REDIS_URL,
		redisCaFile: values.CHAT_REDIS_CA_FILE,
		kafkaBrokers: values.CHAT_KAFKA_BROKERS ?? [],
		kafkaSecurity: kafkaSecurity(values),
		kafkaPartitions: values.CHAT_KAFKA_PARTITIONS,
		kafkaReplication: values.CHAT_KAFKA_REPLICATION,
		consumers: values.CHAT_CONSUMERS,
		jwtSecret: values.CHAT_JWT_SECRET ?? kept(makeSecret, dataDir),
		jwtIssuer: ownIssuer(values.CHAT_NAMESPACE),
		jwtIssuers: values.CHAT_JWT_ISSUERS,
		accessTokenTtlS: values.CHAT_ACCESS_TOKEN_TTL,
		refreshTokenTtlS: values.CHAT_REFRESH_TOKEN_TTL,
		adminUsers: values.CHAT_ADMIN_USERS ?? [],
		capabilities: {
			receipts: values.CHAT_CAPABILITY_RECEIPTS,
			presence: values.CHAT_CAPABILITY_PRESENCE,
			notifyAll: values.CHAT_CAPABILITY_NOTIFY_ALL,
		},
		presenceTtlS: values.CHAT_PRESENCE_TTL,
		commitBatchMax: values.CHAT_COMMIT_BATCH,
		fanOut: values.CHAT_FANOUT,
		sendHomes: values.CHAT_SEND_HOMES,
		logLevel: values.CHAT_LOG_LEVEL,
		logPretty: values.CHAT_LOG_PRETTY ?? values.NODE_ENV === "development",
		metricsPort: values.CHAT_METRICS_PORT,
		drainDelayS: values.CHAT_DRAIN_DELAY,
		shutdownTimeoutS: values.CHAT_SHUTDOWN_TIMEOUT,
		warnings: warnings(values),
	};
}

function kept(makeSecret: typeof keptSecret, dataDir: string) {
	try {
		return makeSecret(dataDir);
	} catch (err) {
		throw new ConfigError([`CHAT_DATA_DIR="${dataDir}" cannot be used: ${(err as Error).message}.`]);
	}
}

type Read = Values<typeof VARIABLES>;

/** What no variable shows by itself. A value that did not parse is null here, and has been complained of. */
function contradictions(values: Read, env: NodeJS.ProcessEnv) {
	const problems = linkProblems(values, env);
	if (values.NODE_ENV === "production" && !env.CHAT_JWT_SECRET) {
		problems.push(
			"CHAT_JWT_SECRET is missing; production needs one of at least 32 bytes, the same on all nodes.",
		);
	}
	if (values.NODE_ENV === "production" && values.CHAT_DEMO) {
		problems.push("CHAT_DEMO is on; production is no place for people whose password everybody knows.");
	}
	if (values.CHAT_METRICS_PORT && values.CHAT_METRICS_PORT === values.CHAT_PORT) {
		problems.push(`CHAT_METRICS_PORT is ${values.CHAT_PORT}, and so is CHAT_PORT; each needs its own.`);
	}
	if (values.CHAT_REFRESH_TOKEN_TTL < values.CHAT_ACCESS_TOKEN_TTL) {
		problems.push(
			"CHAT_REFRESH_TOKEN_TTL is shorter than CHAT_ACCESS_TOKEN_TTL; a session must outlive its tokens.",
		);
	}
	if (values.CHAT_JWT_ISSUERS?.some(({ issuer }) => issuer === ownIssuer(values.CHAT_NAMESPACE))) {
		problems.push("CHAT_JWT_ISSUERS names this server's own issuer; a foreign one needs another name.");
	}
	return problems;
}

function warnings(values: Read) {
	const lines = linkWarnings(values);
	if (values.NODE_ENV === "production" && values.CHAT_DATABASE_URL === null) {
		lines.push(
			"CHAT_DATABASE_URL is not set: the embedded PostgreSQL is for trying out, and a power cut may lose the last messages.",
		);
	}
	if (values.CHAT_REDIS_URL !== null && values.CHAT_JWT_SECRET === null) {
		lines.push(
			"CHAT_JWT_SECRET is not set: nodes with another CHAT_DATA_DIR will refuse this node's tokens.",
		);
	}
	if (values.NODE_ENV === "production" && !values.CHAT_RATE_LIMITS) {
		lines.push("CHAT_RATE_LIMITS is off.");
	}
	return lines;
}

function ownIssuer(namespace: string) {
	return `parley:${namespace}`;
}

/** Adds what `.env` says to the environment, which wins where both name a variable. */
function readEnvFile() {
	try {
		process.loadEnvFile();
	} catch (err) {
		if ((err as NodeJS.ErrnoException).code !== "ENOENT") {
			throw new ConfigError([`.env cannot be read: ${(err as Error).message}.`]);
		}
	}
}

if ((process.env.NODE_ENV || "development") === "development") readEnvFile();

export const config: Config = loadConfig(process.env);
