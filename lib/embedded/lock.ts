import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { dirname } from "node:path";

/** Who holds a data folder. */
interface Holder {
	pid: number;
	/** Tells a process from a later one with the same number; null where the system does not say. */
	startedAt: string | null;
	/** Answers while the holder serves; seen from other containers too, where its number means nothing. */
	socketPath: string;
}

const TRIES_MAX = 5;

/** Somebody else has the folder. */
export class LockedError extends Error {
	override readonly name = "LockedError";
}

/**
 * Two servers on one folder would destroy it. The lock is a file that names its holder; one left behind by
 * a process that was killed is taken over.
 */
export async function takeLock(path: string, socketPath: string): Promise<() => void> {
	const mine: Holder = { pid: process.pid, startedAt: startedAt(process.pid), socketPath };
	const draft = `${path}.${randomUUID()}`;
	writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
	try {
		for (let tries = 0; tries < TRIES_MAX; tries++) {
			if (linked(draft, path)) return () => rmSync(path, { force: true });
			await removeIfStale(path);
		}
	} finally {
		rmSync(draft, { force: true });
	}
	throw new LockedError(`several processes want the lock ${path} at once; try again.`);
}

/** A link appears whole or not at all, so nobody reads half a lock. */
function linked(draft: string, path: string) {
	try {
		linkSync(draft, path);
		return true;
	} catch (err) {
		if ((err as NodeJS.ErrnoException).code === "EEXIST") return false;
		throw err;
	}
}

async function removeIfStale(path: string) {
	const holder = read(path);
	if (!holder) return;
	if (isRunning(holder) || (await answers(holder.socketPath))) {
		throw new LockedError(
			`another Parley (process ${holder.pid}) uses the data folder ${dirname(path)}. Stop it, or give this one its own CHAT_DATA_DIR.`,
		);
	}
	// Of several that found it stale, one moves it; a fresh lock moved by mistake is put back.
	const moved = `${path}.${randomUUID()}`;
	try {
		renameSync(path, moved);
	} catch (err) {
		if ((err as NodeJS.ErrnoException).code === "ENOENT") return;
		throw err;
	}
	if (read(moved)?.pid !== holder.pid) linked(moved, path);
	rmSync(moved, { force: true });
}

/** null where there is no lock; an unreadable one (a power cut) counts as nobody's. */
function read(path: string): Holder | null {
	try {
		const { pid, startedAt, socketPath } = JSON.parse(readFileSync(path, "utf8"));
		return { pid, startedAt, socketPath };
	} catch (err) {
		if ((err as NodeJS.ErrnoException).code === "ENOENT") return null;
		if (err instanceof SyntaxError) return { pid: -1, startedAt: null, socketPath: "" };
		throw err;
	}
}

function isRunning({ pid, startedAt: then }: Holder) {
	if (pid <= 0) return false;
	try {
		process.kill(pid, 0);
	} catch (err) {
		// EPERM: it is there, and somebody else's.
		if ((err as NodeJS.ErrnoException).code !== "EPERM") return false;
	}
	const now = startedAt(pid);
	return then === null || now === null || now === then;
}

/** Boot and clock tick at which a process began; field 22 of its `stat`, after a name that may hold blanks. */
function startedAt(pid: number) {
	try {
		const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
		const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
		return `${boot}/${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
	} catch {
		return null;
	}
}

function answers(socketPath: string): Promise<boolean> {
	return new Promise(resolve => {
		const socket = connect(socketPath || "/nonexistent");
		socket.once("connect", () => {
			socket.destroy();
			resolve(true);
		});
		socket.once("error", () => resolve(false));
	});
}
