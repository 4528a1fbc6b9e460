/**
 * `npm run bench:partitions [-- --rows 2000000]`: the table of messages as it is beside the same in 16 partitions by hash
 * of the chat, in one PostgreSQL, in turns, by the product's own statements. PostgreSQL has one core, who asks the other.
 */
import { parseArgs } from "node:util";
import { chanceOf } from "../../test/support/chance.ts";
import { startPostgres } from "../../test/support/servers.ts";
import { progressBar } from "../print/progress.ts";
import { median, table } from "../print/table.ts";
import { LOAD_CORE, SERVER_CORE } from "../stage/cores.ts";
import { meterOf } from "../stage/cpu.ts";
import { apart } from "../stage/layout.ts";
import { pin } from "../stage/machine.ts";
import { outsideOfContainers } from "../stage/servers.ts";
import { fillSide, openSide, type Side, sizesOf } from "./sides.ts";
import { type Ground, vacuum, WORK, type Work } from "./work.ts";

const PARTS = 16;
const ROWS_MAX = 20_000_000;
const EACH = 200;
const TURNS = 4;
/** What collects or writes by itself would fall into one side's turn. */
const SETTINGS = { autovacuum: "off", checkpoint_timeout: "1h", max_wal_size: "8GB", shared_buffers: "1GB" };

const { values: options } = parseArgs({ options: { rows: { type: "string", default: "2000000" } } });
const rows = Math.min(ROWS_MAX, Math.max(EACH * 100, Number(options.rows) || 0));
const layout = apart(Math.floor(rows / EACH), 2);

interface Turn {
	/** Milliseconds each time, in the middle. */
	ms: number;
	/** Microseconds of PostgreSQL's CPU, and bytes of its log, for each of what it is of. */
	cpu: number;
	wal: number;
}

outsideOfContainers();
const postgres = await startPostgres({ settings: SETTINGS });
const sides: Side[] = [];
try {
	pin(process.pid, LOAD_CORE);
	if (postgres.pid) pin(postgres.pid, SERVER_CORE);
	for (const parts of [0, PARTS]) sides.push(await openSide(postgres.url, parts));
	for (const side of sides) await fillSide(side, layout, EACH);
	const [whole, parted] = sides as [Side, Side];
	console.log(`${rows.toLocaleString("en")} messages in ${layout.chats.toLocaleString("en")} chats.`);
	console.log(`Unique keys with the chat: ${parted.keys?.kept.map(key => `(${key})`).join(", ")}.`);
	console.log(
		`Without it, so of each partition alone: ${parted.keys?.local.map(key => `(${key})`).join(", ")}.`,
	);
	await sizes(whole, parted);
	const lines = [];
	for (const work of WORK) lines.push(await compare(work, whole, parted));
	const head = ["", ...sides.map(({ name }) => `${name}, ms`), "ratio"];
	const more = ["PostgreSQL, µs", "ratio", "WAL, bytes", "ratio"];
	console.log(`\n${table([...head, ...more], lines)}\n`);
	const [before, after] = [await vacuum(whole), await vacuum(parted)];
	console.log(
		`VACUUM after one message in 20 was edited: ${before.toFixed(1)} s and ${after.toFixed(1)} s in all.`,
	);
	await sizes(whole, parted);
} finally {
	await Promise.all(sides.map(side => side.close()));
	await postgres.stop();
}

/** Each side in turn, both with the same chances: what disturbs one turn disturbs the one beside it. */
async function compare(work: Work, whole: Side, parted: Side): Promise<string[]> {
	const bar = progressBar(work.name);
	const turns: [Turn, Turn][] = [];
	for (let i = -1; i < TURNS; i++) {
		const first = await turn(work, whole, i);
		const second = await turn(work, parted, i);
		// The first turn warms both.
		if (i >= 0) turns.push([first, second]);
		bar.at((i + 2) / (TURNS + 1));
	}
	bar.end();
	const of = (side: 0 | 1, what: keyof Turn) => median(turns.map(pair => pair[side][what]));
	const ratio = (what: keyof Turn) => median(turns.map(([one, other]) => other[what] / one[what])).toFixed(2);
	const both = (what: keyof Turn) => `${of(0, what).toFixed(0)} and ${of(1, what).toFixed(0)}`;
	return [
		`${work.name} (CPU and WAL: ${work.of})`,
		...([0, 1] as const).map(side => of(side, "ms").toFixed(2)),
		ratio("ms"),
		both("cpu"),
		ratio("cpu"),
		...(of(0, "wal") < 1 ? ["", ""] : [both("wal"), ratio("wal")]),
	];
}

async function turn(work: Work, side: Side, seed: number): Promise<Turn> {
	const ground: Ground = { layout, each: EACH, chance: chanceOf(seed) };
	const used = meterOf([], postgres.pid);
	const wal = await walOf(side);
	const times: number[] = [];
	for (let i = 0; i < work.times; i++) {
		const startedAt = performance.now();
		await work.run(side, ground);
		times.push(performance.now() - startedAt);
	}
	const count = work.times * work.holds;
	const written = { cpu: used().postgres / count, wal: ((await walOf(side)) - wal) / count };
	await work.after?.(side);
	return { ms: median(times), ...written };
}

async function walOf({ client }: Side): Promise<number> {
	const { rows } = await client.query("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') AS bytes");
	return Number(rows[0].bytes);
}

async function sizes(...both: Side[]): Promise<void> {
	for (const side of both) {
		const { table, indexes } = await sizesOf(side);
		console.log(
			`${side.name}: ${table.toFixed(0)} bytes a message, and ${indexes.toFixed(0)} in its indexes.`,
		);
	}
}
