/** One server is away for a while, in each way that it can be, while people talk; nothing of Parley is restarted. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Finding } from "../checks/finding.ts";
import { atMost, type Limited } from "../limits.ts";
import type { Deed } from "../record.ts";
import { SERVERS, type ServerName, Stage, WAYS, type Way } from "../stage.ts";
import { Workload } from "../workload/workload.ts";
import { conclude, longestOf, type Measured, untilAcknowledged } from "./conclude.ts";
import type { Figures, Options, Outcome, Scenario } from "./scenario.ts";

const CALM_MS = 2_000;
/** People, not a load test: the question is what becomes of each operation. */
const PAUSE_MS = 60;
/** A call between nodes is given up after 10 s, and its caller has its answer within a second more. */
const CALL_MS_MAX = 11_000;
/** Share of what is asked while a server is away that nobody needs. */
const FAILED_MAX = 0.001;

interface Outage {
	label: string;
	covers: string[];
	/** Of a full run, how long it stays killed: what it did not take meanwhile has to be kept for it. */
	fullMinutes?: number;
	/** @param during what was begun while it was away */
	limits(figures: Measured, during: readonly Deed[], work: Workload): Limited[];
}

const OUTAGES: Record<ServerName, Outage> = {
	postgres: {
		label: "PostgreSQL",
		covers: ["I1", "I3", "I7", "I8", "I9", "I17", "I18", "I22", "I30"],
		limits: ({ sendsAgainMs, found }, during, { bare }) => [
			atMost("I30", "connections cut off", sumOf(bare.map(({ cutOff }) => cutOff)), 0, "count"),
			atMost("I30", "acknowledged and not stored", found.lost ?? 0, 0, "count"),
			atMost(
				"I30",
				"refused with another code than UNAVAILABLE",
				during.filter(isOtherwise).length,
				0,
				"count",
			),
			atMost("I30", "longest answer", longestOf(during), 5_000),
			atMost("I30", "sends again after", sendsAgainMs, 10_000),
		],
	},
	redis: {
		label: "Redis",
		covers: ["I1", "I7", "I8", "I9", "I15", "I17", "I18", "I22", "I31"],
		limits: ({ caughtUpMs }, during) => [
			atMost("I31", "sends refused or unanswered", failedShareOf("send", during), FAILED_MAX, "share"),
			atMost("I31", "pages refused or unanswered", failedShareOf("look", during), FAILED_MAX, "share"),
			atMost("I31", "longest call", longestOf(during), CALL_MS_MAX),
			atMost("I31", "all caught up after", caughtUpMs, 15_000),
		],
	},
	kafka: {
		label: "Kafka",
		covers: ["I1", "I7", "I17", "I22", "I23"],
		fullMinutes: 5,
		limits: ({ drainedMs }, during) => [
			atMost("I22", "sends refused or unanswered", failedShareOf("send", during), FAILED_MAX, "share"),
			atMost("I22", "Kafka has all after", drainedMs, 60_000),
		],
	},
};

export const outages: readonly Scenario[] = SERVERS.map(server => ({
	name: `outage-${server}`,
	does: `${OUTAGES[server].label} away from all nodes: ${WAYS.join(", ")}`,
	covers: OUTAGES[server].covers,
	fullMinutes: OUTAGES[server].fullMinutes,
	run: options => run(server, options),
}));

/** Of sends, or pages, the share that did not succeed at once. */
function failedShareOf(does: "send" | "look", deeds: readonly Deed[]): number {
	const asked = deeds.filter(deed => deed.does === does);
	return asked.filter(({ outcome, errors }) => outcome !== "ok" || errors > 0).length / asked.length;
}

/** Of those that were answered. Whoever is where they want to be already has repeated what had no answer. */
const isOtherwise = ({ does, code }: Deed): boolean =>
	code !== undefined && code !== "UNAVAILABLE" && does !== "join" && does !== "leave";

const sumOf = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);

async function run(server: ServerName, options: Options): Promise<Outcome> {
	const stage = await Stage.start({ nodes: options.nodes });
	const all: Outcome = { figures: [], findings: [] };
	try {
		await stage.install();
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
	{ seed, seconds: short, minutes }: Options,
): Promise<{ figures: Figures; findings: Finding[] }> {
	const seconds = way === "killed" && minutes !== null ? minutes * 60 : short;
	const work = await Workload.on(stage, { seed, pauseMs: PAUSE_MS });
	const { label, limits } = OUTAGES[server];
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
		return await conclude(stage, work, {
			fault: `${label} ${way}`,
			lasted: seconds,
			healedAt,
			sendsAgainMs,
			between: [awayAt, backAt],
			limits: (figures, during) => limits(figures, during, work),
		});
	} finally {
		await work.end();
	}
}
