import "../support/env.ts";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { rootCertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type Config, ConfigError, loadConfig } from "../../lib/config.ts";
import { keptSecret } from "../../lib/secret.ts";
import { VARIABLES } from "../../lib/variables.ts";
import { envExample, variablesTable } from "../../lib/variables-doc.ts";

const CERTIFICATE = rootCertificates[0] as string;
const SECRET = "0123456789abcdef0123456789abcdef";

function load(env: Record<string, string>): Config {
	return loadConfig({ NODE_ENV: "development", ...env }, () => SECRET);
}

/** What the start says about an environment; empty where it is fine. */
function problems(env: Record<string, string>): string[] {
	try {
		load(env);
		return [];
	} catch (err) {
		if (err instanceof ConfigError) return err.problems;
		throw err;
	}
}

function problem(env: Record<string, string>): string {
	const all = problems(env);
	expect(all).toHaveLength(1);
	return all[0] as string;
}

test("with nothing set, a node is for one machine, embedded, on port 3000", () => {
	expect(load({})).toEqual({
		env: "development",
		services: null,
		namespace: "chat",
		host: "127.0.0.1",
		port: 3000,
		corsOrigins: [],
		trustedProxies: [],
		commitBatchMax: 500,
		connectionsMax: 10_000,
		fanOut: "turn",
		sendHomes: true,
		rateLimits: true,
		web: true,
		demo: true,
		dataDir: resolve("data"),
		databaseUrl: null,
		databaseDirectUrl: null,
		databaseReplicaUrl: null,
		databasePoolMax: 1,
		allowUnsafeDb: false,
		redisUrl: null,
		redisCaFile: null,
		kafkaBrokers: [],
		kafkaSecurity: { tls: false, caFile: null, sasl: null },
		kafkaPartitions: 6,
		kafkaReplication: 1,
		consumers: true,
		jwtSecret: SECRET,
		jwtIssuer: "parley:chat",
		jwtIssuers: [],
		accessTokenTtlS: 900,
		refreshTokenTtlS: 2_592_000,
		adminUsers: [],
		capabilities: { receipts: 100, presence: 1_000, notifyAll: 1_000 },
		presenceTtlS: 30,
		logLevel: "info",
		logPretty: true,
		metricsPort: null,
		drainDelayS: 0,
		shutdownTimeoutS: 10,
		warnings: [],
	});
});

test("everything can be set", () => {
	const config = load({
		NODE_ENV: "production",
		SERVICES: "gateway, messages",
		CHAT_PORT: "0",
		CHAT_HOST: "::1",
		CHAT_CORS_ORIGINS: "https://a.example, http://localhost:5173",
		CHAT_TRUSTED_PROXIES: "10.0.0.0/8, 2001:db8::/32, 192.168.1.1",
		CHAT_RATE_LIMITS: "off",
		CHAT_DATABASE_URL: "postgres://u:p@db/chat",
		CHAT_DATABASE_POOL: "20",
		CHAT_REDIS_URL: "rediss://:pw@cache:6380/1",
		CHAT_KAFKA_BROKERS: "k1:9092,[::1]:9092",
		CHAT_NAMESPACE: "team_2",
		CHAT_JWT_SECRET: SECRET,
		CHAT_ADMIN_USERS: "ann,bob.b",
		CHAT_CAPABILITY_RECEIPTS: "0",
		CHAT_METRICS_PORT: "9100",
		CHAT_ALLOW_UNSAFE_DB: "1",
	});
	expect(config).toMatchObject({
		services: ["gateway", "messages"],
		port: 0,
		host: "::1",
		corsOrigins: ["https://a.example", "http://localhost:5173"],
		trustedProxies: ["10.0.0.0/8", "2001:db8::/32", "192.168.1.1"],
		rateLimits: false,
		databasePoolMax: 20,
		redisUrl: "rediss://:pw@cache:6380/1",
		kafkaBrokers: ["k1:9092", "[::1]:9092"],
		jwtIssuer: "parley:team_2",
		adminUsers: ["ann", "bob.b"],
		capabilities: { receipts: 0 },
		metricsPort: 9100,
		allowUnsafeDb: true,
		logPretty: false,
	});
});

test("production listens on all addresses", () => {
	expect(load({ NODE_ENV: "production", CHAT_JWT_SECRET: SECRET }).host).toBe("0.0.0.0");
});

