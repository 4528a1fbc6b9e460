/**
 * `npm run bench`: how much one core carries, everything on, on real PostgreSQL, Redis and Kafka, beside servers that do
 * less. The server has one core, with PostgreSQL where it stores; clients, Redis and Kafka have the other. All run in
 * the same run, one after the other: take the ratios, not the figures.
 */
import { parseArgs } from "node:util";
import { Client } from "pg";
import type { Servers } from "../../test/support/servers.ts";
import { progressBar } from "../print/progress.ts";
import { keepResults } from "../print/results.ts";
import { settleServers, watchCores } from "../stage/cores.ts";
import { type Machine, machineOf } from "../stage/facts.ts";
import { drain } from "../stage/outbox.ts";
import { profiledBy } from "../stage/parley.ts";
import { startMeasured } from "../stage/servers.ts";
import { costsOf } from "./costs.ts";
import { cpuMeter, settleIn } from "./cpu.ts";
import { Crowd } from "./crowd.ts";
import { line, printCosts, printTable, type Row } from "./report.ts";
import { benchSmall } from "./small.ts";
import { climb, stay } from "./stairs.ts";
import { metered, type Step, stolenIn } from "./steps.ts";
import { isBroken, type Result, wrongOf } from "./tally.ts";
import { BARE_SOCKET_IO, BARE_WS, parley, type Scenario, type Target, TUTORIAL } from "./targets.ts";
import { TrafficMeter } from "./traffic.ts";

const { values: options } = parseArgs({
	options: {
		seconds: { type: "string", default: "3" },
		/** Only one of them. */
		scenario: { type: "string", default: "" },
		/** Only those whose names have it. */
		server: { type: "string", default: "" },
		/** Also Parley with one of its ways taken away at a time. */
		variants: { type: "boolean", default: false },
		/** Only at that many messages a second, without stairs. */
		rate: { type: "string", default: "" },
		/** `cpu`: Parley writes a CPU profile to load/results/profile; `perf`: it names its functions to Linux's perf. */
		profile: { type: "string", default: "" },
		/** The form of it that fails at gross loss, in a minute; it takes none of the others. */
		small: { type: "boolean", default: false },
	},
});

/** With the rate at which each server's stairs begin, in messages a second. */
const SCENARIOS: (Scenario & { from: Record<string, number> })[] = [
	{ name: "room40", rooms: 40, members: 50, from: { ws: 1_000, io: 600, tutorial: 250, parley: 1_000 } },
	{ name: "room4", rooms: 4, members: 50, from: { ws: 1_000, io: 800, tutorial: 300, parley: 2_000 } },
	{ name: "direct", rooms: 500, members: 2, from: { ws: 15_000, io: 8_500, tutorial: 600, parley: 1_900 } },
];
const VARIANTS = [
	parley("Parley, its consumers on the same core", { CHAT_CONSUMERS: "on" }),
	parley("Parley, a transaction a message", { CHAT_COMMIT_BATCH: "1" }),
	parley("Parley, a write an event", { CHAT_FANOUT: "each" }),
];
const profiled = profiledBy(options.profile);
const TARGETS: { target: Target; from: string }[] = [
	{ target: BARE_SOCKET_IO, from: "io" },
	{ target: BARE_WS, from: "ws" },
	{ target: TUTORIAL, from: "tutorial" },
	{ target: parley("Parley", profiled), from: "parley" },
	...(options.variants ? VARIANTS.map(target => ({ target, from: "tutorial" })) : []),
];

/** At the first rate, until most of what runs often is compiled: what counts is a server that has been running. */
const WARM_SECONDS = 5;
/** How long a step's events may wait for Kafka until it is said. */
const DRAIN_MAX_S = 15;
const seconds = Number(options.seconds);
const rows: Row[] = [];
/** Promises that were broken in any step, in words. */
const broken: string[] = [];
if (options.small) process.exitCode = (await benchSmall()) ? 0 : 1;
else await benchAll();

async function benchAll(): Promise<void> {
	const servers = await startMeasured();
	try {
		settleServers(servers);
		for (const scenario of SCENARIOS.filter(({ name }) => !options.scenario || name === options.scenario))
			for (const { target, from } of TARGETS.filter(({ target }) => target.name.includes(options.server)))
				rows.push(await measure(servers, scenario, target, scenario.from[from] ?? 100));
		report(await machineOf(servers));
	} finally {
		await servers.stop();
	}
}

async function measure(servers: Servers, scenario: Scenario, target: Target, from: number): Promise<Row> {
	const label = `${scenario.name}, ${target.name}`;
	const bar = progressBar(label);
	const stand = await target.start(servers, scenario, share => bar.at(share / 2));
	const db = new Client({ connectionString: servers.databaseUrl });
	const { pid, pids = [pid], namespace } = stand;
	const traffic = new TrafficMeter(pids, db, servers.kafkaBrokers, namespace);
	try {
		await db.connect();
		await traffic.start();
		const crowd = await Crowd.gather(target, stand, scenario, share => bar.at((1 + share) / 2));
		bar.end();
		// Only now: what came before was no part of the work.
		settleIn(stand);
		const judge = (result: Result) => {
			if (isBroken(result, target.stores)) broken.push(...wrongOf(`${label} at ${result.offered}/s`, result));
		};
		const empty = async () => (namespace ? drain(db, namespace, DRAIN_MAX_S) : null);
		judge(await crowd.run(from, WARM_SECONDS));
		await empty();
		const meters = {
			cpu: cpuMeter(stand, target, servers),
			cores: watchCores(),
			traffic: async () => (options.rate ? traffic.read() : null),
			drain: empty,
		};
		const steps = metered(crowd, meters, step => {
			judge(step);
			console.log(
				`${label}: ${step.offered} messages/s again, since the host took ${stolenIn(step).toFixed(0)} % of a core`,
			);
		});
		const heard = (step: Step, good: boolean) => {
			judge(step);
			console.log(line(label, step, good));
		};
		const climbed = options.rate
			? await stay(steps, Number(options.rate), seconds, heard)
			: await climb(steps, from, seconds, heard);
		crowd.close();
		const costs = options.rate ? climbed.steps.flatMap(step => costsOf(scenario, step)) : undefined;
		return { scenario: scenario.name, server: target.name, climb: climbed, ...(costs && { costs }) };
	} finally {
		await traffic.stop();
		await db.end();
		await stand.stop();
	}
}

function report(machine: Machine): void {
	for (const row of rows) printCosts(row);
	printTable(rows);
	// A single rate is not the highest one, and does not take its place.
	const at = options.rate && ` at ${options.rate}/s`;
	const results = rows.map(row => [`${row.scenario}, ${row.server}${at}`, { seconds, ...row }]);
	keepResults("load/results/bench.json", Object.fromEntries(results), machine);
	for (const text of broken) console.error(text);
	if (broken.length > 0) process.exitCode = 1;
}
