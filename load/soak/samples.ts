/** What is looked at every few seconds: at the process from the outside, at the outbox, at the work. */
import { readdirSync, readFileSync } from "node:fs";
import type { Stage } from "../stage/stage.ts";
import type { Inside } from "./probe-process.ts";

export interface Sample {
	/** Since the start. */
	second: number;
	/** MiB. */
	rss: number;
	/** MiB that the last whole collection has left. */
	heap: number;
	/** Open file descriptors. */
	handles: number;
	/** Of clients. */
	connections: number;
	/** To PostgreSQL. */
	databaseConnections: number;
	/** Functions that listen to emitters that have been there for a minute. */
	listeners: number;
	/** Milliseconds. */
	loopP50: number;
	loopP99: number;
	/** Events that wait for Kafka. */
	outbox: number;
	/** Milliseconds, of all deliveries since the sample before. */
	deliveryP50: number;
	deliveryP99: number;
	/** What the node and PostgreSQL used of their core since the sample before, in percent. */
	busy: number;
}

type Outside = Pick<Sample, "rss" | "handles" | "connections" | "databaseConnections" | "outbox">;

const MIB = 2 ** 20;
const PAGE_BYTES = 4_096;
const ESTABLISHED = "01";

export async function lookFromOutside({ node, pids, db, t }: Stage): Promise<Outside> {
	const { rows } = await db.query(
		`SELECT (SELECT count(*)::int FROM ${t.outbox}) AS outbox,
			(SELECT count(*)::int FROM pg_stat_activity
				WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()) AS connections`,
	);
	return {
		rss: (Number(readFileSync(`/proc/${pids.node}/statm`, "utf8").split(" ")[1]) * PAGE_BYTES) / MIB,
		handles: readdirSync(`/proc/${pids.node}/fd`).length,
		connections: connectionsAt(Number(new URL(node.url).port)),
		databaseConnections: rows[0].connections,
		outbox: rows[0].outbox,
	};
}

/** Of those that are open, the ends at a port of this machine: each a line of its own address, the other's and its state. */
function connectionsAt(port: number): number {
	const own = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
	const lines = readFileSync("/proc/net/tcp", "utf8").split("\n");
	return lines.filter(line => {
		const [, local = "", , state] = line.trim().split(/\s+/);
		return local.endsWith(own) && state === ESTABLISHED;
	}).length;
}

/** The last that the process itself has written; null before the first. */
export function lookInside(file: string): Inside | null {
	const last = readFileSync(file, "utf8").trimEnd().split("\n").at(-1);
	return last ? (JSON.parse(last) as Inside) : null;
}

export const mib = (bytes: number): number => bytes / MIB;
