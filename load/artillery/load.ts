/**
 * `npm run load`: what Parley promises, held for three minutes; `npm run load -- chatter`: another of the scenarios here,
 * `-- all`: one after the other. Artillery brings arrivals, report and thresholds; it ends with a failure where one is
 * missed. The servers are real, the node has everything on.
 */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { type CoresUse, LOAD_CORE, SERVER_CORE, watchCores } from "../stage/cores.ts";
import { fill } from "../stage/fill.ts";
import { apart, idOf, type Layout, mixed, userAt } from "../stage/layout.ts";
import { pin } from "../stage/machine.ts";
import { profiledBy } from "../stage/parley.ts";
import { type Stage, startStage } from "../stage/stage.ts";
import { tokenOf } from "../stage/tokens.ts";
import { BY_SOCKET, type StageFile } from "./engine/company.ts";
import { installArtillery } from "./install.ts";

const HERE = import.meta.dirname;
const RESULTS = "load/results/artillery";
const WARM_S = 5;
const QUIET_S = 5;
/** Of what is promised, 100,000 a minute by socket beside 1,000 a second over REST. */
const SOCKET_RATE = 100 / 60;
/** What is changed in Artillery. */
const PRELOADED = ["one-worker", "calm-clock"].flatMap(name => ["--import", `./${name}.mjs`]);

const { positionals, values } = parseArgs({
	allowPositionals: true,
	options: {
		/** So many arrivals a second, for so long, instead of the scenario's own. */
		rate: { type: "string", default: "" },
		seconds: { type: "string", default: "30" },
		/** So many sockets instead of the promised ones. */
		users: { type: "string", default: "10000" },
		/** `cpu`: the node writes a CPU profile to load/results/profile; `perf`: it names its functions to Linux's perf. */
		profile: { type: "string", default: "" },
		/** The node has no core but the first, and PostgreSQL shares it, as in the bench. */
		"one-core": { type: "boolean", default: false },
	},
});

/** Who there is in each, before it starts. */
const SCENARIOS: Record<string, Layout> = {
	promises: mixed(Number(values.users), 20, 5),
	storm: mixed(10_000, 20, 5),
	chatter: apart(50, 10),
	"fan-out": apart(1, 1_000),
	sends: apart(200, 5),
	presence: apart(50, 20),
};

const wanted = positionals.includes("all") ? Object.keys(SCENARIOS) : positionals;
if (wanted.length === 0) wanted.push("promises");
const unknown = wanted.filter(name => !SCENARIOS[name]);
if (unknown.length > 0) {
	console.error(`There is no ${unknown.join(", ")}: ${Object.keys(SCENARIOS).join(", ")}, or all.`);
	process.exit(1);
}
installArtillery(HERE);
mkdirSync(RESULTS, { recursive: true });
const failed: string[] = [];
for (const name of wanted) if (!(await run(name, SCENARIOS[name] as Layout))) failed.push(name);
if (failed.length > 0) {
	console.error(`Missed a threshold: ${failed.join(", ")}.`);
	process.exitCode = 1;
}

async function run(name: string, layout: Layout): Promise<boolean> {
	const folder = mkdtempSync(path.join(tmpdir(), "parley-load-"));
	const stage = await startStage(
		profiledBy(values.profile),
		values["one-core"]
			? { postgres: SERVER_CORE, isNodeFree: false }
			: { postgres: LOAD_CORE, isNodeFree: true },
	);
	try {
		await fill(stage, layout, name);
		const port = Number(new URL(stage.node.url).port);
		const files = { stage: path.join(folder, "stage.json"), users: path.join(folder, "users.csv") };
		const { secret } = stage;
		writeFileSync(files.stage, JSON.stringify({ port, secret, layout } satisfies StageFile));
		writeFileSync(files.users, usersCsv(secret, layout));
		const cores = watchCores();
		const status = await artillery(name, stage, files);
		console.log(inWords(cores()));
		return status === 0;
	} finally {
		await stage.stop();
		rmSync(folder, { recursive: true, force: true });
	}
}

/** For Artillery's own engine: a user and one of their chats a line. */
function usersCsv(secret: string, layout: Layout): string {
	const lines = Array.from({ length: layout.chats }, (_, chat) =>
		[tokenOf(secret, userAt(layout, chat, 0)), idOf("chat", layout.firstChat + chat)].join(","),
	);
	return `${lines.join("\n")}\n`;
}

/** @returns how it ended: 0 where every threshold was kept */
function artillery(
	name: string,
	stage: Stage,
	files: { stage: string; users: string },
): Promise<number | null> {
	const output = path.resolve(RESULTS, `${name}.json`);
	const args = ["run", `scenarios/${name}.yml`, "--target", stage.node.url, "--output", output];
	if (values.rate) args.push("--overrides", JSON.stringify({ config: { phases: otherPhases(name) } }));
	const child = spawn(process.execPath, [...PRELOADED, "node_modules/artillery/bin/run", ...args], {
		cwd: HERE,
		stdio: "inherit",
		env: {
			...process.env,
			ARTILLERY_DISABLE_TELEMETRY: "true",
			PARLEY_STAGE: files.stage,
			// It is looked for from the scenario on.
			PARLEY_USERS: path.relative(path.join(HERE, "scenarios"), files.users),
			NODE_OPTIONS: "--disable-warning=ExperimentalWarning",
		},
	});
	if (child.pid) pin(child.pid, LOAD_CORE);
	return new Promise(resolve => child.once("exit", resolve));
}

/** Half of the rate first, for what is slow in the beginning; of the promises, those by socket too. */
function otherPhases(name: string) {
	const arrivalRate = Number(values.rate);
	const duration = Number(values.seconds);
	const phases = [
		{ duration: WARM_S, arrivalRate: Math.ceil(arrivalRate / 2) },
		{ duration, arrivalRate },
	];
	if (name !== "promises") return phases;
	const bySocket = { name: BY_SOCKET, duration, arrivalRate: Math.ceil(arrivalRate * SOCKET_RATE) };
	return [...phases, { pause: QUIET_S }, bySocket];
}

/** Where the load's core is full, figures are its own and not the server's. */
function inWords({ server, load }: CoresUse): string {
	const percent = (value: number) => `${value.toFixed(0)} %`;
	return `Busy: server's core ${percent(server.busy)}, load's ${percent(load.busy)}; stolen from this machine: ${percent(server.stolen)} and ${percent(load.stolen)}.`;
}
