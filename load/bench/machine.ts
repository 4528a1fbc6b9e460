import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";

/** Keeps a process, with its threads and its children from now on, on one core; without `taskset` or a second core it stays free. */
export function pin(pid: number, core: number): void {
	if (availableParallelism() < 2) return;
	try {
		execFileSync("taskset", ["-acp", String(core), String(pid)], { stdio: "ignore" });
	} catch {
		console.warn(`Process ${pid} could not be pinned to core ${core}: figures are less steady.`);
	}
}

const TICKS_PER_SECOND = 100;

/** User and system time of a process so far. */
export function cpuSeconds(pid: number): number {
	const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
	return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}