test("the demo is for development on one machine with a database of its own, unless somebody says otherwise", () => {
	expect(load({}).demo).toBe(true);
	expect(load({ CHAT_HOST: "0.0.0.0" }).demo).toBe(false);
	expect(load({ CHAT_DATABASE_URL: "postgres://u:p@db/chat" }).demo).toBe(false);
	expect(load({ NODE_ENV: "test" }).demo).toBe(false);
	expect(load({ NODE_ENV: "test", CHAT_DEMO: "on" }).demo).toBe(true);
	const production = { NODE_ENV: "production", CHAT_JWT_SECRET: SECRET };
	expect(load({ ...production, CHAT_HOST: "127.0.0.1" }).demo).toBe(false);
	expect(problem({ ...production, CHAT_DEMO: "on" })).toMatch(
		"production is no place for people whose password",
	);
});

test("an empty variable counts as one that is not set", () => {
	expect(load({ CHAT_PORT: "", CHAT_REDIS_URL: "", CHAT_JWT_SECRET: "" })).toMatchObject({
		port: 3000,
		redisUrl: null,
	});
});

test("all problems are told at once, in lines that name their variables", () => {
	expect(problems({ CHAT_PORT: "http", CHAT_LOG_LEVEL: "loud", CHAT_FOO: "1" })).toEqual([
		'CHAT_PORT="http" must be a whole number from 0 to 65535.',
		'CHAT_LOG_LEVEL="loud" must be one of fatal, error, warn, info, debug, trace.',
		"CHAT_FOO is not a variable of this version.",
	]);
});

test("a misspelt variable stops the start and is told its right name", () => {
	expect(problem({ CHAT_PROT: "1" })).toBe(
		"CHAT_PROT is not a variable of this version. Did you mean CHAT_PORT?",
	);
	expect(problem({ CHAT_ACESS_TOKEN_TTL: "1" })).toMatch("Did you mean CHAT_ACCESS_TOKEN_TTL?");
});

test.each(["CHAT_UPLOAD_DIR", "CHAT_S3_BUCKET", "CHAT_GRAPHQL", "CHAT_TOTP_ISSUER", "CHAT_ENCRYPTION_KEY"])(
	"%s, of something that is not there yet, stops the start",
	name => {
		expect(problem({ [name]: "on" })).toMatch(`${name} is not a variable of this version.`);
	},
);

test("variables of other programs are none of our business", () => {
	expect(problems({ PATH: "/bin", CHATTER: "1", NAMESPACE: "x", LOGGER: "false" })).toEqual([]);
});

describe("a value that cannot be meant stops the start", () => {
	test.each([
		["NODE_ENV", "prod"],
		["SERVICES", "Gateway"],
		["SERVICES", "gateway,,messages"],
		["SERVICES", "../x"],
		["CHAT_PORT", "65536"],
		["CHAT_PORT", "-1"],
		["CHAT_PORT", "3e3"],
		["CHAT_PORT", " 3000"],
		["CHAT_HOST", "http://localhost"],
		["CHAT_CORS_ORIGINS", "*"],
		["CHAT_CORS_ORIGINS", "https://a.example/"],
		["CHAT_CORS_ORIGINS", "a.example"],
		["CHAT_CORS_ORIGINS", "https://a.example,"],
		["CHAT_CORS_ORIGINS", "null"],
		["CHAT_TRUSTED_PROXIES", "10.0.0.0/33"],
		["CHAT_TRUSTED_PROXIES", "10.0.0.0/"],
		["CHAT_TRUSTED_PROXIES", "10.0.0.0/8/8"],
		["CHAT_TRUSTED_PROXIES", "proxy.local"],
		["CHAT_MAX_CONNECTIONS", "0"],
		["CHAT_RATE_LIMITS", "maybe"],
		["CHAT_DATABASE_URL", "mysql://h/d"],
		["CHAT_DATABASE_URL", "localhost:5432"],
		["CHAT_DATABASE_POOL", "0"],
		["CHAT_KAFKA_BROKERS", "kafka"],
		["CHAT_KAFKA_BROKERS", "kafka:0"],
		["CHAT_KAFKA_BROKERS", "kafka:99999"],
		["CHAT_KAFKA_BROKERS", "kafka://k:9092"],
		["CHAT_KAFKA_PARTITIONS", "0"],
		["CHAT_NAMESPACE", "Chat"],
		["CHAT_NAMESPACE", "1chat"],
		["CHAT_NAMESPACE", "a-b"],
		["CHAT_NAMESPACE", "x".repeat(32)],
		["CHAT_JWT_SECRET", "short"],
		["CHAT_ACCESS_TOKEN_TTL", "0"],
		["CHAT_ACCESS_TOKEN_TTL", "15m"],
		["CHAT_ADMIN_USERS", "Ann"],
		["CHAT_METRICS_PORT", "0"],
		["CHAT_SHUTDOWN_TIMEOUT", "0"],
	])("%s=%s", (name, value) => {
		expect(problem({ [name]: value })).toMatch(new RegExp(`^${name}\\b`));
	});
});

