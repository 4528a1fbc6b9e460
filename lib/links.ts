/** How a node reaches its servers: what follows from the variables, and which of them cannot go together. */
import type { Values } from "./env.ts";
import { redisAddress } from "./redis-address.ts";
import type { VARIABLES } from "./variables.ts";

/** How Kafka knows us, and we know Kafka. */
export interface KafkaSecurity {
	tls: boolean;
	/** PEM file of the authorities that sign the brokers' certificates; null is those that Node knows. */
	caFile: string | null;
	sasl: { mechanism: "plain" | "scram-sha-256" | "scram-sha-512"; username: string; password: string } | null;
}

type Read = Values<typeof VARIABLES>;

/** With the authority in it, in libpq's words, which pg and Sequelize both take. */
export function trusting(url: string | null, caFile: string | null): string | null {
	if (url === null || caFile === null) return url;
	const trusted = new URL(url);
	const { searchParams } = trusted;
	if (!searchParams.has("sslmode")) searchParams.set("sslmode", "verify-full");
	searchParams.set("sslrootcert", caFile);
	return trusted.href;
}

export function kafkaSecurity(values: Read): KafkaSecurity {
	const { CHAT_KAFKA_SASL: mechanism, CHAT_KAFKA_USERNAME: username, CHAT_KAFKA_PASSWORD: password } = values;
	return {
		tls: hasKafkaTls(values),
		caFile: values.CHAT_KAFKA_CA_FILE,
		sasl: mechanism && username && password ? { mechanism, username, password } : null,
	};
}

function hasKafkaTls({ CHAT_KAFKA_TLS, CHAT_KAFKA_CA_FILE }: Read): boolean {
	return CHAT_KAFKA_TLS ?? CHAT_KAFKA_CA_FILE !== null;
}

/** What no variable shows by itself. A value that did not parse is null here, and has been complained of. */
export function linkProblems(values: Read, env: NodeJS.ProcessEnv): string[] {
	return [...databaseProblems(values, env), ...redisProblems(values, env), ...kafkaProblems(values, env)];
}

const DATABASE_URLS = ["CHAT_DATABASE_URL", "CHAT_DATABASE_DIRECT_URL", "CHAT_DATABASE_REPLICA_URL"] as const;

function databaseProblems(values: Read, env: NodeJS.ProcessEnv): string[] {
	const problems: string[] = [];
	for (const name of [...DATABASE_URLS, "CHAT_DATABASE_CA_FILE"]) {
		if (env[name] && !env.CHAT_DATABASE_URL) problems.push(`${name} is set without CHAT_DATABASE_URL.`);
	}
	for (const name of env.CHAT_DATABASE_CA_FILE ? DATABASE_URLS : []) {
		const url = values[name];
		const mode = url && new URL(url).searchParams.get("sslmode");
		if (mode !== "disable" && mode !== "no-verify") continue;
		problems.push(
			`CHAT_DATABASE_CA_FILE is set, but ${name} has sslmode=${mode}, which asks for no certificate.`,
		);
	}
	return problems;
}

/** Whoever writes to Redis speaks as a node. */
function redisProblems(values: Read, env: NodeJS.ProcessEnv): string[] {
	const problems: string[] = [];
	if (env.CHAT_REDIS_URL && !env.CHAT_DATABASE_URL) {
		problems.push(
			"CHAT_REDIS_URL is set without CHAT_DATABASE_URL; nodes that form a cluster need one database.",
		);
	}
	const address = values.CHAT_REDIS_URL === null ? null : redisAddress(values.CHAT_REDIS_URL);
	if (env.CHAT_REDIS_CA_FILE && !env.CHAT_REDIS_URL?.startsWith("rediss")) {
		problems.push("CHAT_REDIS_CA_FILE is set, but CHAT_REDIS_URL does not begin with rediss://.");
	}
	const isOpen = address && !address.password && !address.nodes.every(({ host }) => isLoopback(host));
	if (values.NODE_ENV === "production" && isOpen && !values.CHAT_ALLOW_OPEN_REDIS) {
		problems.push(
			"CHAT_REDIS_URL has no password, and whoever reaches that Redis can speak as a node. Give it one " +
				"(redis://:password@host), or accept that with CHAT_ALLOW_OPEN_REDIS=on.",
		);
	}
	return problems;
}

function kafkaProblems(values: Read, env: NodeJS.ProcessEnv): string[] {
	const problems: string[] = [];
	if (env.CHAT_KAFKA_CA_FILE && values.CHAT_KAFKA_TLS === false) {
		problems.push("CHAT_KAFKA_CA_FILE is set, but CHAT_KAFKA_TLS is off.");
	}
	const login = ["CHAT_KAFKA_SASL", "CHAT_KAFKA_USERNAME", "CHAT_KAFKA_PASSWORD"];
	const missing = login.filter(name => !env[name]);
	if (missing.length > 0 && missing.length < login.length) {
		problems.push(
			`${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} missing for a login at Kafka.`,
		);
	}
	return problems;
}

/** What the start tells the operator though it goes on. */
export function linkWarnings(values: Read): string[] {
	const readable = values.CHAT_KAFKA_SASL === "plain" && !hasKafkaTls(values);
	return readable
		? ["CHAT_KAFKA_SASL is plain without CHAT_KAFKA_TLS: the password can be read on the way."]
		: [];
}

export function isLoopback(host: string): boolean {
	return /^(?:localhost|127(?:\.\d+){3}|::1)$/.test(host);
}
