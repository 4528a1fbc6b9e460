/** Each service in a process of its own; one after the other is killed and started again, every few seconds, while people talk. */
import { setTimeout as sleep } from "node:timers/promises";
import { atLeast } from "../limits.ts";
import type { Deed } from "../record.ts";
import { atWork } from "./at-work.ts";
import { untilAcknowledged } from "./conclude.ts";
import { ALONE, GATEWAY } from "./roles.ts";
import type { Options, Outcome, Scenario } from "./scenario.ts";

/** People have another gateway to go to; of each of the others there is one. */
const ENVS = [GATEWAY, ...ALONE];
const EVERY_MS = 5_000;
const PAUSE_MS = 30;
const REPEATED_MS = 3_000;

export const services: Scenario = {
	name: "services",
	does: "two gateways and every other service, each in a process of its own: every 5 s the next one is killed and started again",
	covers: ["I1", "I3", "I7", "I8", "I9", "I12", "I17", "I18", "I22", "I23", "I33"],
	fullMinutes: 2,
	run,
};

async function run({ seed, kills, minutes, progress }: Options): Promise<Outcome> {
	const times = minutes === null ? Math.max(kills, ENVS.length) : Math.ceil((minutes * 60_000) / EVERY_MS);
	return atWork(
		{ stage: { nodes: ENVS.length }, install: { envs: ENVS }, work: { seed, pauseMs: PAUSE_MS } },
		async (stage, work) => {
			const begunAt = Date.now();
			for (let i = 0; i < times; i++) {
				const next = sleep(EVERY_MS);
				const place = stage.places[i % stage.places.length];
				if (!place) break;
				await stage.killNode(place);
				await stage.startNode(place);
				await next;
				progress((i + 1) / times);
			}
			const healedAt = Date.now();
			const sendsAgainMs = await untilAcknowledged(stage, work);
			await sleep(REPEATED_MS); // what is under way is repeated until it is known
			const { deeds } = work;
			return {
				fault: "a service killed, every 5 s the next",
				times,
				healedAt,
				sendsAgainMs,
				between: [begunAt, healedAt],
				limits: () => [
					atLeast("I33", "sends that succeeded, with repetitions", okShareOf(deeds), 0.99, "share"),
				],
			};
		},
	);
}

function okShareOf(deeds: readonly Deed[]): number {
	const sends = deeds.filter(({ does }) => does === "send");
	return sends.filter(({ outcome }) => outcome === "ok").length / sends.length;
}
