/** Kill -9 of every process, PostgreSQL, Redis and Kafka among them, at random moments while people talk. */
import { setTimeout as sleep } from "node:timers/promises";
import { chanceOf } from "../../support/chance.ts";
import { atLeast } from "../limits.ts";
import type { Workload } from "../workload/workload.ts";
import { atWork } from "./at-work.ts";
import { untilAcknowledged } from "./conclude.ts";
import type { Options, Outcome, Scenario } from "./scenario.ts";

/** So that 50 kills are among 5,000 sends. */
const SENDS_EACH = 100;
const SENDS_WITHIN_MS = 60_000;
const CALM_MS_MAX = 1_500;
/** Of the kills, those that are followed by another while everybody comes back. */
const AGAIN_SHARE = 0.25;

export const kill: Scenario = {
	name: "kill",
	does: "kill -9 of every process (all nodes, PostgreSQL, Redis, Kafka) at one random moment, again and again",
	covers: ["I1", "I3", "I7", "I8", "I9", "I12", "I17", "I18", "I22", "I23"],
	run,
};

async function run({ seed, nodes, kills, minutes, say, progress }: Options): Promise<Outcome> {
	const chance = chanceOf(seed);
	return atWork({ stage: { nodes }, work: { seed, mix: { vanish: 1 } } }, async (stage, work) => {
		const startedAt = Date.now();
		const done = (times: number) =>
			minutes === null ? times / kills : (Date.now() - startedAt) / (minutes * 60_000);
		let [times, sendsAgainMs] = [0, 0];
		for (; done(times) < 1; progress(Math.min(1, done(times)))) {
			await someSends(work);
			await sleep(chance() * CALM_MS_MAX);
			await stage.killAll();
			await stage.reviveAll();
			if (chance() < AGAIN_SHARE) {
				await sleep(chance() * CALM_MS_MAX);
				await stage.killAll();
				await stage.reviveAll();
				times++;
			}
			const tookMs = await untilAcknowledged(stage, work);
			sendsAgainMs = Math.max(sendsAgainMs, tookMs);
			say(`killed ${++times} times, ${work.acknowledged} sends acknowledged, again after ${tookMs} ms`);
		}
		return {
			fault: "every process killed at once",
			times,
			healedAt: Date.now(),
			sendsAgainMs,
			limits: ({ sends }) => [atLeast("I1", "sends acknowledged", sends, SENDS_EACH * times, "count")],
		};
	});
}

async function someSends(work: Workload): Promise<void> {
	const wanted = work.acknowledged + SENDS_EACH;
	const deadline = Date.now() + SENDS_WITHIN_MS;
	while (work.acknowledged < wanted) {
		if (Date.now() > deadline) throw new Error("Hardly any send is acknowledged any more.");
		await sleep(20);
	}
}
