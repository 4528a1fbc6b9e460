/** A proxy in front of nodes, by the file in deploy/ with this machine's addresses. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { findProgram, needProgram } from "./servers/install.ts";
import { freePorts } from "./servers/ports.ts";

const FRONTS = {
	nginx: {
		file: "nginx.conf",
		args: (file: string) => ["-c", file, "-e", "stderr", "-g", "daemon off;"],
		/** A package's usual folders are not a test's. */
		here: (text: string, folder: string, port: number) =>
			text
				.replace("listen 80;", `listen 127.0.0.1:${port};`)
				.replace(
					"http {",
					`pid ${folder}/pid;\nhttp {\n\taccess_log off;\n${[
						"client_body",
						"proxy",
						"fastcgi",
						"uwsgi",
						"scgi",
					]
						.map(name => `\t${name}_temp_path ${folder};\n`)
						.join("")}`,
				),
	},
	haproxy: {
		file: "haproxy.cfg",
		args: (file: string) => ["-db", "-f", file],
		here: (text: string, _folder: string, port: number) => text.replace("bind :80", `bind 127.0.0.1:${port}`),
	},
};

export type FrontName = keyof typeof FRONTS;

export interface Front {
	url: string;
	stop(): Promise<void>;
}

export async function startFront(name: FrontName, nodes: readonly string[]): Promise<Front> {
	const { file, args, here } = FRONTS[name];
	const program = await needProgram(name, [name], () => findProgram(name, ["/usr/sbin"]));
	const folder = mkdtempSync(path.join(tmpdir(), `parley-${name}-`));
	const [port = 0] = await freePorts(1);
	const shipped = readFileSync(path.join(import.meta.dirname, "../../deploy", file), "utf8");
	const text = nodes.reduce(
		(text, url, i) => text.replaceAll(`parley-${i + 1}:3000`, new URL(url).host),
		here(withRoomFor(nodes.length, shipped), folder, port),
	);
	writeFileSync(path.join(folder, file), text);
	const log = path.join(folder, "log");
	const child = spawn(program, args(path.join(folder, file)), {
		stdio: ["ignore", "ignore", openSync(log, "w")],
	});
	const onExit = () => child.kill("SIGKILL");
	process.once("exit", onExit);
	const ended = once(child, "exit");
	const front = {
		url: `http://127.0.0.1:${port}`,
		async stop() {
			child.kill("SIGTERM");
			await ended;
			process.removeListener("exit", onExit);
			rmSync(folder, { recursive: true, force: true });
		},
	};
	for (let tries = 0; tries < 100; tries++) {
		if (child.exitCode !== null) break;
		const isUp = await fetch(`${front.url}/health/liveness`).then(
			({ ok }) => ok,
			() => false,
		);
		if (isUp) return front;
		await new Promise(done => setTimeout(done, 100));
	}
	const said = readFileSync(log, "utf8");
	await front.stop();
	throw new Error(`${name} does not serve:\n${said}`);
}

/** What ships names two nodes: each further one stands wherever the second does. */
function withRoomFor(nodes: number, shipped: string): string {
	const others = Array.from({ length: Math.max(0, nodes - 2) }, (_, i) => `parley-${i + 3}`);
	return shipped.replace(/^.*parley-2:3000.*$/gm, line =>
		[line, ...others.map(name => line.replaceAll("parley-2", name))].join("\n"),
	);
}
