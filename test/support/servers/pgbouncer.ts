import { writeFile } from "node:fs/promises";
import path from "node:path";
import { Client } from "pg";
import { findProgram, needProgram } from "./install.ts";
import { makeFolder, startNative } from "./native.ts";
import { freePorts } from "./ports.ts";
import { unprivileged } from "./postgres.ts";
import type { ServerProcess, Settings } from "./types.ts";

/** Fewer sessions than a node has connections, so that transactions of one do get sessions of others. */
const SETTINGS: Settings = { pool_mode: "transaction", default_pool_size: 3, max_client_conn: 200 };

/** A pooler in front of a PostgreSQL of this machine, where it is that user whoever comes. */
export async function startPgbouncer(postgres: ServerProcess, user = "postgres"): Promise<ServerProcess> {
	const command = await needProgram("pgbouncer", ["pgbouncer"], () =>
		findProgram("pgbouncer", ["/usr/sbin"]),
	);
	const [port = 0] = await freePorts(1);
	const owner = unprivileged();
	const folder = await makeFolder("pgbouncer", undefined, owner);
	const file = path.join(folder.path, "pgbouncer.ini");
	const own = { listen_addr: "127.0.0.1", listen_port: port, unix_socket_dir: "", auth_type: "any" };
	const lines = Object.entries({ ...own, ...SETTINGS }).map(([name, value]) => `${name} = ${value}`);
	const database = `* = host=127.0.0.1 port=${postgres.port} user=${user}`;
	await writeFile(file, `[databases]\n${database}\n[pgbouncer]\n${lines.join("\n")}\n`);
	const url = new URL(postgres.url);
	url.port = String(port);
	return startNative({
		name: "pgbouncer",
		url: url.href,
		port,
		folder,
		owner,
		command,
		args: [file],
		stopSignal: "SIGINT",
		ready: () => answers(url.href),
	});
}

async function answers(url: string): Promise<boolean> {
	const client = new Client({ connectionString: url });
	client.on("error", () => {});
	try {
		await client.connect();
		await client.query("SELECT 1");
		return true;
	} catch {
		return false;
	} finally {
		await client.end().catch(() => {});
	}
}
