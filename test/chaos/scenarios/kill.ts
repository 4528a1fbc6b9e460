/** Kill -9 of every process, PostgreSQL, Redis and Kafka among them, at random moments while people talk. */
import { setTimeout as sleep } from "node:timers/promises";
import { chanceOf } from "../../support/chance.ts";
import { countKinds } from "../checks/examine.ts";
import { rest, verdictOn } from "../evidence.ts";
import { Stage } from "../stage.ts";
import { Workload } from "../workload/workload.ts";
import { countDeeds, GRACE_MS, type Options, type Outcome, type Scenario } from "./scenario.ts";

/** So that 50 kills are among 5,000 sends. */
const SENDS_EACH = 100;
const SENDS_WITHIN_MS = 60_000;
const CALM_MS_MAX = 1_500;
const REST_WITHIN_MS = 90_000;

export const kill: Scenario = {
	name: "kill",
	does: "kill -9 of every process (all nodes, PostgreSQL, Redis, Kafka) at one random moment, again and again",
	covers: ["I1", "I3", "I7", "I8", "I9", "I12", "I17", "I18", "I22", "I23"],
	run,
};

async function run({ seed, nodes, kills, minutes, say, progress }: Options): Promise<Outcome> {
	const chance = chanceOf(seed);
	const stage = await Stage.start(nodes);
	let work: Workload | undefined;
	try {
		await stage.install({ env: { CHAT_CONSUMERS: "off" } });
		work = await Workload.on(stage, { seed, mix: { vanish: 1 } });
		const startedAt = Date.now();
		const done = (times: number) =>
			minutes === null ? times / kills : (Date.now() - startedAt) / (minutes * 60_000);
		work.start();
		let [times, sendsAgainMs] = [0, 0];
		for (; done(times) < 1; progress(Math.min(1, done(times)))) {
			await someSends(work);
			await sleep(chance() * CALM_MS_MAX);
			await stage.killAll();
			await stage.reviveAll();
			const tookMs = await untilAcknowledged(stage, work);
			sendsAgainMs = Math.max(sendsAgainMs, tookMs);
			say(`killed ${++times} times, ${work.acknowledged} sends acknowledged, again after ${tookMs} ms`);
		}
		const healedAt = Date.now();
		await work.stop();
		await work.lastWords();
		const rested = await rest(stage, work, REST_WITHIN_MS, healedAt);
		const findings = await verdictOn(stage, work, GRACE_MS);
		const figures = {
			fault: "every process killed at once",
			times,
			lasted: null,
			...countDeeds(work.deeds),
			during: null,
			sendsAgainMs,
			...rested,
			ended: stage.ended.length,
			found: countKinds(findings),
		};
		return { figures: [figures], findings };
	} finally {
		await work?.end();
		await stage.stop();
	}
}

async function someSends(work: Workload): Promise<void> {
	const wanted = work.acknowledged + SENDS_EACH;
	const deadline = Date.now() + SENDS_WITHIN_MS;
	while (work.acknowledged < wanted) {
		if (Date.now() > deadline) throw new Error("Hardly any send is acknowledged any more.");
		await sleep(20);
	}
}

/** Ms until each node acknowledges a send. */
export async function untilAcknowledged({ urls }: Stage, work: Workload): Promise<number> {
	const startedAt = Date.now();
	await Promise.all(urls.map(url => work.say(work.cast.chatIds[0] as string, url)));
	return Date.now() - startedAt;
}
