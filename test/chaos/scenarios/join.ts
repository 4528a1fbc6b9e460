/** A worker joins another, then a gateway joins two behind HAProxy, under load: each has its share within seconds. */
import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../../support/servers.ts";
import { atMost } from "../limits.ts";
import type { Deed } from "../record.ts";
import type { Stage } from "../stage.ts";
import type { Workload } from "../workload/workload.ts";
import { atWork } from "./at-work.ts";
import { untilAcknowledged } from "./conclude.ts";
import { GATEWAY, WORKER } from "./roles.ts";
import type { Options, Outcome, Scenario } from "./scenario.ts";

const ENVS = [GATEWAY, GATEWAY, WORKER, WORKER, GATEWAY];
/** The last ones, which join. */
const LATER = 2;
const [OLD_WORKER, NEW_WORKER, NEW_GATEWAY] = [2, 3, 4] as const;
const CALM_MS = 2_000;
const PAUSE_MS = 60;
const SHARE = 0.25;
const SHARE_WITHIN_MS = 10_000;
/** Gateways count their sockets once a second. */
const LOOK_EVERY_MS = 1_200;
const COME_EVERY_MS = 300;
/** What comes later would be work for this machine, and no news. */
const NEWCOMERS_MAX = 12;

export const join: Scenario = {
	name: "join",
	does: "a second worker joins two gateways and a worker under load, then a third gateway, behind HAProxy",
	covers: ["I1", "I7", "I8", "I12", "I17", "I22", "I33"],
	run,
};

async function run({ seed, seconds, progress }: Options): Promise<Outcome> {
	const metrics = await freePorts(ENVS.length);
	const envs = ENVS.map((env, i) => ({ ...env, CHAT_METRICS_PORT: String(metrics[i]) }));
	const read = (i: number, name: string) => metricOf(metrics[i] ?? 0, name);
	return atWork(
		{
			stage: { nodes: ENVS.length },
			install: { envs, front: "haproxy", later: LATER },
			work: { seed, pauseMs: PAUSE_MS },
		},
		async (stage, work) => {
			await sleep(CALM_MS);
			const begunAt = Date.now();
			const workerAt = Date.now();
			await startAt(stage, NEW_WORKER);
			const workerMs = await untilWorks(workerAt, i => read(i, 'moleculer_request_total{.*type="local".*}'));
			progress(1 / 3);
			await sleep((seconds * 1_000) / 2);
			const gatewayAt = Date.now();
			await startAt(stage, NEW_GATEWAY);
			const gatewayMs = await untilServes(gatewayAt, stage, work, () =>
				read(NEW_GATEWAY, "parley_sockets{.*}"),
			);
			progress(2 / 3);
			await sleep((seconds * 1_000) / 2);
			const healedAt = Date.now();
			const sendsAgainMs = await untilAcknowledged(stage, work);
			return {
				fault: "a worker joins, and then a gateway",
				healedAt,
				sendsAgainMs,
				between: [begunAt, healedAt],
				limits: (_, during) => [
					atMost(
						"I33",
						"a worker that is started has a quarter of the calls after",
						workerMs,
						SHARE_WITHIN_MS,
					),
					atMost(
						"I33",
						"a gateway that is started has a quarter of new connections after",
						gatewayMs,
						SHARE_WITHIN_MS,
					),
					atMost("I33", "sends that failed meanwhile", during.filter(isFailedSend).length, 0, "count"),
				],
			};
		},
	);
}

const startAt = (stage: Stage, i: number) => stage.startNode(stage.places[i] as Stage["places"][number]);

/** At the first try. */
const isFailedSend = ({ does, outcome, errors }: Deed): boolean =>
	does === "send" && (outcome !== "ok" || errors > 0);

/** Ms from its start until the worker that joined does its share of what both do. */
async function untilWorks(startedAt: number, callsOf: (i: number) => Promise<number>): Promise<number> {
	const count = () => Promise.all([callsOf(OLD_WORKER), callsOf(NEW_WORKER)]);
	let [old, young] = await count();
	return untilShare(
		startedAt,
		async () => {
			const [oldNow, youngNow] = await count();
			const [byOld, byYoung] = [oldNow - old, youngNow - young];
			[old, young] = [oldNow, youngNow];
			return byYoung / (byOld + byYoung);
		},
		500,
	);
}

/** Ms from its start until the gateway that joined has its share of those who came once it was there. */
async function untilServes(
	startedAt: number,
	stage: Stage,
	work: Workload,
	sockets: () => Promise<number>,
): Promise<number> {
	const [url] = stage.urls as [string];
	let [isOver, come] = [false, 0];
	const coming = (async () => {
		for (; !isOver && come < NEWCOMERS_MAX; come++) {
			await work.enter(url);
			await sleep(COME_EVERY_MS);
		}
	})();
	const ms = await untilShare(startedAt, async () => (await sockets()) / come, LOOK_EVERY_MS);
	isOver = true;
	await coming;
	return ms;
}

/** NaN, which keeps no limit, where it never has it. */
async function untilShare(since: number, shareOf: () => Promise<number>, everyMs: number): Promise<number> {
	while (Date.now() - since < 2 * SHARE_WITHIN_MS) {
		await sleep(everyMs);
		if ((await shareOf()) >= SHARE) return Date.now() - since;
	}
	return Number.NaN;
}

/** The sum of all series that match. */
async function metricOf(port: number, series: string): Promise<number> {
	const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
	const values = [...text.matchAll(new RegExp(`^${series} (\\d+)`, "gm"))];
	return values.reduce((sum, [, value]) => sum + Number(value), 0);
}
