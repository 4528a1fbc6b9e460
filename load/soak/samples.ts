/** What is looked at every few seconds: at the process from the outside, at the outbox, at the work. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Stage } from "../stage/stage.ts";
import type { Inside } from "./probe-process.ts";

export interface Sample {
	/** Since the start. */
	second: number;
	/** MiB. */
	rss: number;
	/** MiB, the least since the sample before: garbage that waits for its collection does not count. */
	heap: number;
	/** Open file descriptors, and those of them that are sockets. */
	handles: number;
	sockets: number;
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

type Outside = Pick<Sample, "rss" | "handles" | "sockets" | "outbox">;

const MIB = 2 ** 20;
const PAGE_BYTES = 4_096;

export async function lookFromOutside({ pids, db, t }: Stage): Promise<Outside> {
	const fds = readdirSync(`/proc/${pids.node}/fd`);
	const sockets = fds.filter(fd => targetOf(pids.node, fd).startsWith("socket:"));
	const { rows } = await db.query(`SELECT count(*)::int AS count FROM ${t.outbox}`);
	return {
		rss: (Number(readFileSync(`/proc/${pids.node}/statm`, "utf8").split(" ")[1]) * PAGE_BYTES) / MIB,
		handles: fds.length,
		sockets: sockets.length,
		outbox: rows[0].count,
	};
}

function targetOf(pid: number, fd: string): string {
	try {
		return readlinkSync(`/proc/${pid}/fd/${fd}`);
	} catch {
		return ""; // closed meanwhile
	}
}

/** The last that the process itself has written; null before the first. */
export function lookInside(file: string): Inside | null {
	const last = readFileSync(file, "utf8").trimEnd().split("\n").at(-1);
	return last ? (JSON.parse(last) as Inside) : null;
}

export const mib = (bytes: number): number => bytes / MIB;
