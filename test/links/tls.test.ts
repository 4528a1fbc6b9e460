/** PostgreSQL, Redis and Kafka that ask for a password and show a certificate. */
import { chownSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import type { KafkaSettings } from "../../services/kafka-bridge/port.kafkajs.ts";
import { misconfigured } from "../../services/kafka-bridge/security.ts";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { unprivileged } from "../support/servers/postgres.ts";
import { freePorts, type ServerProcess, startKafka, startPostgres, startRedis } from "../support/servers.ts";
import { eventually } from "../support/stage.ts";

process.env.NODE_ENV = "test";
const { kafkajsPort } = await import("../../services/kafka-bridge/port.kafkajs.ts");

const PASSWORD = "canary pass%word@:/";
const LOGIN = `ann:${encodeURIComponent(PASSWORD)}`;
const SCRAM = ["SCRAM-SHA-256", "SCRAM-SHA-512"];

let certificates: Certificates;
let postgres: ServerProcess;
let redis: ServerProcess;
let kafka: ServerProcess;
let redisTlsPort: number;
let kafkaTlsPort: number;

beforeAll(async () => {
	certificates = await makeCertificates();
	[redisTlsPort = 0, kafkaTlsPort = 0] = await freePorts(2);
	[postgres, redis, kafka] = await Promise.all([securePostgres(), secureRedis(), secureKafka()]);
});
afterAll(async () => {
	await Promise.all([postgres, redis, kafka].map(server => server?.stop()));
	certificates?.remove();
});

async function securePostgres(): Promise<ServerProcess> {
	const { cert, key } = certificates;
	const hba = path.join(path.dirname(key), "pg_hba.conf");
	writeFileSync(hba, "host all postgres 127.0.0.1/32 trust\nhostssl all ann 127.0.0.1/32 scram-sha-256\n");
	const { uid, gid } = unprivileged();
	if (uid !== undefined && gid !== undefined) chownSync(hba, uid, gid);
	const settings = { ssl: "on", ssl_cert_file: cert, ssl_key_file: key, hba_file: hba };
	const server = await startPostgres({ native: true, settings });
	await asked(server, `CREATE ROLE ann LOGIN SUPERUSER PASSWORD ${pg.escapeLiteral(PASSWORD)}`);
	return server;
}

function secureRedis(): Promise<ServerProcess> {
	const { ca, cert, key } = certificates;
	const tls = {
		"tls-cert-file": cert,
		"tls-key-file": key,
		"tls-ca-cert-file": ca,
		"tls-auth-clients": "no",
	};
	return startRedis({
		native: true,
		settings: { ...tls, "tls-port": redisTlsPort, requirepass: PASSWORD },
	});
}

async function secureKafka(): Promise<ServerProcess> {
	const [port = 0, controller = 0] = await freePorts(2);
	const own = "org.apache.kafka.common.security";
	return startKafka({
		native: true,
		port,
		scram: SCRAM.map(name => `${name}=[name=ann,password=${PASSWORD}]`),
		settings: {
			"controller.quorum.voters": `1@127.0.0.1:${controller}`,
			"listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL",
			listeners: [
				`PLAINTEXT://127.0.0.1:${port}`,
				`SASL_SSL://127.0.0.1:${kafkaTlsPort}`,
				`CONTROLLER://127.0.0.1:${controller}`,
			].join(),
			"advertised.listeners": `PLAINTEXT://127.0.0.1:${port},SASL_SSL://127.0.0.1:${kafkaTlsPort}`,
			"inter.broker.listener.name": "PLAINTEXT",
			"ssl.keystore.type": "PEM",
			"ssl.keystore.location": certificates.both,
			"sasl.enabled.mechanisms": ["PLAIN", ...SCRAM].join(),
			"listener.name.sasl_ssl.plain.sasl.jaas.config": `${own}.plain.PlainLoginModule required user_ann="${PASSWORD}";`,
			...Object.fromEntries(
				SCRAM.map(name => [
					`listener.name.sasl_ssl.${name.toLowerCase()}.sasl.jaas.config`,
					`${own}.scram.ScramLoginModule required;`,
				]),
			),
		},
	});
}

async function asked<Row extends pg.QueryResultRow>({ url }: ServerProcess, sql: string): Promise<Row[]> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	try {
		return (await client.query<Row>(sql)).rows;
	} finally {
		await client.end();
	}
}

