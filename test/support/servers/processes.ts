import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

interface ProcessRow {
	parent: number;
	state: string;
	startedAt: string;
}

const LINUX = existsSync("/proc/self/stat");

/** A number is given again to another process one day; with its start time it names one process for good. */
export interface ProcessName {
	pid: number;
	startedAt: string;
}

export function nameOf(pid: number): ProcessName {
	return { pid, startedAt: row(pid)?.startedAt ?? "" };
}

export function isRunning({ pid, startedAt }: ProcessName): boolean {
	const found = row(pid);
	return found !== undefined && found.startedAt === startedAt && !/^[ZX]/.test(found.state);
}

/** Signals that very process, or nobody. */
export function signal(name: ProcessName, what: NodeJS.Signals): void {
	if (!isRunning(name)) return;
	try {
		process.kill(name.pid, what);
	} catch (err) {
		if ((err as NodeJS.ErrnoException).code !== "ESRCH") throw err;
	}
}

/** The process and all its descendants, as they are now; freeze it before asking, and it makes no new ones. */
export function familyOf(name: ProcessName): ProcessName[] {
	return isRunning(name) ? [name, ...descendants(name.pid, allRows())] : [];
}

function descendants(pid: number, rows: Map<number, ProcessRow>): ProcessName[] {
	const found: ProcessName[] = [];
	for (const [child, { parent, startedAt }] of rows) {
		if (parent === pid) found.push({ pid: child, startedAt }, ...descendants(child, rows));
	}
	return found;
}

export async function gone(names: ProcessName[], withinMs: number): Promise<boolean> {
	const deadline = Date.now() + withinMs;
	while (names.some(isRunning)) {
		if (Date.now() > deadline) return false;
		await new Promise(resolve => setTimeout(resolve, 10));
	}
	return true;
}

const FREEZE_WITHIN_MS = 20_000;

/** Stops a process and all its children, and waits until each of their threads stands still: one that runs may answer yet. */
export async function freeze(name: ProcessName): Promise<void> {
	signal(name, "SIGSTOP");
	const family = familyOf(name);
	for (const one of family) signal(one, "SIGSTOP");
	const deadline = Date.now() + FREEZE_WITHIN_MS;
	while (!family.every(standsStill)) {
		if (Date.now() > deadline) throw new Error(`Process ${name.pid} cannot be stopped.`);
		await new Promise(resolve => setTimeout(resolve, 5));
	}
}

function standsStill(name: ProcessName): boolean {
	if (!isRunning(name)) return true;
	if (!LINUX) return row(name.pid)?.state.startsWith("T") ?? true;
	const threads = readdirSync(`/proc/${name.pid}/task`).map(thread => fromProc(`${name.pid}/task/${thread}`));
	return threads.every(thread => !thread || /^[TtZX]/.test(thread.state));
}

const END_WITHIN_MS = 20_000;

/** Ends a process in its own orderly way, and with all its children by force where that does not help. */
export async function endProcess(name: ProcessName, orderly: NodeJS.Signals): Promise<void> {
	const family = familyOf(name);
	for (const one of family) signal(one, "SIGCONT"); // a frozen one hears nothing else
	signal(name, orderly);
	if (!(await gone(family, END_WITHIN_MS))) await killProcess(name);
}

/** SIGKILL to a process and all its children. */
export async function killProcess(name: ProcessName): Promise<void> {
	signal(name, "SIGSTOP"); // frozen, it neither forks nor reacts to the death of its children
	const family = familyOf(name);
	for (const one of family) signal(one, "SIGKILL");
	if (!(await gone(family, END_WITHIN_MS))) throw new Error(`Process ${name.pid} cannot be killed.`);
}

function row(pid: number): ProcessRow | undefined {
	return LINUX ? fromProc(String(pid)) : fromPs(["-p", String(pid)]).get(pid);
}

function allRows(): Map<number, ProcessRow> {
	if (!LINUX) return fromPs(["-A"]);
	const rows = new Map<number, ProcessRow>();
	for (const entry of readdirSync("/proc")) {
		const found = /^\d+$/.test(entry) ? fromProc(entry) : undefined;
		if (found) rows.set(Number(entry), found);
	}
	return rows;
}

/** @param which a process, or one of its threads */
function fromProc(which: string): ProcessRow | undefined {
	try {
		// The second field is the program's name in brackets and may hold anything, brackets and spaces too.
		const stat = readFileSync(`/proc/${which}/stat`, "utf8");
		const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
		return { state: fields[0] ?? "", parent: Number(fields[1]), startedAt: fields[19] ?? "" };
	} catch {
		return undefined; // it ended while we looked
	}
}

function fromPs(which: string[]): Map<number, ProcessRow> {
	const { stdout } = spawnSync("ps", [...which, "-o", "pid=,ppid=,stat=,lstart="], { encoding: "utf8" });
	const rows = new Map<number, ProcessRow>();
	for (const line of (stdout ?? "").split("\n")) {
		const [pid, parent, state, ...startedAt] = line.trim().split(/\s+/);
		if (pid && state)
			rows.set(Number(pid), { parent: Number(parent), state, startedAt: startedAt.join(" ") });
	}
	return rows;
}
