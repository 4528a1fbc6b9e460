import { writeFile } from "node:fs/promises";
import path from "node:path";
import type { Certificates } from "../certificates.ts";
import { needProgram } from "./install.ts";
import { makeFolder, startNative } from "./native.ts";
import { freePorts } from "./ports.ts";
import { answersPing, startRedis } from "./redis.ts";
import { type SecureRedis, tlsOf } from "./redis-tls.ts";

export interface WatchOptions {
	/** What the sentinel calls the master. */
	name: string;
	/** Of the master and its replica. */
	password: string;
	/** Of the sentinel itself. */
	sentinelPassword: string;
	/** With them all three speak TLS, to each other too. */
	certificates?: Certificates;
}

export interface Watched {
	master: SecureRedis;
	replica: SecureRedis;
	sentinel: SecureRedis;
}

/** A master with a replica, and one sentinel, which decides alone. */
export async function startWatched({
	name,
	password,
	sentinelPassword,
	certificates,
}: WatchOptions): Promise<Watched> {
	const common = {
		requirepass: password,
		masterauth: password,
		"repl-diskless-sync-delay": 0,
		...(certificates && { "tls-replication": "yes" }),
	};
	const start = async (more: Record<string, string> = {}): Promise<SecureRedis> => {
		const { port: tlsPort, settings } = await tlsOf(certificates);
		const server = await startRedis({ native: true, settings: { ...settings, ...common, ...more } });
		return Object.assign(server, { tlsPort });
	};
	const master = await start();
	const at = `127.0.0.1 ${master.tlsPort || master.port}`;
	const replica = await start({ replicaof: at });
	const sentinel = await startSentinel(
		[
			`requirepass "${sentinelPassword}"`,
			`sentinel monitor ${name} ${at} 1`,
			`sentinel auth-pass ${name} "${password}"`,
			`sentinel down-after-milliseconds ${name} 700`,
			`sentinel failover-timeout ${name} 5000`,
			...(certificates ? ["tls-replication yes"] : []),
		],
		certificates,
	);
	return { master, replica, sentinel };
}

async function startSentinel(lines: readonly string[], certificates?: Certificates): Promise<SecureRedis> {
	const [port = 0] = await freePorts(1);
	const { port: tlsPort, settings } = await tlsOf(certificates);
	const command = await needProgram("redis-server", ["redis-server"]);
	const folder = await makeFolder("sentinel", undefined);
	const file = path.join(folder.path, "sentinel.conf");
	const own = Object.entries({ port, bind: "127.0.0.1", ...settings }).map(
		([key, value]) => `${key} ${value}`,
	);
	await writeFile(file, `${[...own, ...lines].join("\n")}\n`);
	const server = await startNative({
		name: "Sentinel",
		url: `redis://127.0.0.1:${port}`,
		port,
		folder,
		command,
		args: [file, "--sentinel"],
		stopSignal: "SIGTERM",
		ready: () => answersPing(port),
	});
	return Object.assign(server, { tlsPort });
}
