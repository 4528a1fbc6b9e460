/**
 * `npm run bench`: how much one node carries, everything on, on real PostgreSQL, Redis and Kafka. Server and database
 * share one core, the clients have the other. What is compared runs in the same run, round by round in turn, so that a
 * machine that is slow for a while is slow for both: take the ratios, not the figures.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startNode } from "../../test/support/nodes.ts";
import { startServers } from "../../test/support/servers.ts";
import { cpuSeconds, pin } from "./machine.ts";
import { progressBar } from "./progress.ts";
import { median, table } from "./report.ts";
import { type Crowd, gather, run, type Scenario } from "./scenario.ts";
import type { Result } from "./tally.ts";

const { values: options } = parseArgs({
	options: {
		seconds: { type: "string", default: "5" },
		rounds: { type: "string", default: "3" },
		small: { type: "boolean", default: false },
	},
});

const SCENARIOS: (Scenario & { rate: number })[] = options.small
	? [
			{ name: "room of 50", rooms: 1, members: 50, rate: 400 },
			{ name: "direct", rooms: 25, members: 2, rate: 400 },
		]
	: [
			{ name: "4 rooms of 50", rooms: 4, members: 50, rate: 2_000 },
			{ name: "100 direct pairs", rooms: 100, members: 2, rate: 3_000 },
		];

/** What is held against the default, each with one thing taken away. */
const VARIANTS: { name: string; env: Record<string, string> }[] = [
	{ name: "as shipped", env: {} },
	{ name: "one statement per message", env: { CHAT_COMMIT_BATCH: "1" } },
	{ name: "one emit per message", env: { CHAT_FANOUT: "each" } },
];

interface Row {
	scenario: string;
	variant: string;
	rate: number;
	cpuMicrosPerDelivery: number;
	result: Result;
}

const seconds = Number(options.seconds);
const rounds = Number(options.rounds);
const servers = await startServers({ postgres: true, redis: true, kafka: true });
const rows: Row[] = [];
let failed = false;

try {
	pin(process.pid, 1);
	if (servers.postgres?.pid) pin(servers.postgres.pid, 0);
	for (const scenario of SCENARIOS) rows.push(...(await compare(scenario)));
	report();
} finally {
	await servers.stop();
}
process.exit(failed ? 1 : 0);

/** All variants of one scenario, each on a node of its own, one under load at a time. */
async function compare(scenario: Scenario & { rate: number }): Promise<Row[]> {
	const stands = [];
	for (const [i, variant] of VARIANTS.entries()) {
		const node = await startNode({
			CHAT_NAMESPACE: `bench_${Date.now().toString(36)}_${i}`,
			CHAT_JWT_SECRET: "only for a benchmark on this machine",
			CHAT_DATABASE_URL: servers.databaseUrl,
			CHAT_REDIS_URL: servers.redisUrl,
			CHAT_KAFKA_BROKERS: servers.kafkaBrokers,
			CHAT_KAFKA_PARTITIONS: "2",
			...variant.env,
		});
		pin(node.child.pid as number, 0);
		const bar = progressBar(`${scenario.name}, ${variant.name}: people`);
		const crowd = await gather(node.url, scenario, (done, of) => bar.at(done / of));
		bar.end();
		stands.push({ variant, node, crowd });
	}
	const measured: Row[] = [];
	for (let round = 1; round <= rounds; round++) {
		for (const { variant, node, crowd } of stands) {
			const bar = progressBar(`${scenario.name}, ${variant.name}: round ${round} of ${rounds}`);
			const cpuBefore = cpuSeconds(node.child.pid as number);
			const result = await run(crowd, scenario.rate, seconds, share => bar.at(share));
			const cpu = cpuSeconds(node.child.pid as number) - cpuBefore;
			bar.end();
			measured.push({
				scenario: scenario.name,
				variant: variant.name,
				rate: scenario.rate,
				cpuMicrosPerDelivery: (cpu * 1e6) / Math.max(1, result.delivered),
				result,
			});
		}
	}
	for (const { node, crowd } of stands) await close(node, crowd);
	return measured;
}

async function close(node: Awaited<ReturnType<typeof startNode>>, crowd: Crowd) {
	for (const client of crowd.clients) client.close();
	await node.stop();
}

function report() {
	const wrong = rows.filter(({ result }) => result.lost + result.doubled + result.misordered > 0);
	const lines = SCENARIOS.flatMap(({ name, rate }) =>
		VARIANTS.map(variant => line(name, variant.name, rate)),
	);
	const head = [
		"scenario",
		"variant",
		"offered/s",
		"acknowledged/s",
		"delivered/s",
		"lost",
		"doubled",
		"out of order",
		"p50 ms",
		"p95 ms",
		"p99 ms",
		"CPU µs a delivery",
		"CPU ratio",
		"rate ratio",
	];
	const text = table(head, lines);
	console.log(
		`\n${text}\nMedians of ${rounds} rounds of ${seconds} s, the variants in turn. Ratios are to "as shipped".\n`,
	);
	mkdirSync("load/results", { recursive: true });
	writeFileSync(
		"load/results/bench.json",
		`${JSON.stringify({ at: new Date().toISOString(), cpu: cpuModel(), rows }, null, "\t")}\n`,
	);
	failed = wrong.length > 0;
	if (failed) console.error(`${wrong.length} rounds lost, doubled or misordered messages.`);
}

function line(scenario: string, variant: string, rate: number): string[] {
	const of = (wanted: string) => rows.filter(row => row.scenario === scenario && row.variant === wanted);
	const mid = (wanted: string, pick: (row: Row) => number) => median(of(wanted).map(pick));
	const sum = (pick: (row: Row) => number) =>
		String(of(variant).reduce((total, row) => total + pick(row), 0));
	const perSecond = (wanted: string) => mid(wanted, ({ result }) => result.acknowledged / result.seconds);
	return [
		scenario,
		variant,
		String(rate),
		perSecond(variant).toFixed(0),
		mid(variant, ({ result }) => result.delivered / result.seconds).toFixed(0),
		sum(({ result }) => result.lost),
		sum(({ result }) => result.doubled),
		sum(({ result }) => result.misordered),
		mid(variant, ({ result }) => result.p50).toFixed(1),
		mid(variant, ({ result }) => result.p95).toFixed(1),
		mid(variant, ({ result }) => result.p99).toFixed(1),
		mid(variant, row => row.cpuMicrosPerDelivery).toFixed(1),
		(
			mid(variant, row => row.cpuMicrosPerDelivery) / mid("as shipped", row => row.cpuMicrosPerDelivery)
		).toFixed(2),
		(perSecond(variant) / perSecond("as shipped")).toFixed(2),
	];
}

function cpuModel(): string {
	return execFileSync("sh", ["-c", "grep -m1 'model name' /proc/cpuinfo || uname -m"]).toString().trim();
}
