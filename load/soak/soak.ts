/**
 * `npm run soak -- [--minutes 30]`: mixed work at about a third of what the server's core can do, for half an hour, to
 * see what grows. Ends with charts and a verdict in load/results/soak; fails where something grew, was lost or came twice.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { lineChart } from "../print/chart.ts";
import { progressBar } from "../print/progress.ts";
import { table } from "../print/table.ts";
import { meterOf } from "../stage/cpu.ts";
import { fill } from "../stage/fill.ts";
import { startStage } from "../stage/stage.ts";
import { chartsOf, LOOKED_AT } from "./charts.ts";
import { lookFromOutside, lookInside, mib, type Sample } from "./samples.ts";
import { slopeOf } from "./slope.rules.ts";
import { LAYOUT, Work } from "./work.ts";

const { values } = parseArgs({
	options: {
		minutes: { type: "string", default: "30" },
		/** Where the samples and the verdict go, and where the charts. */
		results: { type: "string", default: "load/results/soak" },
		charts: { type: "string", default: "load/results/soak" },
	},
});

const SAMPLE_MS = 5_000;
/** Of the server's core. */
const BUSY_WANTED = 1 / 3;
/** Acts a second to begin with, and how long each rate is tried before it is corrected. */
const FIRST_RATE = 150;
const TRIES = 3;
const TRY_MS = 8_000;
/** Before the first try: a node that has just begun compiles, which costs several times the work. */
const WARM_MS = 20_000;

const minutes = Number(values.minutes);
const folder = mkdtempSync(path.join(tmpdir(), "parley-soak-"));
const probe = path.join(folder, "probe.jsonl");
writeFileSync(probe, "");
const stage = await startStage({
	PARLEY_PROBE: probe,
	NODE_OPTIONS: `--import ${path.join(import.meta.dirname, "probe-process.ts")} --disable-warning=ExperimentalWarning`,
});
try {
	await fill(stage, LAYOUT, "soak");
	const work = new Work(Number(new URL(stage.node.url).port), stage.secret);
	await work.gather();
	const rate = await findRate(work);
	console.log(`${rate} acts a second for ${minutes} minutes.`);
	const samples = await watch(work);
	await work.stop();
	report(work, rate, samples);
} finally {
	await stage.stop();
	rmSync(folder, { recursive: true, force: true });
}

/** The acts a second that keep the server's core busy for a third. */
async function findRate(work: Work): Promise<number> {
	let rate = FIRST_RATE;
	work.run(rate);
	await sleep(WARM_MS);
	for (let i = 0; i < TRIES; i++) {
		work.run(rate);
		await sleep(TRY_MS / 2); // what the new rate begins with does not count
		const busy = busyWatch();
		await sleep(TRY_MS);
		// What they do without any work is small: what they use goes with the rate.
		rate = Math.round(rate * Math.min(3, Math.max(0.3, BUSY_WANTED / busy())));
	}
	work.run(rate);
	return rate;
}

/** What the node and its PostgreSQL use of their core, as a share of it. */
function busyWatch(): () => number {
	const used = meterOf([stage.pids.node], stage.pids.postgres);
	let startedAt = performance.now();
	return () => {
		const { server, postgres } = used();
		const share = (server + postgres) / ((performance.now() - startedAt) * 1_000);
		startedAt = performance.now();
		return share;
	};
}

async function watch(work: Work): Promise<Sample[]> {
	const samples: Sample[] = [];
	const bar = progressBar(`${minutes} minutes`);
	const busy = busyWatch();
	const startedAt = performance.now();
	const seconds = () => (performance.now() - startedAt) / 1_000;
	work.delays.clear();
	for (let i = 1; seconds() < minutes * 60; i++) {
		await sleep(startedAt + i * SAMPLE_MS - performance.now());
		const inside = lookInside(probe);
		samples.push({
			second: Math.round(seconds()),
			...(await lookFromOutside(stage)),
			heap: mib(inside?.heap ?? Number.NaN),
			listeners: inside?.listeners ?? Number.NaN,
			loopP50: inside?.loopP50 ?? Number.NaN,
			loopP99: inside?.loopP99 ?? Number.NaN,
			deliveryP50: work.delays.quantile(0.5),
			deliveryP99: work.delays.quantile(0.99),
			busy: busy() * 100,
		});
		work.delays.clear();
		bar.at(seconds() / (minutes * 60));
	}
	bar.end();
	return samples;
}

function report({ done, wrong, refusals }: Work, rate: number, samples: Sample[]): void {
	mkdirSync(values.results, { recursive: true });
	mkdirSync(values.charts, { recursive: true });
	const slopes = LOOKED_AT.map(({ key, name, floor, isHeld = false }) => ({
		name,
		isHeld,
		...slopeOf(
			samples
				.map(sample => [sample.second, sample[key]] as const)
				.filter(([, value]) => !Number.isNaN(value)),
			floor,
		),
	}));
	for (const [name, chart] of chartsOf(samples))
		writeFileSync(path.join(values.charts, `${name}.svg`), lineChart(chart));
	const busy = samples.reduce((sum, sample) => sum + sample.busy, 0) / samples.length;
	const result = { at: new Date().toISOString(), minutes, rate, busy, done, wrong, slopes, samples };
	writeFileSync(path.join(values.results, "soak.json"), `${JSON.stringify(result, null, "\t")}\n`);
	const rows = slopes.map(({ name, mean, perHour, growth, inTenMinutes, grows }) => [
		name,
		mean.toFixed(1),
		perHour.toFixed(1),
		`${(growth * 100).toFixed(1)} %`,
		`${(inTenMinutes * 100).toFixed(2)} %`,
		grows ? "grows" : "holds",
	]);
	console.log(`\n${table(["", "mean", "an hour", "after the warm-up", "in ten minutes", ""], rows)}\n`);
	console.log(`The node and PostgreSQL kept ${busy.toFixed(0)} % of their core busy.`);
	console.log(
		Object.entries(done)
			.map(([what, count]) => `${count} ${what}`)
			.join(", "),
	);
	console.log(
		Object.entries(wrong)
			.map(([what, count]) => `${count} ${what}`)
			.join(", "),
	);
	for (const [why, count] of refusals) console.log(`Refused ${count} times: ${why}`);
	const isWrong = slopes.some(({ grows }) => grows) || Object.values(wrong).some(count => count > 0);
	console.log(isWrong ? "Something grew or went wrong." : "Nothing grew, and nothing was lost.");
	if (isWrong) process.exitCode = 1;
}
