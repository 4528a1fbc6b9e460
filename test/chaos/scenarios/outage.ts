/** One server is away for a while, in each way that it can be, while people talk; nothing of Parley is restarted. */
import { setTimeout as sleep } from "node:timers/promises";
import { countKinds } from "../checks/examine.ts";
import type { Finding } from "../checks/finding.ts";
import { rest, verdictOn } from "../evidence.ts";
import { SERVERS, type ServerName, Stage, WAYS, type Way } from "../stage.ts";
import { Workload } from "../workload/workload.ts";
import { untilAcknowledged } from "./kill.ts";
import { countDeeds, type Figures, GRACE_MS, type Options, type Outcome, type Scenario } from "./scenario.ts";

const CALM_MS = 2_000;
/** People, not a load test: the question is what becomes of each operation. */
const PAUSE_MS = 60;
const REST_WITHIN_MS = 90_000;

const COVERS: Record<ServerName, string[]> = {
	postgres: ["I1", "I3", "I7", "I8", "I9", "I17", "I18", "I22", "I30"],
	redis: ["I1", "I7", "I8", "I9", "I15", "I17", "I18", "I22", "I31"],
	kafka: ["I1", "I7", "I17", "I22", "I23"],
};
const NAMES: Record<ServerName, string> = { postgres: "PostgreSQL", redis: "Redis", kafka: "Kafka" };

export const outages: readonly Scenario[] = SERVERS.map(server => ({
	name: `outage-${server}`,
	does: `${NAMES[server]} away from all nodes: ${WAYS.join(", ")}`,
	covers: COVERS[server],
	run: options => run(server, options),
}));

async function run(server: ServerName, options: Options): Promise<Outcome> {
	const stage = await Stage.start(options.nodes);
	const all: Outcome = { figures: [], findings: [] };
	try {
		await stage.install({ env: { CHAT_CONSUMERS: "off" } });
		for (const [i, way] of WAYS.entries()) {
			const { figures, findings } = await one(stage, server, way, options);
			all.figures.push(figures);
			all.findings.push(...findings);
			options.progress((i + 1) / WAYS.length);
			const { during, longestMs, sendsAgainMs, caughtUpMs, drainedMs } = figures;
			options.say(
				`${figures.fault}: ${during?.ok} of ${during?.calls} calls begun meanwhile succeeded, the longest took ${longestMs} ms; sends again after ${sendsAgainMs} ms, devices ${caughtUpMs} ms, Kafka ${drainedMs} ms; ${findings.length} findings`,
			);
		}
	} finally {
		await stage.stop();
	}
	return all;
}

async function one(
	stage: Stage,
	server: ServerName,
	way: Way,
	{ seed, seconds }: Options,
): Promise<{ figures: Figures; findings: Finding[] }> {
	const work = await Workload.on(stage, { seed, pauseMs: PAUSE_MS });
	try {
		work.start();
		await sleep(CALM_MS);
		await stage.away(server, way);
		const awayAt = Date.now();
		await sleep(seconds * 1_000);
		const backAt = Date.now();
		await stage.back(server, way);
		const healedAt = Date.now();
		const sendsAgainMs = await untilAcknowledged(stage, work);
		await work.stop();
		await work.lastWords();
		const rested = await rest(stage, work, REST_WITHIN_MS, healedAt);
		const findings = await verdictOn(stage, work, GRACE_MS);
		const calls = work.deeds.filter(({ at, ms }) => ms > 0 && at >= awayAt && at < backAt);
		const figures = {
			fault: `${NAMES[server]} ${way}`,
			times: 1,
			lasted: seconds,
			...countDeeds(work.deeds),
			during: { calls: calls.length, ok: calls.filter(({ outcome }) => outcome === "ok").length },
			sendsAgainMs,
			...rested,
			ended: stage.ended.length,
			found: countKinds(findings),
		};
		return { figures, findings };
	} finally {
		await work.end();
	}
}
