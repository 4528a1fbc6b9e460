import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Asked before anything is pinned: who is on one core sees one. */
const cores = availableParallelism();

/** Keeps a process, with its threads and its children from now on, on one core; without `taskset` or a second core it stays free. */
export function pin(pid: number, core: number, { withThreads = true } = {}): void {
	if (cores < 2) return;
	try {
		execFileSync("taskset", [withThreads ? "-acp" : "-cp", String(core), String(pid)], { stdio: "ignore" });
	} catch {
		console.warn(`Process ${pid} could not be pinned to core ${core}: figures are less steady.`);
	}
}

/** Lets a process, with its threads and its children from now on, run on all cores again. */
export function unpin(pid: number): void {
	if (cores < 2) return;
	execFileSync("taskset", ["-acp", `0-${cores - 1}`, String(pid)], { stdio: "ignore" });
}

/** Ticks of a core since the machine began, and how many of them it worked, or was not given to this machine. */
export interface CoreTicks {
	all: number;
	busy: number;
	stolen: number;
}

export function coreTicks(core: number): CoreTicks {
	const line = readFileSync("/proc/stat", "utf8").match(new RegExp(`^cpu${core} (.*)$`, "m"))?.[1] ?? "";
	const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, stolen = 0] = line
		.trim()
		.split(/\s+/)
		.map(Number);
	const busy = user + nice + system + irq + softirq;
	return { all: busy + idle + wait + stolen, busy, stolen };
}

/** Memory of a process that lies in RAM, in KiB. */
export function residentKiB(pid: number): number {
	const [, kib = "0"] = readFileSync(`/proc/${pid}/status`, "utf8").match(/^VmRSS:\s+(\d+)/m) ?? [];
	return Number(kib);
}

const TICKS_PER_SECOND = 100;

/** User and system time of a process so far, and of its children that run or have ended. */
export function cpuSeconds(pid: number): number {
	let ticks = 0;
	for (const id of [pid, ...childrenOf(pid)]) {
		const fields = statOf(id);
		// Times of the process, and of its children that have ended.
		ticks += [11, 12, 13, 14].reduce((sum, i) => sum + Number(fields[i] ?? 0), 0);
	}
	return ticks / TICKS_PER_SECOND;
}

function statOf(pid: number): string[] {
	try {
		return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
	} catch {
		return []; // it has just ended
	}
}

function childrenOf(pid: number): number[] {
	return readdirSync("/proc")
		.filter(name => /^\d+$/.test(name))
		.map(Number)
		.filter(id => Number(statOf(id)[1]) === pid);
}