const toPostgres = (caFile: string, host = "127.0.0.1") => ({
	CHAT_DATABASE_URL: `postgres://${LOGIN}@${host}:${postgres.port}/parley`,
	CHAT_DATABASE_CA_FILE: caFile,
	CHAT_JWT_SECRET: "only for this test, and long enough",
});
const toRedis = (caFile: string) => ({
	CHAT_REDIS_URL: `rediss://:${encodeURIComponent(PASSWORD)}@127.0.0.1:${redisTlsPort}`,
	CHAT_REDIS_CA_FILE: caFile,
});
const toKafka = (caFile: string) => ({
	CHAT_KAFKA_BROKERS: `127.0.0.1:${kafkaTlsPort}`,
	CHAT_KAFKA_CA_FILE: caFile,
	CHAT_KAFKA_SASL: "scram-sha-512",
	CHAT_KAFKA_USERNAME: "ann",
	CHAT_KAFKA_PASSWORD: PASSWORD,
});

test("T26: a node with passwords and authorities reaches all three servers, and writes no password", async () => {
	const { ca } = certificates;
	const node = await startNode({
		...toPostgres(ca),
		...toRedis(ca),
		...toKafka(ca),
		CHAT_LOG_LEVEL: "debug",
	});
	try {
		const health = await eventually(
			() => healthOf(node),
			({ status }) => status === "ok",
		);
		expect(health.checks).toMatchObject({ database: "up", redis: "up", kafka: "up" });
		const encrypted = await asked(
			postgres,
			"SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE usename = 'ann'",
		);
		expect(encrypted).toEqual([{ ssl: true }]);
		expect(await node.stop()).toBe(0);
	} finally {
		await node.kill9();
	}
	expect(node.output()).not.toMatch(/canary|Y2FuYXJ5/);
});

async function healthOf({ url }: ParleyNode) {
	const answer = await fetch(`${url}/health`);
	return (await answer.json()) as { status: string; checks: Record<string, string> };
}

test("a PostgreSQL or Redis that another authority has signed is refused, with the variable to look at", async () => {
	const { otherCa, ca } = certificates;
	const { waitForRedis } = await import("../../scripts/node/redis.ts");
	const { CHAT_REDIS_URL: url } = toRedis(otherCa);
	await expect(startNode(toPostgres(otherCa))).rejects.toThrow(
		/PostgreSQL at .* is not trusted: .*certificate.*See CHAT_DATABASE_CA_FILE\./,
	);
	await expect(waitForRedis({ url, caFile: otherCa }, () => {})).rejects.toThrow(
		/^Redis at .* is not trusted: .*certificate.*See CHAT_REDIS_CA_FILE\./,
	);
	await waitForRedis({ url, caFile: ca }, () => {});
});

test("so is a PostgreSQL that has the certificate of another name", async () => {
	await expect(startNode(toPostgres(certificates.ca, "localhost"))).rejects.toThrow(
		/is not trusted: .*altnames.*See CHAT_DATABASE_CA_FILE\./,
	);
});

const SASL = { mechanism: "plain" as const, username: "ann", password: PASSWORD };

/** What a node would be told of Kafka; null where all is well. */
async function troubleWith(security: Partial<KafkaSettings["security"]>): Promise<string | null> {
	const silent = { debug() {}, info() {}, warn() {}, error() {} } as unknown as Parameters<
		typeof kafkajsPort
	>[1];
	const settings: KafkaSettings = {
		brokers: [`127.0.0.1:${kafkaTlsPort}`],
		security: { tls: true, caFile: certificates.ca, sasl: SASL, ...security },
		namespace: "links",
		partitions: 1,
		replication: 1,
		sendTimeoutMs: 10_000,
		sessionTimeoutMs: 6_000,
		fetchWaitMs: 100,
	};
	const port = kafkajsPort(settings, silent);
	try {
		await port.ensureTopics(["message.created"]);
		await port.produce([{ topic: "message.created", key: "chat", value: "{}" }]);
		return null;
	} catch (err) {
		return misconfigured(err) ?? String(err);
	} finally {
		await port.close();
	}
}

test.each(["plain", "scram-sha-256", "scram-sha-512"] as const)(
	"Kafka takes what comes by %s",
	async mechanism => {
		expect(await troubleWith({ sasl: { ...SASL, mechanism } })).toBeNull();
		const wrong = await troubleWith({ sasl: { ...SASL, mechanism, password: "wrong" } });
		expect(wrong).toMatch(/^Kafka refuses the login: .*See CHAT_KAFKA_SASL/);
	},
);

test("a Kafka that another authority has signed is refused, with the variable to look at", async () => {
	expect(await troubleWith({ caFile: certificates.otherCa })).toMatch(
		/^Kafka is not trusted: .*certificate.*See CHAT_KAFKA_CA_FILE\./,
	);
});
