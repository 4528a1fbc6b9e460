import { spawn } from "node:child_process";
import {
	closeSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readFileSync,
	rmSync,
	statSync,
} from "node:fs";
import { chmod, chown } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import {
	endProcess,
	familyOf,
	freeze,
	isRunning,
	killProcess,
	nameOf,
	type ProcessName,
	signal,
} from "./processes.ts";
import type { ServerProcess } from "./types.ts";
import { guard, release } from "./watchdog.ts";

export interface Owner {
	uid?: number;
	gid?: number;
}

export interface NativeServer {
	name: string;
	url: string;
	port: number;
	folder: Folder;
	command: string;
	args: string[];
	owner?: Owner;
	/** Ends it in an orderly way. */
	stopSignal: NodeJS.Signals;
	/** Whether it serves by now; `log` is what it has printed since this start. */
	ready(log: string): Promise<boolean>;
}

export interface Folder {
	path: string;
	temporary: boolean;
}

const START_WITHIN_MS = 60_000;
const PORT_TRIES = 5;

/** A folder that a server of another user may enter and write in. */
export async function makeFolder(
	name: string,
	kept: string | undefined,
	owner: Owner = {},
	within = tmpdir(),
): Promise<Folder> {
	const folder = kept ?? mkdtempSync(path.join(within, `parley-${name}-`));
	if (!kept) guard("folders", folder);
	mkdirSync(folder, { recursive: true });
	await chmod(folder, 0o711);
	if (owner.uid !== undefined && owner.gid !== undefined) await chown(folder, owner.uid, owner.gid);
	return { path: folder, temporary: !kept };
}

/** Starts a program of this machine as a server and waits until it serves. */
export async function startNative(server: NativeServer): Promise<ServerProcess> {
	const { folder, stopSignal } = server;
	const logFile = path.join(folder.path, "server.log");
	let running: ProcessName | undefined;

	async function start() {
		const from = existsSync(logFile) ? statSync(logFile).size : 0;
		const out = openSync(logFile, "a");
		const child = spawn(server.command, server.args, {
			...server.owner,
			cwd: folder.path,
			stdio: ["ignore", out, out],
			detached: true, // a signal to the run's process group is not for the servers
		});
		closeSync(out);
		child.unref();
		let failure: string | undefined;
		child.on("error", err => {
			failure = err.message;
		});
		child.on("exit", (code, why) => {
			failure = `it ended with ${code ?? why}`;
		});
		if (child.pid !== undefined) {
			running = nameOf(child.pid);
			if (folder.temporary) guard("processes", running);
		}
		const deadline = Date.now() + START_WITHIN_MS;
		while (!(await server.ready(readFileSync(logFile, "utf8").slice(from)))) {
			if (Date.now() > deadline) failure ??= `it did not serve within ${START_WITHIN_MS / 1000} s`;
			if (failure) {
				await kill9();
				throw new Error(`${server.name} did not start: ${failure}.\n${tail(logFile)}`);
			}
			await new Promise(resolve => setTimeout(resolve, 25));
		}
	}

	async function kill9() {
		if (running) await killProcess(running);
		ended();
	}

	async function end() {
		if (running) await endProcess(running, stopSignal);
		ended();
	}

	function ended() {
		if (running && folder.temporary) release("processes", running);
		running = undefined;
	}

	/** Whoever looks for a free port may hold this one for a moment, while the server is down. */
	async function startAgain() {
		for (let tries = 1; ; tries++) {
			try {
				return await start();
			} catch (err) {
				if (tries === PORT_TRIES || !/address already in use/i.test(String(err))) throw err;
				await new Promise(resolve => setTimeout(resolve, 100));
			}
		}
	}

	await start();
	return {
		url: server.url,
		port: server.port,
		get pid() {
			return running && isRunning(running) ? running.pid : undefined;
		},
		kill9,
		async sigstop() {
			if (running) await freeze(running);
		},
		async sigcont() {
			if (running) for (const name of familyOf(running).reverse()) signal(name, "SIGCONT");
		},
		async restart() {
			await end();
			await startAgain();
		},
		async stop() {
			if (!folder.temporary) return end();
			await kill9();
			rmSync(folder.path, { recursive: true, force: true });
			release("folders", folder.path);
		},
		log: () => tail(logFile),
	};
}

function tail(file: string): string {
	return existsSync(file) ? readFileSync(file, "utf8").slice(-4_000) : "";
}
