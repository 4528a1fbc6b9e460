/** What the bench says that a step took: its own CPU for its own deliveries. */
import { expect, test } from "@jest/globals";
import { metered, type Step } from "../../load/bench/steps.ts";
import type { Result } from "../../load/bench/tally.ts";

/** A machine whose host takes so many percent of it away in each step, one after the other. */
function bench(stolen: number[]) {
	const spent = { cpu: 0, step: -1 };
	const run = async (offered: number): Promise<Result> => {
		spent.step++;
		spent.cpu += 1_000;
		const counts = { wanted: 10, sent: 10, acknowledged: 10, refused: 0, unanswered: 0, delivered: 10 };
		return { offered, ...counts, lost: 0, doubled: 0, misordered: 0, p50: 1, p99: 2, seconds: 1 };
	};
	let asked = 0;
	const cpu = () => {
		const server = spent.cpu - asked;
		asked = spent.cpu;
		return { server, postgres: server / 2 };
	};
	const cores = () => {
		const use = { busy: 50, stolen: stolen[spent.step] ?? 0 };
		return { server: use, load: { busy: 50, stolen: 0 } };
	};
	/** Whoever relays has work after the last delivery. */
	const drain = async () => {
		spent.cpu += 500;
		return { seconds: 0.1, left: 0 };
	};
	const discarded: Step[] = [];
	const steps = metered({ run }, { cpu, cores, drain, traffic: async () => null }, step =>
		discarded.push(step),
	);
	const idle = () => {
		spent.cpu += 7_000;
	};
	return { steps, idle, discarded };
}

test("what is used until the outbox is empty is the step's, and nothing between two steps is", async () => {
	const { steps, idle } = bench([]);
	for (let i = 0; i < 2; i++) {
		idle();
		expect((await steps.run(100, 1)).cpuPerDelivery).toEqual({ server: 150, postgres: 75 });
	}
});

test("a step that the host disturbed is made once more, and what it took is thrown away with it", async () => {
	const { steps, discarded } = bench([30, 2]);
	const step = await steps.run(100, 1);
	expect(step).toMatchObject({ cpuPerDelivery: { server: 150 }, cores: { server: { stolen: 2 } } });
	expect(discarded).toHaveLength(1);
});

test("a step that is disturbed twice is taken as it is", async () => {
	const { steps, discarded } = bench([30, 40, 50]);
	expect((await steps.run(100, 1)).cores.server.stolen).toBe(40);
	expect(discarded).toHaveLength(1);
});