test("a message never shows a secret", () => {
	const lines = problems({
		CHAT_JWT_SECRET: "hunter2",
		CHAT_DATABASE_URL: "mysql://u:hunter2@h/d",
		CHAT_REDIS_URL: "redis://:hunter2%@h",
		CHAT_JWT_ISSUERS: '[{"secret":"hunter2"',
	});
	expect(lines).toHaveLength(4);
	expect(lines.join()).not.toMatch("hunter2");
});

describe("the secret", () => {
	test("is demanded in production, embedded or not", () => {
		expect(problem({ NODE_ENV: "production" })).toMatch("CHAT_JWT_SECRET is missing");
		expect(problem({ NODE_ENV: "production", CHAT_DATABASE_URL: "postgres://h/d" })).toMatch(
			"CHAT_JWT_SECRET",
		);
	});

	test("has at least 32 bytes, not characters", () => {
		expect(problem({ CHAT_JWT_SECRET: "x".repeat(31) })).toBe(
			"CHAT_JWT_SECRET has 31 bytes; at least 32 are needed.",
		);
		expect(load({ CHAT_JWT_SECRET: "ä".repeat(16) }).jwtSecret).toBe("ä".repeat(16));
	});

	test("is made once, then kept where only its owner reads it", () => {
		const root = mkdtempSync(join(tmpdir(), "parley-secret-"));
		try {
			const dataDir = join(root, "data");
			const first = keptSecret(dataDir);
			expect(Buffer.from(first, "base64url")).toHaveLength(32);
			expect(keptSecret(dataDir)).toBe(first);
			expect(statSync(join(dataDir, "jwt-secret")).mode & 0o777).toBe(0o600);
			expect(statSync(dataDir).mode & 0o777).toBe(0o700);
		} finally {
			rmSync(root, { recursive: true });
		}
	});

	test("is not made where one was given", () => {
		const refuse = () => {
			throw new Error("asked for a secret");
		};
		expect(loadConfig({ CHAT_JWT_SECRET: SECRET }, refuse).jwtSecret).toBe(SECRET);
	});

	test("that cannot be kept is a problem of the data folder", () => {
		const refuse = () => {
			throw new Error("EACCES: permission denied");
		};
		expect(() => loadConfig({ CHAT_DATA_DIR: "/x" }, refuse)).toThrow(
			/CHAT_DATA_DIR="\/x" cannot be used: EACCES/,
		);
	});
});

