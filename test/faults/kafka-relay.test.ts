/** The relay under faults: bridges that die and freeze, a Kafka that goes away. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import kafkajs from "kafkajs";
import type { Consumer } from "../../contracts/kafka.ts";
import { newId } from "../../lib/ids.ts";
import type { Exit } from "../../lib/log/change.ts";
import type { BridgeProcess } from "../support/bridge.ts";
import { changedSource } from "../support/changed-source.ts";
import { figure, inWords } from "../support/figure.ts";
import { proxy } from "../support/proxy.ts";
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
const FREEZES = 4;
/** What a relay may have published of its lanes and not deleted yet when it freezes. */
const REPEATED_MAX = 500;
const NEEDED_S = 0.7;
/** PostgreSQL ends after 3.5 s what is left open, and a moment later its lanes have a new holder; the rest is for the machine. */
const HELD_UP_S_MAX = 8;
/** The metric is as of the last look at the outbox. */
const SHOWN_LATE_S_MAX = 1.5;
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
	await eventually(async () => (await lanesOf()).length === 16, 30_000);
}, 120_000);
afterAll(async () => {
	await Promise.all(bridges.map(bridge => bridge.kill9()));
	await t.stop();
	await servers.stop();
});

/** The lanes that somebody holds, or one bridge. */
async function lanesOf(bridge?: BridgeProcess): Promise<number[]> {
	const rows = await t.db.query<{ lane: number }>(
		`SELECT lane FROM ${t.db.t.lanes} WHERE until > now() AND owner LIKE $1`,
		[bridge ? `%-${bridge.pid}-%/%` : "%"],
	);
	return rows.map(({ lane }) => lane);
}
const haveHalfEach = async () => {
	const lanes = await Promise.all(bridges.map(lanesOf));
	return lanes.length === 2 && lanes.every(({ length }) => length === 8);
};
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

const sixChats = () => Promise.all(Array.from({ length: 6 }, () => givenGroup(t.db, [ann])));

/** People send in some chats until it is over. @returns how many sends failed */
async function underLoad(faults: () => Promise<void>, chatIds?: string[]): Promise<number> {
	let over = false;
	let failed = 0;
	const chats = chatIds ?? (await sixChats());
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
	await eventually(haveHalfEach);
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
	figure(
		"I25",
		`${onKafka.size} of ${written.size} rows, ${inversions} of them committed after one that follows them`,
	);
}, 60_000);

const KILLS = 10;

