/** What it costs to share the work between nodes. */
import { cpuMeter, settleIn } from "../bench/cpu.ts";
import { Crowd } from "../bench/crowd.ts";
import { wrongOf } from "../bench/tally.ts";
import { parley, type Scenario } from "../bench/targets.ts";
import type { Cpu } from "../stage/cpu.ts";
import type { Figures, Row } from "./row.ts";

const SCENARIO: Scenario = { name: "room4", rooms: 4, members: 50 };
/** What four nodes carry on one core with room: where it is full, batches grow and hide what sharing costs. */
const RATE = 150;
const SECONDS = 8;
/** Faster, so that what runs often is compiled, by each node for itself. */
const WARM_RATE = 400;
const WARM_SECONDS = 10;
const COUNTS = [1, 2, 4] as const;

/** All of the nodes share one core, so more of them carry no more here: what can be told is what sharing costs. */
export const nodes: Row = {
	name: "nodes",
	what: `CPU a delivery with two nodes beside one, 4 rooms of 50 at ${RATE} messages/s`,
	unit: "x one node",
	better: "less",
	floor: 1.3,
	aim: 1.1,
	async measure({ servers, env }, progress): Promise<Figures> {
		const costs = new Map<number, Cpu & { share: number; p99: number }>();
		const wrong: string[] = [];
		for (const [i, count] of COUNTS.entries()) {
			const target = parley(`${count} nodes`, env, { nodeCount: count });
			const stand = await target.start(servers, SCENARIO, share => progress((i + share / 2) / COUNTS.length));
			try {
				const crowd = await Crowd.gather(target, stand, SCENARIO, () => {});
				settleIn(stand);
				await crowd.run(WARM_RATE, WARM_SECONDS);
				const used = cpuMeter(stand, target, servers);
				const result = await crowd.run(RATE, SECONDS);
				const { server, postgres } = used();
				crowd.close();
				wrong.push(...wrongOf(target.name, result));
				const each = { server: server / result.delivered, postgres: postgres / result.delivered };
				const share = (server + postgres) / (result.seconds * 1e4);
				costs.set(count, { ...each, share, p99: result.p99 });
			} finally {
				await stand.stop();
			}
		}
		const all = (count: number) => {
			const { server = Number.NaN, postgres = Number.NaN } = costs.get(count) ?? {};
			return server + postgres;
		};
		return {
			figure: all(2) / all(1),
			details: {
				"four nodes beside one": all(4) / all(1),
				...Object.fromEntries(
					[...costs].flatMap(([count, { server, postgres, share, p99 }]) => [
						[`${count} nodes: Parley, µs a delivery`, server],
						[`${count} nodes: PostgreSQL, µs a delivery`, postgres],
						[`${count} nodes and PostgreSQL, % of the core`, share],
						[`${count} nodes: p99 ms`, p99],
					]),
				),
			},
			wrong,
		};
	},
};
