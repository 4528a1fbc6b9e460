import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { DatabaseEndpoint } from "./endpoint.ts";
import { takeLock } from "./lock.ts";
import type { WorkerData } from "./server.ts";

export interface EmbeddedDatabase {
	endpoint: Extract<DatabaseEndpoint, { kind: "embedded" }>;
	/** Rejects if the database ends by itself: nothing works then, and a restart recovers. */
	lost: Promise<never>;
	/** Writes everything out and gives the folder free; asked again, it is the same stop. */
	stop(): Promise<void>;
}

/** pg looks for `.s.PGSQL.<port>` in a folder; the port is only a part of that name. */
const PORT = 5432;
const SOCKET = `.s.PGSQL.${PORT}`;

/** What `sun_path` holds, less its closing NUL. macOS has 103. */
const SOCKET_PATH_BYTES_MAX = process.platform === "linux" ? 107 : 103;

/**
 * PostgreSQL inside this process, its data in `<dataDir>/postgres`. The socket has no password: the mode of
 * its folder is what keeps others out.
 */
export async function startEmbedded(dataDir: string): Promise<EmbeddedDatabase> {
	const folder = join(dataDir, "postgres");
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	chmodSync(folder, 0o700);
	const socketDir = shortEnough(folder) ? folder : mkdtempSync(join(tmpdir(), "parley-"));
	const socketPath = join(socketDir, SOCKET);
	const removeTemporary = () => socketDir !== folder && rmSync(socketDir, { recursive: true, force: true });
	const release = await takeLock(join(folder, "lock"), socketPath).catch(err => {
		removeTemporary();
		throw err;
	});
	const cleanUp = () => {
		rmSync(socketPath, { force: true });
		removeTemporary();
		release();
	};
	rmSync(socketPath, { force: true });
	try {
		const worker = await startDatabase(folder, socketPath);
		const { lost, stop } = supervise(worker);
		let stopped: Promise<void> | undefined;
		return {
			endpoint: {
				kind: "embedded",
				socketDir,
				port: PORT,
				user: "postgres",
				database: "postgres",
				poolMax: 1,
			},
			lost,
			stop: () => (stopped ??= stop().then(cleanUp)),
		};
	} catch (err) {
		cleanUp();
		throw err;
	}
}

/** A first start that was killed leaves half a database: without the mark of a whole one, it is made anew. */
async function startDatabase(folder: string, socketPath: string) {
	const databaseDir = join(folder, "data");
	const mark = join(folder, "whole");
	if (!existsSync(mark)) rmSync(databaseDir, { recursive: true, force: true });
	const worker = await startWorker({ databaseDir, socketPath });
	writeFileSync(mark, "");
	return worker;
}

function shortEnough(folder: string) {
	return Buffer.byteLength(join(folder, SOCKET)) <= SOCKET_PATH_BYTES_MAX;
}

function startWorker(workerData: WorkerData): Promise<Worker> {
	const worker = new Worker(new URL("./server.ts", import.meta.url), { workerData });
	return new Promise((resolve, reject) => {
		worker.on("message", message => {
			// Under --watch, Node itself sends messages about what the worker has loaded.
			if (message !== "ready") return;
			worker.removeAllListeners();
			resolve(worker);
		});
		worker.once("error", reject);
		worker.once("exit", code => reject(new Error(`The embedded PostgreSQL ended with code ${code}.`)));
	});
}

function supervise(worker: Worker) {
	let stopping = false;
	const ended = Promise.withResolvers<void>();
	const lost = Promise.withResolvers<never>();
	lost.promise.catch(() => {}); // whoever waits for it hears of it; nobody has to wait
	worker.once("error", err => lost.reject(err));
	worker.once("exit", code => {
		ended.resolve();
		if (!stopping) lost.reject(new Error(`The embedded PostgreSQL ended with code ${code}.`));
	});
	return {
		lost: lost.promise,
		stop: async () => {
			stopping = true;
			worker.postMessage("stop");
			await ended.promise;
		},
	};
}
