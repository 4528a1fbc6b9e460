/** Bridges that can be killed and frozen, and what must be true of Kafka afterwards. */
import { spawn } from "node:child_process";
import path from "node:path";
import type { LogBatch } from "../../contracts/events.ts";
import type { ParleyEvent } from "../../contracts/kafka.ts";
import type { Database } from "../../lib/database.ts";
import { readTopic } from "./events.ts";
import { freePorts } from "./servers/ports.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");

export interface BridgeProcess {
	/** In its node's name, with which that of its lanes' owner begins: between two hyphens. */
	readonly pid: number;
	kill9(): Promise<void>;
	sigstop(): void;
	sigcont(): void;
	/** Tells it of a commit, as the broker does; it may not get there. */
	tell(batch: LogBatch): void;
	/** What it now shows under a name of its metrics. */
	metric(name: string): Promise<number>;
	/** Settles once it has ended, however, with the exit code; null where it was killed. */
	readonly ended: Promise<number | null>;
	/** @returns the exit code */
	stop(): Promise<number | null>;
	output(): string;
}

/**
 * Starts a bridge with the environment of this process; it polls quickly, for it hears no more than it is told.
 * @param databaseUrl where it is to find PostgreSQL, if not where this process does
 * @param root another checkout, for tests of changed source
 */
export async function startBridge(
	settings: object = {},
	databaseUrl = process.env.CHAT_DATABASE_URL,
	root = ROOT,
): Promise<BridgeProcess> {
	const [metricsPort] = await freePorts(1);
	const script = path.join(root, "test/support/bridge-process.ts");
	const quick = { pollEveryMs: 20, lingerMs: 0, sessionTimeoutMs: 6_000, fetchWaitMs: 100, ...settings };
	const child = spawn(process.execPath, [script, JSON.stringify(quick)], {
		env: {
			...process.env,
			CHAT_DATABASE_URL: databaseUrl,
			CHAT_METRICS_PORT: String(metricsPort),
			NODE_OPTIONS: "",
			NODE_NO_WARNINGS: "1",
		},
		stdio: ["ignore", "pipe", "pipe", "ipc"],
	});
	let text = "";
	const ended = new Promise<number | null>(resolve => child.once("exit", code => resolve(code)));
	const onExit = () => child.kill("SIGKILL");
	process.once("exit", onExit);
	void ended.then(() => process.removeListener("exit", onExit));
	await new Promise<void>((resolve, reject) => {
		const keep = (chunk: Buffer) => {
			text = (text + chunk.toString()).slice(-100_000);
			if (text.includes("ready\n")) resolve();
		};
		child.stdout?.on("data", keep);
		child.stderr?.on("data", keep);
		void ended.then(code => reject(new Error(`The bridge ended with ${code}:\n${text}`)));
	});
	return {
		pid: child.pid as number,
		ended,
		async kill9() {
			child.kill("SIGKILL");
			await ended;
		},
		sigstop: () => void child.kill("SIGSTOP"),
		sigcont: () => void child.kill("SIGCONT"),
		tell(batch) {
			if (child.connected) child.send(batch, () => {});
		},
		async metric(name) {
			const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
			const line = text.split("\n").find(it => it.startsWith(`${name}{`));
			return Number(line?.split(" ").at(-1));
		},
		stop() {
			child.kill("SIGTERM");
			return ended;
		},
		output: () => text,
	};
}

export interface Comparison {
	/** Messages in PostgreSQL that are not on Kafka. */
	missing: number;
	/** Events on Kafka without a message in PostgreSQL. */
	extra: number;
	/** Records of an event that was there already. */
	repeated: number;
	/** First occurrences that come after a later one of their chat. */
	misordered: number;
	total: number;
}

/** Holds `chat.events` against the table of messages. */
export async function compare(db: Database, brokers: string): Promise<Comparison> {
	const records = await readTopic(brokers, `${db.schema}.chat.events`);
	const rows = await db.query<{ id: string }>(`SELECT id FROM ${db.t.messages}`);
	const ids = new Set(rows.map(({ id }) => id));
	const seen = new Set<string>();
	const lastRev = new Map<string, number>();
	const found = { missing: 0, extra: 0, repeated: 0, misordered: 0, total: rows.length };
	for (const { key, value } of records) {
		const { id, data } = JSON.parse(value) as ParleyEvent<"message.created">;
		if (seen.has(id)) {
			found.repeated++;
			continue;
		}
		seen.add(id);
		if (!ids.delete(data.id)) found.extra++;
		if (data.rev <= (lastRev.get(key) ?? 0)) found.misordered++;
		lastRev.set(key, data.rev);
	}
	return { ...found, missing: ids.size };
}
