import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { run } from "./install.ts";
import { makeFolder } from "./native.ts";
import type { ServerProcess, StartOptions } from "./types.ts";
import { guard, release } from "./watchdog.ts";

const COMPOSE = path.join(import.meta.dirname, "..", "compose.yml");

interface DockerServer {
	url: string;
	port: number;
	/** The port that it listens on inside its container. */
	inside: number;
	/** Ports that are the same inside and outside. */
	more?: readonly number[];
	override: { command?: string[]; environment?: Record<string, string> };
	options: StartOptions;
}

/** One server of compose.yml, as a compose project of its own, so that each can be stopped without the others. */
export async function startInDocker(service: string, server: DockerServer): Promise<ServerProcess> {
	const { folder: kept } = server.options;
	const folder = await makeFolder(`docker-${service}`, kept);
	mkdirSync(folder.path, { recursive: true });
	const override = path.join(folder.path, "compose.override.json");
	const more = (server.more ?? []).map(port => `127.0.0.1:${port}:${port}`);
	const ports = [`127.0.0.1:${server.port}:${server.inside}`, ...more];
	writeFileSync(override, JSON.stringify({ services: { [service]: { ...server.override, ports } } }));

	const project = kept ? keptProject(service) : `parley-test-${randomBytes(6).toString("hex")}`;
	const base = ["compose", "-p", project, "-f", COMPOSE, "-f", override];
	const compose = (...args: string[]) => run("docker", [...base, ...args]);
	const down = ["docker", ...base, "down", "--timeout", "10", ...(kept ? [] : ["--volumes"])];
	if (!kept) guard("commands", down);

	const up = () => compose("up", "--detach", "--wait", service);
	await up();
	return {
		url: server.url,
		port: server.port,
		pid: undefined,
		kill9: async () => void (await compose("kill", "--signal", "SIGKILL", service)),
		sigstop: async () => void (await compose("pause", service)),
		sigcont: async () => void (await compose("unpause", service)),
		async restart() {
			await compose("unpause", service).catch(() => {}); // only what is paused can be
			await compose("stop", service);
			await up();
		},
		async stop() {
			await run(down[0] ?? "", down.slice(1));
			if (kept) return;
			release("commands", down);
			rmSync(folder.path, { recursive: true, force: true });
			release("folders", folder.path);
		},
		log: () =>
			spawnSync("docker", [...base, "logs", "--tail", "50", service], { encoding: "utf8" }).stdout ?? "",
	};
}

/** Ends a server that was to outlive the process that started it; its container keeps the data. */
export async function stopInDocker(service: string): Promise<void> {
	await run("docker", ["compose", "-p", keptProject(service), "stop"]);
}

function keptProject(service: string): string {
	return `parley-services-${service}`;
}