describe("links to servers", () => {
	const database = { CHAT_DATABASE_URL: "postgres://h/d" };
	const production = { NODE_ENV: "production", CHAT_JWT_SECRET: SECRET, ...database };
	const folder = mkdtempSync(join(tmpdir(), "parley-links-"));
	const ca = join(folder, "ca.pem");
	afterAll(() => rmSync(folder, { recursive: true }));
	beforeAll(() => writeFileSync(ca, CERTIFICATE));

	test.each([
		["CHAT_DATABASE_CA_FILE", "/does/not/exist.pem"],
		["CHAT_DATABASE_CA_FILE", "package.json"],
		["CHAT_REDIS_URL", "localhost:6379"],
		["CHAT_REDIS_URL", "redis://"],
		["CHAT_REDIS_URL", "redis://a:70000"],
		["CHAT_REDIS_URL", "redis://a/cache"],
		["CHAT_REDIS_URL", "redis://:50%@a"],
	])("%s=%s stops the start", (name, value) => {
		expect(problem({ ...database, [name]: value })).toMatch(new RegExp(`^${name}\\b`));
	});

	test("an authority for PostgreSQL asks for TLS and for the right name, where nothing else is said", () => {
		const of = (url: string) => load({ CHAT_DATABASE_URL: url, CHAT_DATABASE_CA_FILE: ca }).databaseUrl;
		const file = encodeURIComponent(ca);
		expect(of("postgres://h/d")).toBe(`postgres://h/d?sslmode=verify-full&sslrootcert=${file}`);
		expect(of("postgres://h/d?sslmode=require")).toBe(`postgres://h/d?sslmode=require&sslrootcert=${file}`);
	});

	test.each(["disable", "no-verify"])("sslmode=%s has no use for an authority", sslmode => {
		const url = `postgres://h/d?sslmode=${sslmode}`;
		expect(problem({ CHAT_DATABASE_URL: url, CHAT_DATABASE_CA_FILE: ca })).toMatch(`sslmode=${sslmode}`);
	});

	test.each([
		["CHAT_DATABASE_DIRECT_URL", "databaseDirectUrl"],
		["CHAT_DATABASE_REPLICA_URL", "databaseReplicaUrl"],
	] as const)("%s is trusted as CHAT_DATABASE_URL is, and nothing without it", (name, field) => {
		const other = { [name]: "postgres://other/d" };
		expect(problem(other)).toBe(`${name} is set without CHAT_DATABASE_URL.`);
		const config = load({ ...database, ...other, CHAT_DATABASE_CA_FILE: ca });
		expect(config[field]).toMatch("postgres://other/d?sslmode=verify-full&sslrootcert=");
	});

	test("T29: production takes no Redis without a password, unless it is on this machine or somebody says so", () => {
		const open = { ...production, CHAT_REDIS_URL: "redis://cache" };
		expect(problem(open)).toMatch("CHAT_REDIS_URL has no password");
		expect(problem({ ...open, CHAT_REDIS_URL: "redis://ann@cache" })).toMatch(
			"CHAT_REDIS_URL has no password",
		);
		expect(problems({ ...open, CHAT_ALLOW_OPEN_REDIS: "on" })).toEqual([]);
		expect(problems({ ...open, NODE_ENV: "test" })).toEqual([]);
		for (const url of ["redis://:pw@cache", "redis://127.0.0.1", "redis://[::1]:6379", "redis://localhost"])
			expect(problems({ ...open, CHAT_REDIS_URL: url })).toEqual([]);
	});

	test("an authority for a Redis without TLS is a mistake", () => {
		const env = { ...database, CHAT_REDIS_CA_FILE: ca };
		expect(problem({ ...env, CHAT_REDIS_URL: "redis://h" })).toMatch("CHAT_REDIS_CA_FILE is set");
		expect(load({ ...env, CHAT_REDIS_URL: "rediss://h" }).redisCaFile).toBe(ca);
	});

	test("an authority for Kafka means TLS, and a login needs all of its parts", () => {
		const login = { CHAT_KAFKA_SASL: "plain", CHAT_KAFKA_USERNAME: "ann", CHAT_KAFKA_PASSWORD: "pw" };
		expect(load({ CHAT_KAFKA_CA_FILE: ca, ...login }).kafkaSecurity).toEqual({
			tls: true,
			caFile: ca,
			sasl: { mechanism: "plain", username: "ann", password: "pw" },
		});
		expect(problem({ CHAT_KAFKA_CA_FILE: ca, CHAT_KAFKA_TLS: "off" })).toMatch("CHAT_KAFKA_TLS is off");
		expect(problem({ ...login, CHAT_KAFKA_SASL: "gssapi" })).toMatch("must be one of plain,");
		expect(problem({ CHAT_KAFKA_SASL: "plain" })).toBe(
			"CHAT_KAFKA_USERNAME and CHAT_KAFKA_PASSWORD are missing for a login at Kafka.",
		);
		expect(load(login).warnings).toEqual([
			"CHAT_KAFKA_SASL is plain without CHAT_KAFKA_TLS: the password can be read on the way.",
		]);
	});
});

describe("settings that contradict each other stop the start", () => {
	test("a cluster without a shared database", () => {
		expect(problem({ CHAT_REDIS_URL: "redis://h" })).toMatch("without CHAT_DATABASE_URL");
	});

	test("one port for two servers", () => {
		expect(problem({ CHAT_METRICS_PORT: "3000" })).toMatch("each needs its own");
	});

	test("a session shorter than its tokens", () => {
		expect(problem({ CHAT_REFRESH_TOKEN_TTL: "60" })).toMatch("CHAT_REFRESH_TOKEN_TTL is shorter");
	});
});

describe("the operator is warned of", () => {
	const warnings = (env: Record<string, string>) => load({ CHAT_JWT_SECRET: SECRET, ...env }).warnings.join();

	test("the embedded database in production", () => {
		expect(warnings({ NODE_ENV: "production" })).toMatch("CHAT_DATABASE_URL is not set");
		expect(warnings({ NODE_ENV: "production", CHAT_DATABASE_URL: "postgres://h/d" })).toBe("");
	});

	test("a production without limits", () => {
		expect(warnings({ NODE_ENV: "production", CHAT_RATE_LIMITS: "off" })).toMatch("CHAT_RATE_LIMITS is off");
	});

	test("a cluster whose nodes each make their own secret", () => {
		const cluster = { CHAT_REDIS_URL: "redis://h", CHAT_DATABASE_URL: "postgres://h/d", CHAT_JWT_SECRET: "" };
		expect(warnings(cluster)).toMatch("CHAT_JWT_SECRET is not set");
	});
});

