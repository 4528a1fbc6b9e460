/** A node works for long, and holds no more at the end than at the beginning. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Work } from "../../../load/soak/work.ts";
import { atMost } from "../limits.ts";
import type { Options, Outcome, Scenario } from "./scenario.ts";

const ROOT = path.resolve(import.meta.dirname, "../../..");
/** A heap takes minutes to reach its size: of less than this no slope says anything. */
const JUDGED_MINUTES = 30;
const GROWTH_IN_TEN_MINUTES_MAX = 0.01;
/** Besides the work itself: seeding, finding the rate. */
const AROUND_MS = 5 * 60_000;

interface SoakResult {
	minutes: number;
	rate: number;
	done: Work["done"];
	wrong: Work["wrong"];
	slopes: { name: string; isHeld: boolean; mean: number; inTenMinutes: number }[];
}

export const soak: Scenario = {
	name: "soak",
	does: "a node works at a third of its core (`npm run soak`)",
	covers: ["I42"],
	fullMinutes: 60,
	run,
};

async function run({ minutes }: Options): Promise<Outcome> {
	const { rate, done, wrong, slopes, ...ran } = await soakFor(minutes ?? 1);
	const sends = done["sends by socket"] + done["sends over REST"];
	const ok = Object.values(done).reduce((sum, count) => sum + count, 0);
	const failed = Object.values(wrong).reduce((sum, count) => sum + count, 0);
	const held = ran.minutes < JUDGED_MINUTES ? [] : slopes.filter(({ isHeld }) => isHeld);
	const figures = {
		fault: `none: ${rate} acts a second for ${ran.minutes} minutes`,
		times: 1,
		lasted: null,
		sends,
		ok,
		failed,
		unknown: 0,
		during: null,
		longestMs: null,
		sendsAgainMs: null,
		caughtUpMs: null,
		drainedMs: 0,
		ended: 0,
		found: {},
		limits: [
			atMost("I42", "lost, twice, refused or left out", failed, 0, "count"),
			...held.map(({ name, mean, inTenMinutes }) =>
				atMost(
					"I42",
					`${name} (${Math.round(mean)} on average), growth in ten minutes`,
					inTenMinutes,
					GROWTH_IN_TEN_MINUTES_MAX,
					"share",
				),
			),
		],
	};
	return { figures: [figures], findings: [] };
}

async function soakFor(minutes: number): Promise<SoakResult> {
	const folder = mkdtempSync(path.join(tmpdir(), "parley-soak-"));
	try {
		const child = spawn(
			process.execPath,
			["load/soak/soak.ts", "--minutes", String(minutes), "--results", folder, "--charts", folder],
			{ cwd: ROOT, stdio: "inherit" },
		);
		const limit = setTimeout(() => child.kill(), minutes * 60_000 + AROUND_MS);
		await new Promise(resolve => child.once("exit", resolve));
		clearTimeout(limit);
		return JSON.parse(readFileSync(path.join(folder, "soak.json"), "utf8")) as SoakResult;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
