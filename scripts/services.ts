import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { stopInDocker } from "../test/support/servers/docker.ts";
import { isFree } from "../test/support/servers/ports.ts";
import { endProcess, isRunning, nameOf, type ProcessName } from "../test/support/servers/processes.ts";
import { freePorts, startKafka, startPostgres, startRedis } from "../test/support/servers.ts";

const SERVICES = {
	postgres: { start: startPostgres, port: 5432, variable: "CHAT_DATABASE_URL", stopSignal: "SIGINT" },
	redis: { start: startRedis, port: 6379, variable: "CHAT_REDIS_URL", stopSignal: "SIGTERM" },
	kafka: { start: startKafka, port: 9092, variable: "CHAT_KAFKA_BROKERS", stopSignal: "SIGTERM" },
} as const;

type Name = keyof typeof SERVICES;

interface Running {
	url: string;
	/** Null where it runs in a container. */
	process: ProcessName | null;
}

type State = Partial<Record<Name, Running>>;

const ROOT = path.dirname(import.meta.dirname);
const STATE = path.join(ROOT, ".cache/services/state.json");
const NAMES = Object.keys(SERVICES) as Name[];

const [command] = process.argv.slice(2);
if (command === "up") await up();
else if (command === "down") await down();
else {
	console.error("npm run services:up | services:down – PostgreSQL, Redis and Kafka for local work");
	process.exitCode = 1;
}

async function up() {
	const state = readState();
	const outcomes = await Promise.allSettled(
		NAMES.map(async name => {
			const known = state[name];
			if (known?.process && isRunning(known.process)) return;
			delete state[name];
			const { start, port } = SERVICES[name];
			const server = await start({ port: await freeOr(port), folder: dataFolder(name) });
			state[name] = { url: server.url, process: server.pid === undefined ? null : nameOf(server.pid) };
		}),
	);
	writeState(state); // also of those that did start
	for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
	for (const name of NAMES) console.log(`${SERVICES[name].variable}=${state[name]?.url}`);
}

async function down() {
	const state = readState();
	const running = NAMES.filter(name => state[name]);
	await Promise.all(
		running.map(name => {
			const known = state[name]?.process;
			return known ? endProcess(known, SERVICES[name].stopSignal) : stopInDocker(name);
		}),
	);
	writeState({});
	const kept = `Their data are kept in ${path.dirname(dataFolder("postgres"))}.`;
	console.log(running.length > 0 ? `Stopped: ${running.join(", ")}. ${kept}` : "Nothing was running.");
}

async function freeOr(usual: number): Promise<number> {
	const [other = usual] = await freePorts(1);
	return (await isFree(usual)) ? usual : other;
}

/** Root's PostgreSQL runs as another user, who need not be able to enter the folder of this project. */
function dataFolder(name: Name): string {
	if (process.getuid?.() !== 0) return path.join(path.dirname(STATE), name);
	const clone = createHash("sha256").update(ROOT).digest("hex").slice(0, 8);
	const base = `/var/tmp/parley-services-${clone}`;
	mkdirSync(base, { recursive: true, mode: 0o755 });
	return path.join(base, name);
}

function readState(): State {
	return existsSync(STATE) ? JSON.parse(readFileSync(STATE, "utf8")) : {};
}

function writeState(state: State): void {
	mkdirSync(path.dirname(STATE), { recursive: true });
	writeFileSync(STATE, `${JSON.stringify(state, null, "\t")}\n`);
}