describe("foreign issuers", () => {
	const rsa = generateKeyPairSync("rsa", {
		modulusLength: 2048,
		publicKeyEncoding: { type: "spki", format: "pem" },
		privateKeyEncoding: { type: "pkcs8", format: "pem" },
	});
	const base = { issuer: "https://id.example", audience: "chat", algorithms: ["RS256"] };
	const jwks = { ...base, jwksUrl: "https://id.example/keys" };
	const load1 = (items: unknown) => load({ CHAT_JWT_ISSUERS: JSON.stringify(items) }).jwtIssuers;
	const problem1 = (items: unknown) => problem({ CHAT_JWT_ISSUERS: JSON.stringify(items) });

	test("are taken with a key set, a public key or a shared secret", () => {
		const local = { ...base, issuer: "local", jwksUrl: "http://localhost:8080/keys" };
		const pem = { ...base, issuer: "pem", publicKey: rsa.publicKey };
		const shared = { ...base, issuer: "shared", algorithms: ["HS256"], secret: SECRET };
		expect(load1([jwks, local, pem, shared])).toEqual([jwks, local, pem, shared]);
	});

	test.each([
		["no list", {}, "must be a JSON array"],
		["an item that is no object", [1], "item 0 must be an object"],
		["no issuer", [{ ...jwks, issuer: undefined }], 'item 0 needs "issuer"'],
		["an empty audience", [{ ...jwks, audience: " " }], 'item 0 needs "audience"'],
		["no algorithms", [{ ...jwks, algorithms: [] }], 'item 0 needs "algorithms"'],
		["the algorithm none", [{ ...jwks, algorithms: ["none"] }], '"algorithms" may hold'],
		["an unknown field", [{ ...jwks, jwksUri: "x" }], 'item 0 has the unknown field "jwksUri"'],
		["no key", [base], "exactly one of jwksUrl, publicKey and secret"],
		["two keys", [{ ...jwks, secret: SECRET }], "exactly one of jwksUrl, publicKey and secret"],
		["a key set over plain http", [{ ...jwks, jwksUrl: "http://id.example/keys" }], "https://"],
		["a key set that is no URL", [{ ...jwks, jwksUrl: "keys" }], "https://"],
		[
			"HS256 with a public key",
			[{ ...base, algorithms: ["RS256", "HS256"], publicKey: rsa.publicKey }],
			"HS256 only with a secret",
		],
		["HS256 with a key set", [{ ...jwks, algorithms: ["HS256"] }], "HS256 only with a secret"],
		["a secret with RS256", [{ ...base, secret: SECRET }], 'with a secret allows ["HS256"] only'],
		["a short secret", [{ ...base, algorithms: ["HS256"], secret: "x" }], "at least 32 bytes"],
		["a public key that is none", [{ ...base, publicKey: "x" }], "PEM"],
		["a private key", [{ ...base, publicKey: rsa.privateKey }], "has a private key"],
		[
			"a key of another kind",
			[{ ...base, algorithms: ["ES256"], publicKey: rsa.publicKey }],
			"does not go with ES256",
		],
		["the same one twice", [jwks, jwks], "twice"],
		["our own name", [{ ...jwks, issuer: "parley:chat" }], "this server's own issuer"],
	])("%s is refused", (_, items, why) => {
		expect(problem1(items)).toMatch(why);
	});

	test("text that is not JSON is refused", () => {
		expect(problem({ CHAT_JWT_ISSUERS: "[" })).toBe("CHAT_JWT_ISSUERS is not JSON.");
	});
});

describe("the documentation", () => {
	test(".env.example is what the table says (scripts/env-example.ts writes it)", () => {
		const written = readFileSync(new URL("../../.env.example", import.meta.url), "utf8");
		expect(written).toBe(envExample());
	});

	test(".env.example, uncommented, is a configuration that works", () => {
		const lines = envExample().match(/^#[A-Z_]+=.*$/gm) ?? [];
		const env = Object.fromEntries(lines.map(line => line.slice(1).split(/=(.*)/s) as [string, string]));
		expect(lines).toHaveLength(Object.keys(VARIABLES).length);
		expect(load(env)).toEqual(load({}));
	});

	test("every variable is explained, and names no other that does not exist", () => {
		for (const [name, { doc }] of Object.entries(VARIABLES)) {
			expect(doc.length).toBeGreaterThan(20);
			expect(variablesTable()).toMatch(`| \`${name}\` |`);
			for (const [other] of doc.matchAll(/CHAT_[A-Z_]+/g)) expect(VARIABLES).toHaveProperty(other);
		}
	});
});
