/** The model of large installations: its arithmetic, and that what is played message by message says the same. */
import { expect, test } from "@jest/globals";
import { workloadOf } from "../../load/model/arithmetic.ts";
import { compare } from "../../load/model/compare.ts";
import { type Costs, MEASURED } from "../../load/model/costs.ts";
import { type Bus, distinct, FULL, loadOf, planFor, type Workload } from "../../load/model/model.rules.ts";
import { simulate } from "../../load/model/simulate.rules.ts";

const PAIRS: Workload = { connections: 1_000, messagesPerSecond: 1_000, heard: [{ online: 2, share: 1 }] };
const FREE: Costs = {
	worker: { commit: 0, message: 0 },
	postgres: { commit: 0, message: 0 },
	gateway: { send: 0, delivery: 0 },
	hear: { packet: 0, message: 0 },
	tell: { packet: 0, message: 0 },
	redis: { packet: 0, message: 0 },
	still: { gateway: 0, postgres: 0, redis: 0, redisBytes: 0, kib: 0 },
	bytes: { event: 0, wal: 0, stored: 0, kafka: 0 },
	commitsPerSecond: 50,
};

test("by hand: a gateway hears all of the others' batches, and each is as many packets as there are other nodes", () => {
	const costs = { ...FREE, hear: { packet: 100, message: 10 }, redis: { packet: 10, message: 1 } };
	const load = loadOf(costs, PAIRS, { gateways: 3, workers: 2, shards: 1, brokers: 1, bus: "each" });
	expect(load).toMatchObject({ deliveries: 2_000, commits: 100, batch: 10, hearers: 4 });
	// 100 packets of 100 µs and 1,000 messages of 10.
	expect(load.hearing).toBeCloseTo(0.02);
	expect(load.redis).toMatchObject({ packetsIn: 400, packetsOut: 400 });
	// 400 of 10 µs, and 4,000 messages of 1.
	expect(load.redis.cores).toBeCloseTo(0.008);
});

test("by hand: with one channel Redis takes each packet once, and by chat only those who have somebody there hear", () => {
	const plan = { gateways: 3, workers: 2, shards: 1, brokers: 1 };
	expect(loadOf(FREE, PAIRS, { ...plan, bus: "one" }).redis).toMatchObject({
		packetsIn: 100,
		packetsOut: 400,
	});
	// Two people at three gateways are at 5/3 of them in the mean; and a relay.
	const load = loadOf(FREE, PAIRS, { ...plan, bus: "by chat" });
	expect(load.hearers).toBeCloseTo(5 / 3 + 1);
	expect(load.redis.packetsIn).toBe(1_000);
	expect(load.redis.packetsOut).toBeCloseTo(1_000 * (5 / 3 + 1));
});

test("by hand: a batch is a transaction at each server that has one of its chats", () => {
	const costs = { ...FREE, postgres: { commit: 1_000, message: 100 } };
	const plan = { gateways: 1, workers: 2, brokers: 1, bus: "one" } as const;
	expect(loadOf(costs, PAIRS, { ...plan, shards: 1 }).postgres.cores).toBeCloseTo(0.1 + 0.1);
	expect(loadOf(costs, PAIRS, { ...plan, shards: 4 }).postgres.cores).toBeCloseTo(
		0.1 * distinct(4, 10) + 0.1,
	);
});

test("a plan has the fewest nodes that are not too full, or there is none", () => {
	const costs = { ...FREE, gateway: { send: 0, delivery: 1_000 }, hear: { packet: 0, message: 100 } };
	// 2 cores of deliveries; hearing is a tenth of each.
	expect(planFor(costs, PAIRS, "one")).toMatchObject({ gateways: Math.ceil(2 / (FULL - 0.1)), workers: 1 });
	expect(planFor({ ...costs, hear: { packet: 0, message: 700 } }, PAIRS, "one")).toBeNull();
});

test.each<Bus>(["each", "one", "by chat"])(
	"what is played message by message is what the model says, bus: %s",
	bus => {
		const workload = workloadOf(3_000);
		const plan = { gateways: 12, workers: 4, shards: 4, brokers: 2, bus };
		const seen = simulate(MEASURED, workload, plan, { seed: 7, seconds: 3, chats: 5_000 });
		for (const { what, model, played } of compare(MEASURED, workload, plan, seen))
			expect([what, Math.abs(played / model - 1) < 0.05]).toEqual([what, true]);
	},
);

test("the same seed plays the same, another one differs", () => {
	const workload = workloadOf(300);
	const plan = { gateways: 3, workers: 2, shards: 1, brokers: 1, bus: "one" } as const;
	const play = (seed: number) => simulate(MEASURED, workload, plan, { seed, seconds: 1, chats: 100 });
	expect(play(1)).toEqual(play(1));
	expect(play(1)).not.toEqual(play(2));
});
