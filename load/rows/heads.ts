/** Whether commits of several nodes wait for each other where their people write to the same chats. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Servers } from "../../test/support/servers.ts";
import { cpuMeter, settleIn } from "../bench/cpu.ts";
import { Crowd } from "../bench/crowd.ts";
import { type Result, wrongOf } from "../bench/tally.ts";
import { parley, type Scenario } from "../bench/targets.ts";
import { withTables } from "../stage/outbox.ts";
import type { Figures, Row } from "./row.ts";

/** Each chat has people at every node. */
const SCENARIO: Scenario = { name: "heads", rooms: 40, members: 8 };
const ROOMS = [4, 40] as const;
/** With more than one node, also without the hint that has one of them take a chat's sends. */
const STANDS = [
	{ count: 1, homes: "on" },
	{ count: 2, homes: "off" },
	{ count: 2, homes: "on" },
	{ count: 4, homes: "off" },
	{ count: 4, homes: "on" },
] as const;
const RATE = 300;
const SECONDS = 5;
const WARM_SECONDS = 4;
/** Messages under way where it goes as fast as it can. */
const UNDER_WAY = 200;
const LOOK_EVERY_MS = 10;

export const heads: Row = {
	name: "heads",
	what: "messages/s that four nodes on one core carry beside one, all writing to the same 4 chats",
	unit: "x one node",
	better: "more",
	floor: 0.5,
	aim: 0.8,
	async measure({ servers, env }, progress): Promise<Figures> {
		const highest = new Map<string, number>();
		const details: Figures["details"] = {};
		const wrong: string[] = [];
		for (const [i, { count, homes }] of STANDS.entries()) {
			const target = parley(`${count} nodes`, { ...env, CHAT_SEND_HOMES: homes }, { nodeCount: count });
			const stand = await target.start(servers, SCENARIO, share => progress((i + share / 2) / STANDS.length));
			try {
				settleIn(stand);
				for (const rooms of ROOMS) {
					const label = `${count} nodes${homes === "on" ? "" : " without homes"}, ${rooms} chats`;
					const crowd = await Crowd.gather(target, stand, { ...SCENARIO, rooms }, () => {});
					await crowd.run(RATE, WARM_SECONDS);
					const used = cpuMeter(stand, target, servers);
					const [even, waiting] = await watched(servers, () => crowd.run(RATE, SECONDS));
					const { server, postgres } = used();
					const [full, fullWaiting] = await watched(servers, () => crowd.saturate(UNDER_WAY, SECONDS));
					crowd.close();
					wrong.push(...wrongOf(label, even), ...wrongOf(`${label}, full`, full));
					if (homes === "on") highest.set(`${count} ${rooms}`, rateOf(full));
					Object.assign(details, {
						[`${label}: p50 and p99 at ${RATE}/s, ms`]: `${even.p50.toFixed(1)} and ${even.p99.toFixed(0)}`,
						[`${label}: node and PostgreSQL, µs a message`]: `${(server / even.sent).toFixed(0)} + ${(postgres / even.sent).toFixed(0)}`,
						[`${label}: of its time a node's commit waits, %`]: (100 * waiting) / count,
						[`${label}: full, messages/s`]: rateOf(full),
						[`${label}: full, p50 and p99, ms`]: `${full.p50.toFixed(0)} and ${full.p99.toFixed(0)}`,
						[`${label}: full, of its time a node's commit waits, %`]: (100 * fullWaiting) / count,
					});
				}
			} finally {
				await stand.stop();
			}
		}
		const figure = (highest.get("4 4") ?? Number.NaN) / (highest.get("1 4") ?? Number.NaN);
		return { figure, details, wrong };
	},
};

const rateOf = ({ acknowledged, seconds }: Result) => acknowledged / seconds;

/** Runs `work`, and looks now and then who waits for a row in PostgreSQL. @returns how many do in the mean */
function watched<T>({ databaseUrl }: Servers, work: () => Promise<T>): Promise<[T, number]> {
	return withTables(databaseUrl, async client => {
		let isOver = false;
		let looks = 0;
		let waiting = 0;
		const looking = (async () => {
			for (; !isOver; looks++) {
				const { rows } = await client.query(
					`SELECT count(*)::int AS waiting FROM pg_stat_activity
					 WHERE wait_event_type = 'Lock' AND application_name = 'parley'`,
				);
				waiting += rows[0].waiting;
				await sleep(LOOK_EVERY_MS);
			}
		})();
		const result = await work();
		isOver = true;
		await looking;
		return [result, waiting / looks];
	});
}
