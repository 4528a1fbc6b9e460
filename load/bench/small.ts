/**
 * The small form of the bench, in about a minute: whether Parley has become much slower than it was. It does not look
 * for the highest rate, which a noisy machine moves; it keeps Parley and bare Socket.IO busy in turn and compares the
 * CPU time of a delivery, which is the same thing where both fill their core.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { progressBar } from "../print/progress.ts";
import { table } from "../print/table.ts";
import { watchCores } from "../stage/cores.ts";
import { meterOf } from "../stage/cpu.ts";
import { fill } from "../stage/fill.ts";
import { apart, idOf, type Layout, userAt } from "../stage/layout.ts";
import { helloWith, messageWith, SOCKET_IO_PATH } from "../stage/sign-in.ts";
import { type Stage, startStage } from "../stage/stage.ts";
import { tokenOf } from "../stage/tokens.ts";
import { BOUNDS, type Bound, isLost, limitOf, type Pair, ratioOf } from "./bounds.rules.ts";
import { settleIn } from "./cpu.ts";
import { Crowd } from "./crowd.ts";
import { wrongOf } from "./tally.ts";
import { BARE_SOCKET_IO, parley, type Scenario, type Stand, type Target } from "./targets.ts";

/** Of which nobody is in two. */
const LAYOUTS: Record<string, Layout> = {
	room40: apart(20, 50),
	room4: apart(4, 50, 100_000, 100_000),
	direct: apart(250, 2, 200_000, 200_000),
};
/** Messages that are under way all the time: about as many as at the highest rate with a p99 below 200 ms. */
const UNDER_WAY = 300;
const WARM_SECONDS = 1.5;
const SECONDS = 1.5;
/** Of each scenario, the two servers one after the other. */
const PAIRS = 2;
/** So many more at most, where the host took more than so much of a core away, in percent, or all were below a limit. */
const REPEATS_MAX = 2;
const STOLEN_MAX = 10;

const FILE = "load/results/bench-small.json";

export interface SmallRow {
	scenario: string;
	/** How many deliveries Parley makes where bare Socket.IO makes one. */
	ratio: number;
	isLost: boolean;
	limit: number;
	/** All that was measured. */
	pairs: Pair[];
}

export interface SmallResult {
	rows: SmallRow[];
	/** What was lost, came twice or in another order, or was refused, in words. */
	wrong: string[];
}

interface Side {
	name: string;
	crowd: Crowd;
	cpu(): number;
}

/** Measures, prints a table, and leaves it in load/results. @returns whether nothing was lost */
export async function benchSmall(): Promise<boolean> {
	const result: SmallResult = { rows: [], wrong: [] };
	const stage = await startStage();
	try {
		for (const layout of Object.values(LAYOUTS)) await fill(stage, layout);
		for (const bound of BOUNDS) result.rows.push(await measure(stage, bound, result.wrong));
	} finally {
		await stage.stop();
	}
	report(result);
	return result.wrong.length === 0 && !result.rows.some(row => row.isLost);
}

async function measure(stage: Stage, bound: Bound, wrong: string[]): Promise<SmallRow> {
	const layout = LAYOUTS[bound.scenario] as Layout;
	const scenario: Scenario = { name: bound.scenario, rooms: layout.chats, members: layout.size };
	const bar = progressBar(scenario.name);
	const rival = await BARE_SOCKET_IO.start(stage.servers, scenario, () => {});
	try {
		settleIn(rival);
		const bare = await sideOf(BARE_SOCKET_IO, rival, scenario, undefined);
		const own = await sideOf(parley(), standIn(stage, layout), scenario, stage.pids.postgres);
		const sides = [bare, own] as const;
		for (const { crowd } of sides) await crowd.saturate(UNDER_WAY, WARM_SECONDS);
		const pairs: Pair[] = [];
		let wanted = PAIRS;
		while (pairs.length < wanted) {
			const cores = watchCores();
			pairs.push({ bare: await costOf(bare, wrong), own: await costOf(own, wrong) });
			const { server, load } = cores();
			const isDisturbed = server.stolen + load.stolen > STOLEN_MAX;
			const isLow = pairs.length === wanted && isLost(bound, ratioOf(pairs));
			if ((isDisturbed || isLow) && wanted < PAIRS + REPEATS_MAX) wanted++;
			bar.at(pairs.length / wanted);
		}
		for (const { crowd } of sides) crowd.close();
		const ratio = ratioOf(pairs);
		return {
			scenario: bound.scenario,
			ratio,
			isLost: isLost(bound, ratio),
			limit: limitOf(bound),
			pairs,
		};
	} finally {
		bar.end();
		await rival.stop();
	}
}

async function sideOf(
	target: Target,
	stand: Stand,
	scenario: Scenario,
	postgres: number | undefined,
): Promise<Side> {
	const used = meterOf([stand.pid], postgres);
	const crowd = await Crowd.gather(target, stand, scenario, () => {});
	const cpu = () => {
		const { server, postgres } = used();
		return server + postgres;
	};
	return { name: `${scenario.name}, ${target.name}`, crowd, cpu };
}

/** @returns microseconds a delivery */
async function costOf({ name, crowd, cpu }: Side, wrong: string[]): Promise<number> {
	cpu();
	const result = await crowd.saturate(UNDER_WAY, SECONDS);
	const cost = cpu() / result.delivered;
	wrong.push(...wrongOf(name, result));
	console.log(
		`${name}: ${(result.delivered / result.seconds).toFixed(0)} deliveries/s, ${cost.toFixed(1)} µs of CPU for each`,
	);
	return cost;
}

/** The chats of a layout, on the stage's node. */
function standIn({ node, pids, secret, stop }: Stage, layout: Layout): Stand {
	const chatIds = Array.from({ length: layout.chats }, (_, chat) => idOf("chat", layout.firstChat + chat));
	return {
		pid: pids.node,
		url: node.url,
		path: () => SOCKET_IO_PATH,
		hello: ({ room, member }) => helloWith({ token: tokenOf(secret, userAt(layout, room, member)) }),
		message: ({ room }, ackId, content) => messageWith(ackId, { chatId: chatIds[room], content }),
		stop,
	};
}

function report({ rows, wrong }: SmallResult): void {
	const lines = rows.map(({ scenario, ratio, limit, isLost, pairs }) => [
		scenario,
		ratio.toFixed(2),
		limit.toFixed(2),
		pairs.map(({ bare, own }) => (bare / own).toFixed(2)).join(", "),
		isLost ? "lost" : "holds",
	]);
	const head = ["scenario", "ratio", "half of the floor", "all pairs", ""];
	console.log(`\n${table(head, lines)}\nRatios to ${BARE_SOCKET_IO.name}; each the best of its pairs.\n`);
	for (const text of wrong) console.error(text);
	mkdirSync("load/results", { recursive: true });
	writeFileSync(FILE, `${JSON.stringify({ at: new Date().toISOString(), rows, wrong }, null, "\t")}\n`);
}
