import { writeFile } from "node:fs/promises";
import path from "node:path";
import { needProgram } from "./install.ts";
import { makeFolder, startNative } from "./native.ts";
import { freePorts } from "./ports.ts";
import { answersPing } from "./redis.ts";
import type { ServerProcess } from "./types.ts";

export interface Watched {
	/** What it calls the master. */
	name: string;
	master: ServerProcess;
	/** Of the master and its replicas. */
	password: string;
	/** Of the sentinel itself. */
	sentinelPassword: string;
}

/** One sentinel, which decides alone. */
export async function startSentinel({
	name,
	master,
	password,
	sentinelPassword,
}: Watched): Promise<ServerProcess> {
	const [port = 0] = await freePorts(1);
	const command = await needProgram("redis-server", ["redis-server"]);
	const folder = await makeFolder("sentinel", undefined);
	const file = path.join(folder.path, "sentinel.conf");
	const lines = [
		`port ${port}`,
		"bind 127.0.0.1",
		`requirepass "${sentinelPassword}"`,
		`sentinel monitor ${name} 127.0.0.1 ${master.port} 1`,
		`sentinel auth-pass ${name} "${password}"`,
		`sentinel down-after-milliseconds ${name} 700`,
		`sentinel failover-timeout ${name} 5000`,
	];
	await writeFile(file, `${lines.join("\n")}\n`);
	return startNative({
		name: "Sentinel",
		url: `redis://127.0.0.1:${port}`,
		port,
		folder,
		command,
		args: [file, "--sentinel"],
		stopSignal: "SIGTERM",
		ready: () => answersPing(port),
	});
}
