/** One of two workers stands still for a while: the other does its work, and what it answers late does nothing twice. */
import { setTimeout as sleep } from "node:timers/promises";
import { atLeast, atMost } from "../limits.ts";
import type { Deed } from "../record.ts";
import { atWork } from "./at-work.ts";
import { longestOf, untilAcknowledged } from "./conclude.ts";
import { GATEWAY, WORKER } from "./roles.ts";
import type { Options, Outcome, Scenario } from "./scenario.ts";

const ENVS = [GATEWAY, WORKER, WORKER];
const CALM_MS = 2_000;
const PAUSE_MS = 60;
/** Of some 80. */
const CALLS_PER_S = 10;
/** Nodes are missed after 5 s without a heartbeat, and no call goes to them a second later. */
const MISSED_MS_MAX = 6_000;

export const freeze: Scenario = {
	name: "freeze",
	does: "one of two workers behind a gateway is stopped (SIGSTOP), and goes on later",
	covers: ["I1", "I3", "I7", "I8", "I9", "I17", "I18", "I22", "I23", "I34"],
	run,
};

async function run({ seed, seconds }: Options): Promise<Outcome> {
	return atWork(
		{ stage: { nodes: ENVS.length }, install: { envs: ENVS }, work: { seed, pauseMs: PAUSE_MS } },
		async (stage, work) => {
			await sleep(CALM_MS);
			const node = stage.places.at(-1)?.node;
			await node?.sigstop();
			const frozenAt = Date.now();
			await sleep(seconds * 1_000);
			const thawedAt = Date.now();
			await node?.sigcont();
			const sendsAgainMs = await untilAcknowledged(stage, work);
			const isLate = ({ at }: Deed) => at > frozenAt + MISSED_MS_MAX;
			const hasFailed = ({ outcome, errors }: Deed) => outcome !== "ok" || errors > 0;
			return {
				fault: "a worker frozen",
				lasted: seconds,
				healedAt: thawedAt,
				sendsAgainMs,
				between: [frozenAt, thawedAt],
				limits: ({ found }, during) => [
					atLeast(
						"I34",
						"calls begun 6 s later",
						during.filter(isLate).length,
						CALLS_PER_S * (seconds - MISSED_MS_MAX / 1_000),
						"count",
					),
					atMost("I34", "longest call", longestOf(during), MISSED_MS_MAX),
					atMost(
						"I34",
						"calls that failed though begun 6 s later",
						during.filter(isLate).filter(hasFailed).length,
						0,
						"count",
					),
					atMost("I34", "done twice", found.doubled ?? 0, 0, "count"),
				],
			};
		},
	);
}