test("I23: relays and Kafka killed ten times leave each chat's first occurrences in order", async () => {
	await underLoad(async () => {
		for (let kill = 0; kill < KILLS; kill++) {
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
	const found = await result();
	expect(found).toMatchObject({ missing: 0, extra: 0, misordered: 0 });
	figure(
		"I23",
		`relays or Kafka killed ${KILLS} times: of ${inWords(found.total)} events none was first told out of order`,
	);
}, 180_000);

const seconds = (s: number) => `${s.toFixed(1)} s`;

/** Groups in lanes of each bridge, as many for the one as for the other. */
async function groupsIn(lanes: number[][], ofEach: number): Promise<string[][]> {
	const groups: string[][] = lanes.map(() => []);
	while (groups.some(some => some.length < ofEach)) {
		const chatId = await givenGroup(t.db, [ann]);
		const some = groups[lanes.findIndex(held => held.includes(laneOf(chatId)))];
		if (some && some.length < ofEach) some.push(chatId);
	}
	return groups;
}

/** How long the oldest row of these lanes waits, in seconds. */
async function oldestIn(lanes: number[]): Promise<number> {
	const [row] = await t.db.query<{ s: number }>(
		`SELECT coalesce(max(extract(epoch FROM now() - created_at)), 0)::float8 AS s FROM ${t.db.t.outbox}
		 WHERE lane = ANY($1::smallint[])`,
		[lanes],
	);
	return row?.s ?? 0;
}

/** For how many seconds some transaction has been left open with locks on lanes; 0 where it is no longer than a relay may need. */
async function leftOpen(): Promise<number> {
	const [row] = await t.db.query<{ s: number | null }>(
		`SELECT max(extract(epoch FROM clock_timestamp() - a.state_change))::float8 AS s
		 FROM pg_stat_activity a JOIN pg_locks l USING (pid)
		 WHERE a.state = 'idle in transaction' AND l.relation = $1::regclass AND l.mode = 'RowExclusiveLock'`,
		[t.db.t.lanes],
	);
	const s = row?.s ?? 0;
	return s > NEEDED_S ? s : 0;
}

test("I26: a transaction that a bridge leaves open holds up its lanes until PostgreSQL ends it, which the metric shows", async () => {
	const line = await proxy(servers.databaseUrl);
	await bridges[0]?.kill9();
	bridges[0] = await startBridge(settings, line.url);
	await eventually(haveHalfEach);
	const [away, sound] = bridges as [BridgeProcess, BridgeProcess];
	const [locked, free] = [await lanesOf(away), await lanesOf(sound)];
	const groups = await groupsIn([locked, free], 3);
	const before = await countOf(t.db, t.db.t.messages);
	const waited = { open: 0, locked: 0, free: 0, shown: 0 };
	let isFreeKept = true;
	const look = async () => {
		const [kept, open, inLocked, inFree, shown] = await Promise.all([
			lanesOf(sound),
			leftOpen(),
			oldestIn(locked),
			oldestIn(free),
			sound.metric("parley_outbox_oldest_seconds"),
		]);
		isFreeKept &&= free.every(lane => kept.includes(lane));
		waited.open = Math.max(waited.open, open);
		waited.locked = Math.max(waited.locked, inLocked);
		waited.free = Math.max(waited.free, inFree);
		waited.shown = Math.max(waited.shown, shown);
		return { open, inLocked, shown };
	};

	const failed = await underLoad(async () => {
		await sleep(500);
		// The statement that locks its lanes arrives, and no word of it comes back: the commit is never sent.
		line.dropDownFrom("renew-lanes");
		await eventually(async () => (await leftOpen()) > 0, 10_000);
		line.blackhole(); // else it would hang up, and PostgreSQL would know
		await eventually(async () => (await look()).open === 0, 15_000);
		await eventually(async () => (await lanesOf(sound)).length === 16, 10_000);
		await eventually(async () => {
			const { inLocked, shown } = await look();
			return inLocked < 1 && shown < 1;
		}, 15_000);
	}, groups.flat());
	await drained(30_000);
	await away.kill9();
	await line.close();
	bridges[0] = await startBridge(settings);

	expect(failed).toBe(0);
	expect(waited.locked).toBeGreaterThan(2);
	expect(waited.locked).toBeLessThan(HELD_UP_S_MAX);
	expect(isFreeKept).toBe(true);
	expect(waited.shown).toBeGreaterThan(waited.locked - SHOWN_LATE_S_MAX);
	const found = await result();
	expect(found).toMatchObject({ missing: 0, extra: 0, misordered: 0 });
	figure(
		"I26",
		`a transaction left open with ${locked.length} of ${locked.length + free.length} lanes locked, which PostgreSQL ended ` +
			`after ${seconds(waited.open)}: the oldest event in its lanes waited ${seconds(waited.locked)} (the metric showed ` +
			`${seconds(waited.shown)}), in others ${seconds(waited.free)}; of ${inWords(found.total - before)} events none was ` +
			"missing or out of order",
	);
}, 120_000);

test("I27: a relay that was frozen for longer than its lease does not break the order", async () => {
	await eventually(haveHalfEach);
	const before = await result();
	await underLoad(async () => {
		for (let i = 0; i < FREEZES; i++) {
			const frozen = bridges[i % 2] as BridgeProcess;
			await sleep(500);
			frozen.sigstop();
			await sleep(2 * LEASE_MS);
			// Another has all of its lanes by now.
			await eventually(async () => (await lanesOf(bridges[(i + 1) % 2])).length === 16, 5_000);
			frozen.sigcont();
			await sleep(500);
		}
	});
	await drained(30_000);
	const found = await result();
	expect(found).toMatchObject({ missing: 0, extra: 0, misordered: 0 });
	const repeated = found.repeated - before.repeated;
	expect(repeated).toBeLessThan(FREEZES * REPEATED_MAX);
	figure(
		"I27",
		`a relay frozen ${FREEZES} times for ${(2 * LEASE_MS) / 1_000} s, twice its lease: of ` +
			`${inWords(found.total - before.total)} events none was missing or out of order, and ${inWords(repeated)} came twice`,
	);
}, 120_000);

const AWAY_MS = 30_000;

test("I22: Kafka away for 30 s under load stops nobody, and all of it is there afterwards", async () => {
	let recoveredMs = 0;
	const failed = await underLoad(async () => {
		await servers.kafka?.kill9();
		await sleep(AWAY_MS);
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
	figure(
		"I22",
		`Kafka away for ${AWAY_MS / 1_000} s: ${failed} sends failed, all of ${inWords(found.total)} events there ` +
			`${seconds(recoveredMs / 1_000)} after it was back`,
	);
}, 180_000);

/** Once every message is in the audit log and in the counts, and in neither twice. @returns how many there are */
async function applied(): Promise<number> {
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
	return total;
}

/** What a consumer has applied, and what it has told Kafka of that: the sums of its next offsets. */
async function offsetsOf(consumer: Consumer): Promise<{ applied: number; committed: number }> {
	const [row] = await t.db.query<{ n: number }>(
		`SELECT coalesce(sum(next_offset), 0)::float8 AS n FROM ${t.db.t.consumed}
		 WHERE consumer = $1 AND source LIKE 'chat.events-%'`,
		[consumer],
	);
	const client = new kafkajs.Kafka({
		brokers: servers.kafkaBrokers.split(","),
		logLevel: kafkajs.logLevel.NOTHING,
	});
	const admin = client.admin();
	await admin.connect();
	const topic = `${t.db.schema}.chat.events`;
	const [offsets] = await admin.fetchOffsets({ groupId: `${t.db.schema}.${consumer}`, topics: [topic] });
	await admin.disconnect();
	const committed = offsets?.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
	return { applied: row?.n ?? 0, committed: committed ?? 0 };
}

const DIES_IN: readonly Consumer[] = ["audit", "analytics"];

test("I24: a consumer that dies between the commit of what it wrote and that of its offset has applied each event once", async () => {
	await Promise.all(bridges.map(bridge => bridge.kill9()));
	let repeated = 0;
	for (const consumer of DIES_IN) {
		const mortal = changedSource([
			{
				file: "services/kafka-bridge/port.kafkajs.consumer.ts",
				find: "\t\t\tresolveOffset(",
				replace: `\t\t\tif (this.#options.group.endsWith(".${consumer}")) process.kill(process.pid, "SIGKILL");\n\t\t\tresolveOffset(`,
			},
		]);
		try {
			const before = await offsetsOf(consumer);
			for (const chatId of await sixChats()) await sendSome(t.db, chatId, ann, 5);
			const dies = await startBridge(settings, undefined, mortal.root);
			expect(await dies.ended).toBeNull();
			const after = await offsetsOf(consumer);
			expect(after.applied).toBeGreaterThan(before.applied);
			expect(after.committed).toBeLessThan(after.applied);
			repeated += after.applied - after.committed;
		} finally {
			mortal.remove();
		}
	}
	bridges = await Promise.all([startBridge(settings), startBridge(settings)]);
	await applied();
	figure(
		"I24",
		`consumers killed ${DIES_IN.length} times between their commit in PostgreSQL and that of their offset: ` +
			`${inWords(repeated)} events delivered again, none applied again`,
	);
}, 120_000);

test("I24 and I29: after all of it the audit log has each event once, and its chains are right", async () => {
	const { verifyAudit } = await import("../../lib/audit/verify.ts");
	const total = await applied();
	expect(await verifyAudit(t.db)).toMatchObject({ rows: total, broken: [] });
	figure(
		"I24",
		`after all these faults ${inWords(total)} events, each once in the audit log and in the counts`,
	);
	figure("I29", `after all these faults ${inWords(total)} rows verify`);
}, 90_000);

test("a bridge that is told to stop ends within seconds, with code 0", async () => {
	const startedAt = Date.now();
	expect(await bridges[0]?.stop()).toBe(0);
	// With what a busy machine adds.
	expect(Date.now() - startedAt).toBeLessThan(15_000);
});
