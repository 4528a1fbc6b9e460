import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";
import type { ProcessName } from "./processes.ts";

/** What must not be left behind by a run that crashes, is killed, or forgets to stop what it started. */
export interface Guarded {
	processes: ProcessName[];
	folders: string[];
	/** Run at the end, in this order: `docker compose down`. */
	commands: string[][];
}

const guarded: Guarded = { processes: [], folders: [], commands: [] };
let watchdog: ChildProcess | undefined;

export function guard<K extends keyof Guarded>(kind: K, ...items: Guarded[K]): void {
	(guarded[kind] as unknown[]).push(...items);
	tell();
}

export function release<K extends keyof Guarded>(kind: K, ...items: Guarded[K]): void {
	const gone = new Set(items.map(item => JSON.stringify(item)));
	(guarded[kind] as unknown[]) = guarded[kind].filter(item => !gone.has(JSON.stringify(item)));
	tell();
}

/**
 * The watchdog is a process of its own that holds the end of a pipe. However this process ends, the pipe closes,
 * and the watchdog clears away what it was last told of.
 */
function tell(): void {
	watchdog ??= startWatchdog();
	watchdog.stdin?.write(`${JSON.stringify(guarded)}\n`);
}

function startWatchdog(): ChildProcess {
	const child = spawn(process.execPath, [path.join(import.meta.dirname, "watchdog-process.ts")], {
		stdio: ["pipe", "ignore", "ignore"],
		env: { ...process.env, NODE_OPTIONS: "" },
		detached: true, // ctrl-C is for the run, not for its watchdog
	});
	child.unref();
	(child.stdin as unknown as { unref(): void }).unref();
	child.stdin?.on("error", () => {});
	return child;
}
