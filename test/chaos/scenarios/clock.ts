/** One node's clock jumps an hour ahead, two hours back, and to where it belongs, while people talk, go and come back. */
import { globSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { needProgram } from "../../support/servers/install.ts";
import { atLeast, atMost } from "../limits.ts";
import type { Stage } from "../stage.ts";
import { until } from "../until.ts";
import { atWork } from "./at-work.ts";
import { untilAcknowledged } from "./conclude.ts";
import type { Options, Outcome, Scenario } from "./scenario.ts";

const NODES = 3;
const CALM_MS = 2_000;
const PAUSE_MS = 30;
const HOUR_S = 3_600;
const STEPS = [HOUR_S, -HOUR_S, 0];
const SEEN_WITHIN_MS = 10_000;
/** Of a node's time, which it tells in whole seconds. */
const NEAR_MS = 3_000;

export const clock: Scenario = {
	name: "clock",
	does: "the clock of one of three nodes an hour ahead, an hour behind, and right again (libfaketime)",
	covers: ["I1", "I7", "I8", "I9", "I10", "I12", "I17", "I18", "I22", "I23"],
	run,
};

async function run({ seed, seconds, progress }: Options): Promise<Outcome> {
	const folder = mkdtempSync(path.join(tmpdir(), "parley-clock-"));
	const file = path.join(folder, "offset");
	/** Whole at every moment: the node may read it at any. */
	const step = (offsetS: number) => {
		writeFileSync(`${file}.new`, `${offsetS < 0 ? "" : "+"}${offsetS}\n`);
		renameSync(`${file}.new`, file);
	};
	step(0);
	const faketime = {
		LD_PRELOAD: await library(),
		FAKETIME_TIMESTAMP_FILE: file,
		FAKETIME_CACHE_DURATION: "1",
		// A stepped clock moves the time of day alone.
		FAKETIME_DONT_FAKE_MONOTONIC: "1",
	};
	try {
		return await atWork(
			{
				stage: { nodes: NODES },
				install: { envs: [{}, {}, faketime] },
				work: { seed, pauseMs: PAUSE_MS, mix: { vanish: 2 } },
			},
			async (stage, work) => {
				await sleep(CALM_MS);
				const begunAt = Date.now();
				let seen = 0;
				for (const [i, offsetS] of STEPS.entries()) {
					step(offsetS);
					seen += Number(await until(() => tells(stage, offsetS), SEEN_WITHIN_MS));
					await sleep(seconds * 1_000);
					progress((i + 1) / STEPS.length);
				}
				const healedAt = Date.now();
				const sendsAgainMs = await untilAcknowledged(stage, work);
				return {
					fault: "one node's clock 1 h ahead, 1 h behind, right again",
					lasted: seconds,
					healedAt,
					sendsAgainMs,
					between: [begunAt, healedAt],
					limits: ({ found }) => [
						atLeast("I10", "steps that the node made", seen, STEPS.length, "count"),
						atMost("I10", "out of order", found.misordered ?? 0, 0, "count"),
						atMost("I10", "counted wrong", found.miscounted ?? 0, 0, "count"),
					],
				};
			},
		);
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

/** Whether the last node's clock is so far from ours. */
async function tells({ gateways }: Stage, offsetS: number): Promise<boolean> {
	const { headers } = await fetch(`${gateways.at(-1)}/health/liveness`);
	const told = Date.parse(headers.get("date") ?? "");
	return Math.abs(told - Date.now() - offsetS * 1_000) < NEAR_MS;
}

/** What is loaded before the node, so that it asks there for the time. */
async function library(): Promise<string> {
	await needProgram("faketime", ["faketime"]);
	const [found] = globSync("/usr/lib/*/faketime/libfaketimeMT.so.1");
	if (!found) throw new Error("libfaketimeMT.so.1 is not where Debian has it.");
	return found;
}
