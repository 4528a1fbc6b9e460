/** The relay under faults: bridges that die and freeze, a Kafka that goes away. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { newId } from "../../lib/ids.ts";
import type { Exit } from "../../lib/log/change.ts";
import type { BridgeProcess } from "../support/bridge.ts";
import { startServers } from "../support/servers.ts";

// What reads the configuration is imported once there are servers to name.
const servers = await startServers({ postgres: true, kafka: true });
process.env.TEST_DATABASE_URL = servers.databaseUrl;
process.env.CHAT_KAFKA_BROKERS = servers.kafkaBrokers;
process.env.CHAT_KAFKA_PARTITIONS = "3";
const { testBroker } = await import("../support/broker.ts");
const { compare, startBridge } = await import("../support/bridge.ts");
const { countOf, eventually, givenGroup, readTopic, sendSome } = await import("../support/events.ts");
const { laneOf } = await import("../../lib/log/cloud-event.ts");

const LEASE_MS = 1_500;
const settings = {
	leaseMs: LEASE_MS,
	renewEveryMs: 300,
	watchEveryMs: 500,
	sendTimeoutMs: 3_000,
	pollEveryMs: 200,
};

let t: Awaited<ReturnType<typeof testBroker>>;
let ann: string;
let bridges: BridgeProcess[];
beforeAll(async () => {
	t = await testBroker();
	ann = await t.user();
	bridges = await Promise.all([startBridge(settings), startBridge(settings)]);
	await eventually(async () => (await lanesHeld()) === 16, 30_000);
}, 120_000);
afterAll(async () => {
	await Promise.all(bridges.map(bridge => bridge.kill9()));
	await t.stop();
	await servers.stop();
});

const lanesHeld = async () =>
	(await t.db.query<{ n: number }>(`SELECT count(*) AS n FROM ${t.db.t.lanes} WHERE until > now()`))[0]?.n ??
	0;
const drained = (ms: number) => eventually(async () => (await countOf(t.db, t.db.t.outbox)) === 0, ms);
const result = () => compare(t.db, servers.kafkaBrokers);

/** Most commits are handed over, some of them late; the others are found in the outbox. */
const exit: Exit = {
	publish(events, outbox) {
		const chance = Math.random();
		if (chance < 0.1) return;
		const tell = () => {
			for (const bridge of bridges) bridge.tell({ stream: "a writer", n: 1, events, outbox });
		};
		if (chance < 0.2) setTimeout(tell, Math.random() * 100);
		else tell();
	},
};

/** People send in six chats until it is over. @returns how many sends failed */
async function underLoad(faults: () => Promise<void>): Promise<number> {
	let over = false;
	let failed = 0;
	const chats = await Promise.all(Array.from({ length: 6 }, () => givenGroup(t.db, [ann])));
	const sending = chats.map(async chatId => {
		while (!over) {
			await sendSome(t.db, chatId, ann, 1, { exit }).catch(() => failed++);
			await sleep(Math.random() * 10);
		}
	});
	try {
		await faults();
	} finally {
		over = true;
		await Promise.all(sending);
	}
	return failed;
}

test("two bridges share the lanes evenly", async () => {
	await eventually(async () => {
		const rows = await t.db.query<{ n: number }>(`SELECT count(*) AS n FROM ${t.db.t.lanes} GROUP BY owner`);
		return rows.length === 2 && rows.every(({ n }) => n === 8);
	});
});

/** Rows of few lanes, so that those that overtake each other often share one. */
function keyInLane(lane: number): string {
	for (;;) {
		const key = newId();
		if (laneOf(key) === lane) return key;
	}
}

