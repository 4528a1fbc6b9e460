/** The links of nodes to PostgreSQL, Redis, Kafka and clients fail at random, one after another, each in one way of many. */
import { setTimeout as sleep } from "node:timers/promises";
import type { TcpProxy } from "../../support/proxy.ts";
import { SERVERS } from "../stage.ts";
import { Choices } from "../workload/choices.ts";
import { atWork } from "./at-work.ts";
import { untilAcknowledged } from "./conclude.ts";
import type { Options, Outcome, Scenario } from "./scenario.ts";

const PAUSE_MS = 40;
/** Longer than any timeout of a node, now and then. */
const LASTS_MS_MAX = 6_000;
const CALM_MS_MAX = 500;
const BYTES_MAX = 20_000;
const DELAY_MS_MAX = 300;
const BPS = 20_000;

const WEATHERS: readonly ((line: TcpProxy, chance: number) => unknown)[] = [
	line => line.cut(),
	(line, chance) => line.cutAfterBytes(1 + Math.floor(chance * BYTES_MAX)),
	line => line.delay(0, DELAY_MS_MAX),
	line => line.rateBps(BPS),
	line => line.dropDown(),
	line => line.blackhole(),
	line => line.refuse(),
];

export const links: Scenario = {
	name: "links",
	does: "one link of a node to PostgreSQL, Redis, Kafka or its clients after another is cut, cut in the middle, delayed, slow, mute, dead or refused, at random",
	covers: ["I1", "I3", "I7", "I8", "I9", "I15", "I17", "I18", "I22", "I23"],
	run,
};

async function run({ seed, nodes, seconds, minutes, progress }: Options): Promise<Outcome> {
	const choices = new Choices(seed);
	return atWork(
		{ stage: { nodes, doors: true }, work: { seed, pauseMs: PAUSE_MS, mix: { vanish: 1 } } },
		async (stage, work) => {
			const lines = [...SERVERS.flatMap(server => stage.lines(server)), ...stage.doors];
			const lastsMs = minutes === null ? 3_000 * seconds : 60_000 * minutes;
			const begunAt = Date.now();
			let times = 0;
			for (; Date.now() < begunAt + lastsMs; times++) {
				const line = choices.one(lines);
				await choices.one(WEATHERS)(line, choices.chance());
				await sleep(choices.chance() * LASTS_MS_MAX);
				await line.pass();
				await sleep(choices.chance() * CALM_MS_MAX);
				progress(Math.min(1, (Date.now() - begunAt) / lastsMs));
			}
			const healedAt = Date.now();
			const sendsAgainMs = await untilAcknowledged(stage, work);
			return {
				fault: "a link to a server or to clients failed",
				times,
				healedAt,
				sendsAgainMs,
				between: [begunAt, healedAt],
			};
		},
	);
}
