/**
 * The worker thread that PostgreSQL lives in: on the main thread one slow query would stop every socket.
 * Tells its parent `ready`; told `stop`, it closes the database and ends.
 */
import { parentPort, workerData } from "node:worker_threads";
import { PGlite } from "@electric-sql/pglite";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";

export interface WorkerData {
	databaseDir: string;
	socketPath: string;
}

/** All connections share one session and take turns; more than one is for a migration beside the pool. */
const CONNECTIONS_MAX = 8;

const PROTOCOL_3 = 196_608;

const { databaseDir, socketPath } = workerData as WorkerData;
const db = await PGlite.create({ dataDir: databaseDir, extensions: { pg_trgm } });
guard();
const server = new PGLiteSocketServer({ db, path: socketPath, maxConnections: CONNECTIONS_MAX });
await server.start();
parentPort?.on("message", message => {
	if (message === "stop") void stop();
});
parentPort?.postMessage("ready");

async function stop() {
	await server.stop();
	await db.close();
	parentPort?.close();
}

/**
 * A new connection would inherit the prepared statements and settings of the one before, so its first packet
 * clears them. And where the engine itself fails, the socket server's queue would wait for ever: the thread
 * ends instead, and the process with it.
 */
function guard() {
	const run = db.execProtocolRawStream.bind(db);
	db.execProtocolRawStream = async (message, options) => {
		try {
			if (isStartup(message)) await run(simpleQuery("DISCARD ALL"), { onRawData: () => {} });
			await run(message, options);
		} catch (err) {
			setImmediate(() => {
				throw err;
			});
			throw err;
		}
	};
}

function isStartup(message: Uint8Array) {
	const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
	return view.byteLength >= 8 && view.getInt32(0) === view.byteLength && view.getInt32(4) === PROTOCOL_3;
}

function simpleQuery(sql: string) {
	const message = Buffer.alloc(sql.length + 6);
	message.write("Q", 0);
	message.writeInt32BE(sql.length + 5, 1);
	message.write(sql, 5);
	return new Uint8Array(message);
}