test("I25: no row is skipped though transactions commit out of the order of their ids", async () => {
	const { outbox } = t.db.t;
	const topic = `${t.db.schema}.user.updated`;
	const written = new Set<string>();
	let inversions = 0;
	let lastCommitted = 0;
	const write = async () => {
		for (let i = 0; i < 150; i++) {
			const key = keyInLane(i % 2);
			const id = await t.db.tx(async query => {
				const [row] = await query<{ id: number }>(
					`INSERT INTO ${outbox} (lane, topics, key, event_id, event) VALUES ($1, '{user.updated}', $2, $3, $2) RETURNING id`,
					[laneOf(key), key, key],
				);
				// Now and then so long that the relay has published what came after it.
				await sleep(i % 15 === 0 ? 200 : Math.random() * 10);
				return row?.id ?? 0;
			});
			if (id < lastCommitted) inversions++;
			lastCommitted = Math.max(lastCommitted, id);
			written.add(key);
		}
	};
	await Promise.all(Array.from({ length: 6 }, write));
	await drained(30_000);
	expect(inversions).toBeGreaterThan(50);
	const onKafka = new Set((await readTopic(servers.kafkaBrokers, topic)).map(({ key }) => key));
	expect([written.size, onKafka.size, written.difference(onKafka).size]).toEqual([900, 900, 0]);
}, 60_000);

test("I23: relays and Kafka killed ten times leave each chat's first occurrences in order", async () => {
	await underLoad(async () => {
		for (let kill = 0; kill < 10; kill++) {
			await sleep(500 + Math.random() * 500);
			if (kill % 5 === 4) {
				await servers.kafka?.kill9();
				await servers.kafka?.restart();
			} else {
				const i = kill % 2;
				await bridges[i]?.kill9();
				bridges[i] = await startBridge(settings);
			}
		}
	});
	await drained(60_000);
	expect(await result()).toMatchObject({ missing: 0, extra: 0, misordered: 0 });
}, 180_000);

test("I27: a relay that was frozen for longer than its lease does not break the order", async () => {
	await underLoad(async () => {
		for (let i = 0; i < 4; i++) {
			const frozen = bridges[i % 2] as BridgeProcess;
			await sleep(500);
			frozen.sigstop();
			await sleep(2 * LEASE_MS);
			frozen.sigcont();
			await sleep(500);
		}
	});
	await drained(30_000);
	expect(await result()).toMatchObject({ missing: 0, extra: 0, misordered: 0 });
}, 120_000);

test("I22: Kafka away for 30 s under load stops nobody, and all of it is there afterwards", async () => {
	let recoveredMs = 0;
	const failed = await underLoad(async () => {
		await servers.kafka?.kill9();
		await sleep(30_000);
		await servers.kafka?.restart();
		const startedAt = Date.now();
		await eventually(async () => {
			const [row] = await t.db.query<{ s: number }>(
				`SELECT coalesce(max(extract(epoch FROM now() - created_at)), 0)::float8 AS s FROM ${t.db.t.outbox}`,
			);
			return (row?.s ?? 0) < 2;
		}, 60_000);
		recoveredMs = Date.now() - startedAt;
	});
	await drained(30_000);
	expect(failed).toBe(0);
	expect(recoveredMs).toBeLessThan(60_000);
	const found = await result();
	expect(found).toMatchObject({ missing: 0, extra: 0, misordered: 0 });
	expect(found.total).toBeGreaterThan(5_000);
}, 180_000);

test("I24 and I29: after all of it the audit log has each event once, and its chains are right", async () => {
	const { verifyAudit } = await import("../../lib/audit/verify.ts");
	const total = await countOf(t.db, t.db.t.messages);
	const counted = async () => {
		const [row] = await t.db.query<{ n: number }>(
			`SELECT sum(messages)::float8 AS n FROM ${t.db.t.analyticsCounts} WHERE bucket = 'day'`,
		);
		return row?.n;
	};
	const audited = () => countOf(t.db, t.db.t.audit);
	await eventually(async () => (await audited()) >= total && ((await counted()) ?? 0) >= total, 60_000);
	expect([await audited(), await counted()]).toEqual([total, total]);
	expect(await verifyAudit(t.db)).toMatchObject({ rows: total, broken: [] });
}, 90_000);

test("a bridge that is told to stop ends within 5 s, with code 0", async () => {
	const startedAt = Date.now();
	expect(await bridges[0]?.stop()).toBe(0);
	// With what a busy machine adds.
	expect(Date.now() - startedAt).toBeLessThan(15_000);
});
