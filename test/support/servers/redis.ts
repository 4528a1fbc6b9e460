import { connect } from "node:net";
import { startInDocker } from "./docker.ts";
import { hasDocker, needProgram } from "./install.ts";
import { makeFolder, startNative } from "./native.ts";
import { freePorts } from "./ports.ts";
import type { ServerProcess, Settings, StartOptions } from "./types.ts";

// Nothing of record lives in Redis, so it comes back empty.
const SETTINGS: Settings = { save: "", appendonly: "no" };

export async function startRedis(options: StartOptions = {}): Promise<ServerProcess> {
	const port = options.port ?? (await freePorts(1))[0] ?? 0;
	const url = `redis://127.0.0.1:${port}`;
	const settings = Object.entries({ ...SETTINGS, ...options.settings });
	const args = settings.flatMap(([name, value]) => [`--${name}`, String(value)]);
	if (hasDocker() && !options.native) {
		const command = ["redis-server", ...args];
		return startInDocker("redis", { url, port, inside: 6379, override: { command }, options });
	}

	const command = await needProgram("redis-server", ["redis-server"]);
	const folder = await makeFolder("redis", options.folder);
	return startNative({
		name: "Redis",
		url,
		port,
		folder,
		command,
		args: ["--bind", "127.0.0.1", "--port", String(port), "--dir", folder.path, ...args],
		stopSignal: "SIGTERM",
		ready: () => answersPing(port),
	});
}

export function answersPing(port: number): Promise<boolean> {
	return new Promise(resolve => {
		const socket = connect(port, "127.0.0.1", () => socket.write("PING\r\n"));
		const say = (answer: boolean) => {
			socket.destroy();
			resolve(answer);
		};
		socket.setTimeout(1_000, () => say(false));
		socket.on("data", data => say(/^(?:\+PONG|-NOAUTH)/.test(data.toString())));
		socket.on("error", () => say(false));
		socket.on("close", () => resolve(false));
	});
}
