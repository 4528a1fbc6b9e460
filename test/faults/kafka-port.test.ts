/** The port to Kafka when nobody answers: the links stay open, as on a machine that hangs. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Logger } from "moleculer";
import { kafkajsPort } from "../../services/kafka-bridge/port.kafkajs.ts";
import type { KafkaPort } from "../../services/kafka-bridge/port.ts";
import { type ServerProcess, startKafka } from "../support/servers.ts";

const SEND_TIMEOUT_MS = 5_000;
const quiet = { debug() {}, info() {}, warn() {}, error() {} } as unknown as Logger;
let kafka: ServerProcess;
let port: KafkaPort;
const got: string[] = [];

beforeAll(async () => {
	kafka = await startKafka();
	port = kafkajsPort(
		{
			brokers: [kafka.url],
			security: { tls: false, caFile: null, sasl: null },
			namespace: "hang",
			partitions: 1,
			replication: 1,
			sendTimeoutMs: SEND_TIMEOUT_MS,
			sessionTimeoutMs: 6_000,
			fetchWaitMs: 100,
		},
		quiet,
	);
	await port.ensureTopics(["user.updated"]);
	port.consume("watchers", ["user.updated"], async ({ records }) => {
		got.push(...records.map(({ value }) => value ?? ""));
		return undefined;
	});
}, 120_000);
afterAll(async () => {
	await port.close();
	await kafka.stop();
});

const send = (...values: string[]) =>
	port.produce(values.map(value => ({ topic: "user.updated", key: "k", value })));
async function arrived(...values: string[]) {
	const deadline = Date.now() + 30_000;
	while (!values.every(value => got.includes(value))) {
		if (Date.now() > deadline) throw new Error(`Of ${values} only ${got} arrived.`);
		await new Promise(resolve => setTimeout(resolve, 50));
	}
}

test("a send that hangs is given up, and the next one after the outage goes through", async () => {
	await send("before");
	await arrived("before");
	await kafka.sigstop();
	const startedAt = Date.now();
	await expect(send("during")).rejects.toMatchObject({ name: "KafkaAway" });
	// Its own client would wait for half a minute, and try again.
	expect(Date.now() - startedAt).toBeLessThan(SEND_TIMEOUT_MS + 10_000);
	expect(await port.ping()).toBe(false);
	await kafka.sigcont();
	await send("after");
	await arrived("after");
}, 60_000);

test("a record that is too large is refused, and what is sent behind it is not taken for a repetition of it", async () => {
	await send("1", "2", "3");
	await expect(send("4", "x".repeat(2_000_000))).rejects.toMatchObject({
		name: "KafkaRefused",
		message: "MESSAGE_TOO_LARGE",
	});
	await send("4");
	await send("5");
	await arrived("1", "2", "3", "4", "5");
	expect(got.filter(value => value.length === 1)).toEqual(["1", "2", "3", "4", "5"]);
}, 60_000);

test("a consumer whose Kafka was killed goes on from where it was", async () => {
	await kafka.kill9();
	await kafka.restart();
	for (let tries = 0; tries < 50; tries++) {
		const sent = await send("again").then(
			() => true,
			() => false,
		);
		if (sent) break;
		await new Promise(resolve => setTimeout(resolve, 200));
	}
	await arrived("again");
}, 90_000);
