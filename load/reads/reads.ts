/**
 * `npm run bench:reads`: how fast chats and inboxes are read where they are large: a chat of a million messages, a user
 * in a thousand chats. Each kind by itself, at a rate that does not wait for answers, and as fast as it goes. Server
 * and PostgreSQL share one core, who asks has the other.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { parseArgs } from "node:util";
import { Client } from "pg";
import { startPostgres, startRedis } from "../../test/support/servers.ts";
import { progressBar } from "../print/progress.ts";
import { table } from "../print/table.ts";
import { SERVER_CORE, settleServers, watchCores } from "../stage/cores.ts";
import { meterOf } from "../stage/cpu.ts";
import { pin } from "../stage/machine.ts";
import { type Installation, profiledBy, startParley } from "../stage/parley.ts";
import { outsideOfContainers } from "../stage/servers.ts";
import { tokenOf } from "../stage/tokens.ts";
import { type Kind, kindsOf } from "./kinds.ts";
import { asFastAsAnswered, atRate, type Paced } from "./pace.ts";
import { BIG, INBOX, seed } from "./seed.ts";
import { Rest, Sockets } from "./ways.ts";

const { values: options } = parseArgs({
	options: {
		rate: { type: "string", default: "500" },
		seconds: { type: "string", default: "4" },
		/** Only those whose names have it. */
		kind: { type: "string", default: "" },
		/** A folder that keeps PostgreSQL's data, so that the next run need not fill it. */
		data: { type: "string" },
		/** `cpu`: Parley writes a CPU profile to load/results/profile; `perf`: it names its functions to Linux's perf. */
		profile: { type: "string", default: "" },
	},
});

interface Row {
	door: string;
	kind: string;
	paced: Paced;
	/** What as many askers got as make the server busy. */
	mostPerSecond: number;
	/** CPU of an answer, at the rate. */
	cpuMicros: { server: number; postgres: number };
	/** Of the server's core, while the rate was kept. */
	busyPercent: number;
	stolenPercent: number;
}

const SCHEMA = "bench_reads";
/** Of REST, and of members of the long chat by socket. */
const CONNECTIONS = 64;
/** Of the user with the large inbox. */
const OWN_SOCKETS = 8;
/** As many askers as keep the server busy, without a long queue. */
const ASKERS = 16;
const WARM_SECONDS = 2;

const rate = Number(options.rate);
const seconds = Number(options.seconds);
const rows: Row[] = [];
const folder = options.data ? { folder: path.resolve(options.data) } : {};
outsideOfContainers();
const [postgres, redis] = await Promise.all([startPostgres(folder), startRedis()]);
try {
	settleServers({ postgres, redis });
	const parley = await startParley(
		{ databaseUrl: postgres.url, redisUrl: redis.url, kafkaBrokers: "" },
		{ CHAT_NAMESPACE: SCHEMA, ...profiledBy(options.profile) },
	);
	try {
		await ask(parley);
	} finally {
		await parley.stop();
	}
	report();
} finally {
	await Promise.all([postgres.stop(), redis.stop()]);
}

async function ask({ nodes, url, secret }: Installation): Promise<void> {
	const bar = progressBar(`a chat of ${BIG.messages} messages, a user in ${INBOX.chats} chats`);
	const client = new Client({ connectionString: postgres.url });
	await client.connect();
	const { bigChatId } = await seed(client, SCHEMA, share => bar.at(share));
	await client.end();
	bar.end();

	const pid = nodes[0]?.child.pid as number;
	pin(pid, SERVER_CORE);
	const tokens = Array.from({ length: CONNECTIONS + 1 }, (_, i) => tokenOf(secret, i + 1));
	const [token = "", ...others] = tokens;
	const rest = new Rest(url, CONNECTIONS);
	const own = await Sockets.open(url, Array(OWN_SOCKETS).fill(token));
	const theirs = await Sockets.open(url, others);
	for (const kind of await kindsOf({ url, token, bigChatId, rest, own, theirs }))
		if (kind.name.includes(options.kind)) rows.push(await measure(kind, pid));
	rest.close();
	own.close();
	theirs.close();
}

async function measure(kind: Kind, pid: number): Promise<Row> {
	await asFastAsAnswered(kind, ASKERS, WARM_SECONDS);
	const most = await asFastAsAnswered(kind, ASKERS, 2);
	const [used, cores] = [meterOf([pid], postgres.pid), watchCores()];
	const paced = await atRate(kind, rate, seconds);
	const [cpu, { server: core }] = [used(), cores()];
	const row = {
		door: kind.door,
		kind: kind.name,
		paced,
		mostPerSecond: most.perSecond,
		cpuMicros: {
			server: cpu.server / paced.asked,
			postgres: cpu.postgres / paced.asked,
		},
		busyPercent: core.busy,
		stolenPercent: core.stolen,
	};
	console.log(cellsOf(row).join("  "));
	if (paced.firstWrong) console.error(`${paced.wrong} wrong: ${paced.firstWrong}`);
	return row;
}

function cellsOf({ door, kind, paced, mostPerSecond, cpuMicros, busyPercent, stolenPercent }: Row): string[] {
	return [
		`${door}: ${kind}`,
		paced.p50.toFixed(1),
		paced.p95.toFixed(1),
		paced.p99.toFixed(1),
		mostPerSecond.toFixed(0),
		cpuMicros.server.toFixed(0),
		cpuMicros.postgres.toFixed(0),
		(paced.bytes / 1_024).toFixed(1),
		busyPercent.toFixed(0),
		stolenPercent.toFixed(0),
	];
}

function report() {
	const columns = ["p50 ms", "p95 ms", "p99 ms", "most/s", "server µs", "PostgreSQL µs", "KiB"];
	const head = ["asked", ...columns, "core busy %", "stolen %"];
	console.log(
		`\n${table(head, rows.map(cellsOf))}\nDelays at ${rate} a second, with the CPU of an answer; "most" is what ${ASKERS} askers get that wait for each answer.`,
	);
	if (options.kind === "") {
		mkdirSync("load/results", { recursive: true });
		const result = { at: new Date().toISOString(), rate, seconds, rows };
		writeFileSync("load/results/reads.json", `${JSON.stringify(result, null, "\t")}\n`);
	}
	const wrong = rows.filter(({ paced }) => paced.wrong > 0);
	if (wrong.length === 0) return;
	console.error(`Wrong answers: ${wrong.map(({ kind }) => kind).join(", ")}.`);
	process.exitCode = 1;
}
