import {
	certificates,
	hostAndPort,
	integer,
	list,
	matching,
	network,
	oneOf,
	onOff,
	origin,
	url,
	type Variable,
} from "./env.ts";
import { issuers } from "./issuers.ts";
import { redisAddress } from "./redis-address.ts";

export const PREFIX = "CHAT_";

export const LOG_LEVELS = ["fatal", "error", "warn", "info", "debug", "trace"] as const;

const DAY_S = 86_400;

/**
 * Every environment variable that a node reads. `.env.example` and the configuration page are made from
 * this table, and tests fail while they differ from it.
 */
export const VARIABLES = {
	NODE_ENV: {
		fallback: "development",
		parse: oneOf("development", "test", "production"),
		doc: "production demands a secret and listens on all addresses; .env is read in development only.",
	},
	SERVICES: {
		fallback: null,
		parse: list(matching(/^[a-z][a-z0-9-]*$/, "the name of a folder in services/")),
		doc: "The services of this node, comma separated, as folders of services/ are named. All of them if unset.",
	},

	CHAT_PORT: {
		fallback: "3000",
		parse: integer(0, 65_535),
		doc: "TCP port of HTTP and Socket.IO. 0 takes any free port, and the start says which.",
	},
	CHAT_HOST: {
		fallback: null,
		parse: matching(/^[0-9A-Za-z.:_-]+$/, "a host name or an IP address"),
		doc: "Address to listen on. 127.0.0.1 if unset, so that a laptop serves only itself; 0.0.0.0 in production.",
	},
	CHAT_CORS_ORIGINS: {
		fallback: null,
		parse: list(origin),
		doc: "Origins whose pages may call the API, comma separated (https://app.example.com). None if unset: only pages that the server itself serves.",
	},
	CHAT_TRUSTED_PROXIES: {
		fallback: null,
		parse: list(network),
		doc: "Addresses or networks (10.0.0.0/8), comma separated, of proxies whose X-Forwarded-For is believed. None if unset: otherwise anyone could choose the address that limits count by.",
	},
	CHAT_MAX_CONNECTIONS: {
		fallback: "10000",
		parse: integer(1, 1_000_000),
		doc: "Sockets of one node; the next one is refused with SERVER_FULL. About 50 KB of memory each.",
	},
	CHAT_RATE_LIMITS: {
		fallback: "on",
		parse: onOff,
		doc: "on or off. off is for load tests; a public server without limits is one client away from an outage.",
	},
	CHAT_WEB: {
		fallback: "on",
		parse: onOff,
		doc: "on or off. on serves the web client at /, if it has been built; off is for those who have an app of their own.",
	},
	CHAT_DEMO: {
		fallback: null,
		parse: onOff,
		doc: "on makes demo people and their chats in a database without users, lists them at /dev/people.json for the web client's switcher, and starts the echo bot. If unset, on in development with the embedded PostgreSQL while CHAT_HOST is this machine only. Refused in production, since everybody knows their password.",
	},

	CHAT_DATABASE_URL: {
		fallback: null,
		parse: url("postgres", "postgresql"),
		secret: true,
		doc: "PostgreSQL 15 or newer (postgres://user:password@host:5432/database; with ?sslmode=verify-full over TLS). If unset, a PostgreSQL inside the process keeps its data in CHAT_DATA_DIR, for one node.",
	},
	CHAT_DATABASE_DIRECT_URL: {
		fallback: null,
		parse: url("postgres", "postgresql"),
		secret: true,
		doc: "The same PostgreSQL past a pooler, for migrations, where CHAT_DATABASE_URL is a pooler (pgbouncer) in transaction mode. If unset, CHAT_DATABASE_URL.",
	},
	CHAT_DATABASE_REPLICA_URL: {
		fallback: null,
		parse: url("postgres", "postgresql"),
		secret: true,
		doc: "A PostgreSQL that follows the one in CHAT_DATABASE_URL (streaming replication): older pages of chats are read there, once it has got to where the chat is. With CHAT_DATABASE_POOL connections of its own.",
	},
	CHAT_DATABASE_CA_FILE: {
		fallback: null,
		parse: certificates,
		doc: "PEM file of the authorities that sign PostgreSQL's certificate; asks for TLS, and for a certificate of the host in CHAT_DATABASE_URL. If unset, sslmode there says whether TLS is used, and those that Node knows are trusted.",
	},
	CHAT_DATABASE_POOL: {
		fallback: "10",
		parse: integer(1, 500),
		doc: "Connections of one node to PostgreSQL. Times the number of nodes it has to stay below max_connections. The embedded PostgreSQL always has one.",
	},
	CHAT_ALLOW_UNSAFE_DB: {
		fallback: "off",
		parse: onOff,
		doc: "on starts even if PostgreSQL is set (fsync, synchronous_commit) so that a crash may lose messages already acknowledged.",
	},
	CHAT_REDIS_URL: {
		fallback: null,
		parse: redisUrl,
		secret: true,
		doc: "Redis, by which several nodes are one cluster: redis://user:password@host:6379/0, redis+cluster://user:password@host:6379,… or redis+sentinel://user:password@sentinel:26379,…/name; over TLS rediss. Needs CHAT_DATABASE_URL. If unset, presence and limits are kept in memory, for one node.",
	},
	CHAT_REDIS_CA_FILE: {
		fallback: null,
		parse: certificates,
		doc: "PEM file of the authorities that sign the certificate of a rediss:// server. If unset, those that Node knows.",
	},
	CHAT_ALLOW_OPEN_REDIS: {
		fallback: "off",
		parse: onOff,
		doc: "on starts in production even if CHAT_REDIS_URL has no password and is not on this machine: for a network that nobody else reaches.",
	},
	CHAT_KAFKA_BROKERS: {
		fallback: null,
		parse: list(hostAndPort),
		doc: "Kafka brokers as host:port, comma separated. If unset, events reach the consumers inside the process and go nowhere else.",
	},
	CHAT_KAFKA_TLS: {
		fallback: null,
		parse: onOff,
		doc: "on speaks TLS with the brokers. If unset, on where CHAT_KAFKA_CA_FILE is set.",
	},
	CHAT_KAFKA_CA_FILE: {
		fallback: null,
		parse: certificates,
		doc: "PEM file of the authorities that sign the brokers' certificates. If unset, those that Node knows.",
	},
	CHAT_KAFKA_SASL: {
		fallback: null,
		parse: oneOf("plain", "scram-sha-256", "scram-sha-512"),
		doc: "How to log in at the brokers: plain, scram-sha-256 or scram-sha-512, with CHAT_KAFKA_USERNAME and CHAT_KAFKA_PASSWORD. No login if unset.",
	},
	CHAT_KAFKA_USERNAME: {
		fallback: null,
		parse: matching(/^[^\0]+$/, "a name"),
		doc: "Whom CHAT_KAFKA_SASL logs in.",
	},
	CHAT_KAFKA_PASSWORD: {
		fallback: null,
		parse: matching(/^[^\0]+$/, "a password"),
		secret: true,
		doc: "The password of CHAT_KAFKA_USERNAME.",
	},
	CHAT_KAFKA_PARTITIONS: {
		fallback: "6",
		parse: integer(1, 1_000),
		doc: "Partitions of a topic that the server makes. Raising it later changes the partition of a chat, and with it the order across that moment.",
	},
	CHAT_KAFKA_REPLICATION: {
		fallback: "1",
		parse: integer(1, 10),
		doc: "Copies of each partition; 3 in production, and never more than there are brokers.",
	},
	CHAT_CONSUMERS: {
		fallback: "on",
		parse: onOff,
		doc: "on or off. off leaves analytics, audit and notifications to other nodes, which read Kafka as any integrator does. Without Kafka they always run where the outbox is read.",
	},
	CHAT_NAMESPACE: {
		fallback: "chat",
		parse: matching(/^[a-z][a-z0-9_]{0,30}$/, "1 to 31 of a-z, 0-9 and _, beginning with a letter"),
		doc: "Name of the installation: its schema in PostgreSQL and its prefix in Redis, Kafka and on the bus. Installations with different names share servers without seeing each other.",
	},
	CHAT_DATA_DIR: {
		fallback: "./data",
		parse: matching(/^[^\0]+$/, "a path"),
		doc: "Folder of the embedded PostgreSQL and of the secret that is made where none is given. Made with mode 0700.",
	},

	CHAT_JWT_SECRET: {
		fallback: null,
		parse: atLeast32Bytes,
		secret: true,
		doc: "Key of the server's own access tokens (HS256), at least 32 bytes, the same on all nodes; `openssl rand -base64 48` makes one. Demanded in production; elsewhere made once and kept in CHAT_DATA_DIR.",
	},
	CHAT_JWT_ISSUERS: {
		fallback: "[]",
		parse: issuers,
		secret: true,
		doc: 'Others whose tokens are taken, as a JSON array of { "issuer", "audience", "algorithms", and one of "jwksUrl", "publicKey" (PEM) or "secret" (HS256 only) }.',
	},
	CHAT_ACCESS_TOKEN_TTL: {
		fallback: "900",
		parse: integer(1, DAY_S),
		doc: "Seconds for which an access token is good. Short, since it is what leaks.",
	},
	CHAT_REFRESH_TOKEN_TTL: {
		fallback: String(30 * DAY_S),
		parse: integer(1, 400 * DAY_S),
		doc: "Seconds without use after which a session ends. 30 days.",
	},
	CHAT_ADMIN_USERS: {
		fallback: null,
		parse: list(matching(/^[a-z0-9_.-]{3,32}$/, "a username")),
		doc: "Usernames, comma separated, that may ask for the figures of the whole installation. Name a user once their account exists (register, set this, restart): a name that stands here cannot be registered. None if unset.",
	},

	CHAT_CAPABILITY_RECEIPTS: {
		fallback: "100",
		parse: integer(0, 100_000),
		doc: "Members up to which a chat has typing, receipts and message status. 0 switches them off.",
	},
	CHAT_CAPABILITY_PRESENCE: {
		fallback: "1000",
		parse: integer(0, 100_000),
		doc: "Members up to which a chat shows who is online. 0 switches it off.",
	},
	CHAT_CAPABILITY_NOTIFY_ALL: {
		fallback: "1000",
		parse: integer(0, 100_000),
		doc: "Members up to which each message notifies; above it only mentions do. 0 leaves mentions only.",
	},
	CHAT_PRESENCE_TTL: {
		fallback: "30",
		parse: integer(1, 3_600),
		doc: "Seconds after the last sign of life until a connection counts as gone. Clients send one every 20.",
	},
	CHAT_COMMIT_BATCH: {
		fallback: "500",
		parse: integer(1, 5_000),
		doc: "Sends that one transaction commits at most. 1 is a transaction for each: what group commit is measured against.",
	},
	CHAT_FANOUT: {
		fallback: "turn",
		parse: oneOf("turn", "each"),
		doc: "turn writes to a socket once for all that a turn of the event loop brought; each writes every event by itself, which is what that is measured against.",
	},
	CHAT_SEND_HOMES: {
		fallback: "on",
		parse: onOff,
		doc: "on sends what goes to a chat that several nodes write to at once to one of them; off has each node commit its own, which is what that is measured against.",
	},

	CHAT_LOG_LEVEL: {
		fallback: "info",
		parse: oneOf(...LOG_LEVELS),
		doc: `One of ${LOG_LEVELS.join(", ")}. Nothing secret is logged at any level.`,
	},
	CHAT_LOG_PRETTY: {
		fallback: null,
		parse: onOff,
		doc: "on writes lines for people, off writes JSON (pino). On in development, off elsewhere, if unset.",
	},
	CHAT_METRICS_PORT: {
		fallback: null,
		parse: integer(1, 65_535),
		doc: "Port on which Prometheus reads /metrics. No metrics if unset. Keep it from the public.",
	},
	CHAT_DRAIN_DELAY: {
		fallback: "0",
		parse: integer(0, 600),
		doc: "Seconds for which a node that is told to stop still serves as before while its readiness answers 503, so that balancers that ask for it send nobody any more. CHAT_SHUTDOWN_TIMEOUT begins after it.",
	},
	CHAT_SHUTDOWN_TIMEOUT: {
		fallback: "10",
		parse: integer(1, 600),
		doc: "Seconds that a stop may take; then the process ends by itself, with code 1.",
	},
} satisfies Record<string, Variable<unknown>>;

function redisUrl(text: string) {
	redisAddress(text);
	return text;
}

function atLeast32Bytes(text: string) {
	const bytes = Buffer.byteLength(text);
	if (bytes < 32) throw new Error(`has ${bytes} bytes; at least 32 are needed`);
	return text;
}
