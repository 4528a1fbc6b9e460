/** What the bench says: a line for each step, a table at the end, and what a message cost. */
import { table } from "../print/table.ts";
import type { CoresUse } from "../stage/cores.ts";
import type { Drain } from "../stage/outbox.ts";
import type { Cost } from "./costs.ts";
import { type Climb, P99_MAX_MS } from "./stairs.ts";
import type { Step } from "./steps.ts";
import { type Result, wrongCounts } from "./tally.ts";
import { BARE_SOCKET_IO } from "./targets.ts";

export interface Row {
	scenario: string;
	server: string;
	climb: Climb<Step>;
	/** At a single rate, what a message of it cost. */
	costs?: Cost[];
}

/** A shorter wait for the outbox is none. */
const DRAIN_SAID_S = 0.5;

/** Where the clients' core is full, the figure is theirs and not the server's. */
function inWords({ server, load }: CoresUse): string {
	const stolen = server.stolen + load.stolen;
	const busy = `server's core ${server.busy.toFixed(0)} %, clients' ${load.busy.toFixed(0)} %`;
	return stolen >= 1 ? `${busy}, ${stolen.toFixed(0)} % stolen` : busy;
}

function perSecond(result: Result | null): number {
	return result ? result.delivered / result.seconds : 0;
}

/** With PostgreSQL's, where there is one. */
function cpuOf(step: Step | null | undefined): number {
	const cpu = step?.cpuPerDelivery;
	return cpu ? cpu.server + cpu.postgres : Number.NaN;
}

export function line(label: string, step: Step, good: boolean): string {
	const { offered, p50, p99, outbox } = step;
	return [
		`${label}: ${offered} messages/s, ${perSecond(step).toFixed(0)} deliveries/s`,
		`p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`,
		...wrongCounts(step),
		...(outbox ? waitOf(outbox) : []),
		...(good ? [] : ["beyond"]),
		inWords(step.cores),
	].join(", ");
}

/** Where events waited for Kafka, in words. */
function waitOf({ seconds, left }: Drain): string[] {
	if (left > 0) return [`${left} events still wait for Kafka after ${seconds.toFixed(0)} s`];
	return seconds < DRAIN_SAID_S ? [] : [`outbox empty after ${seconds.toFixed(1)} s`];
}

/** With ratios to bare Socket.IO. */
export function printTable(rows: readonly Row[]): void {
	const bareOf = (scenario: string) =>
		rows.find(row => row.scenario === scenario && row.server === BARE_SOCKET_IO.name);
	const lines = rows.map(({ scenario, server, climb: { best, half } }) => {
		const bare = bareOf(scenario);
		const ratio = bare ? perSecond(best) / perSecond(bare.climb.best) : Number.NaN;
		const byCpu = cpuOf(bare?.climb.best) / cpuOf(best);
		const rate = (result: Result | null) => (result ? result.sent / result.seconds : 0).toFixed(0);
		return [
			scenario,
			server,
			rate(best),
			perSecond(best).toFixed(0),
			cell(ratio, 2),
			cell(best?.p99, 0),
			cell(half?.p50, 1),
			cell(half?.p99, 1),
			cell(best?.cpuPerDelivery.server, 1),
			cell(best?.cpuPerDelivery.postgres, 1),
			cell(byCpu, 2),
		];
	});
	const head = [
		"scenario",
		"server",
		"messages/s",
		"deliveries/s",
		"ratio",
		"p99 ms",
		"p50 ms at half",
		"p99 ms at half",
		"CPU µs a delivery",
		"and PostgreSQL's",
		"ratio by CPU",
	];
	console.log(
		`\n${table(head, lines)}\nThe highest rate, found twice, without loss and with a p99 of delivery below ${P99_MAX_MS} ms; ratios are to ${BARE_SOCKET_IO.name}.\n`,
	);
}

/** Beside the least that it can be. */
export function printCosts({ scenario, server, costs = [] }: Row): void {
	if (costs.length === 0) return;
	const head = [`a message of ${scenario}, ${server}`, "measured", "least"];
	const lines = costs.map(({ what, measured, least }) => [what, short(measured), short(least)]);
	console.log(`\n${table(head, lines)}`);
}

/** Empty where there is none. */
const cell = (value: number | undefined, digits: number): string =>
	value !== undefined && Number.isFinite(value) ? value.toFixed(digits) : "";

const short = (value: number | null): string =>
	value === null ? "" : value >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(2)));
