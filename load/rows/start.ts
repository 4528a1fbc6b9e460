/** From the command to the first answer, as who tries it waits for it: on all cores, with nothing else configured. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { get } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { freePorts } from "../../test/support/servers.ts";
import { median } from "../print/table.ts";
import { unpin } from "../stage/machine.ts";
import { type Figures, pause, type Row } from "./row.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const TIMES = 5;
const FIRST_TIMES = 3;
const LOOK_EVERY_MS = 5;
const START_MAX_MS = 60_000;

export const start: Row = {
	name: "start",
	what: "from `npm start` to a node that says it is ready, installed and built, on data that is there",
	unit: "s",
	better: "less",
	floor: 3,
	aim: 1.5,
	async measure(_ground, progress): Promise<Figures> {
		const folder = await mkdtemp(path.join(tmpdir(), "parley-start-"));
		try {
			// The first of all may build the web client, and does not count.
			await secondsToStart(path.join(folder, "built"));
			const firsts: number[] = [];
			for (let i = 0; i < FIRST_TIMES; i++) {
				firsts.push(await secondsToStart(path.join(folder, String(i))));
				progress((i + 1) / (FIRST_TIMES + TIMES));
			}
			const again: number[] = [];
			for (let i = 0; i < TIMES; i++) {
				again.push(await secondsToStart(path.join(folder, "0")));
				progress((FIRST_TIMES + i + 1) / (FIRST_TIMES + TIMES));
			}
			return {
				figure: median(again),
				details: {
					"a first start, with an empty folder, s": median(firsts),
					"the quickest of all, s": Math.min(...again),
					"the slowest, s": Math.max(...again),
				},
				wrong: [],
			};
		} finally {
			await rm(folder, { recursive: true, force: true });
		}
	},
};

async function secondsToStart(dataDir: string): Promise<number> {
	const [port = 0] = await freePorts(1);
	const { PATH = "", HOME = "" } = process.env;
	const startedAt = performance.now();
	const child = spawn("npm", ["start"], {
		cwd: ROOT,
		env: { PATH, HOME, CHAT_PORT: String(port), CHAT_DATA_DIR: dataDir, CHAT_LOG_LEVEL: "warn" },
		stdio: "ignore",
		detached: true,
	});
	const group = -(child.pid as number);
	const killAll = () => process.kill(group, "SIGKILL");
	process.once("exit", killAll);
	try {
		unpin(child.pid as number);
		while (!(await isReady(port))) {
			if (performance.now() > startedAt + START_MAX_MS) throw new Error("It was not ready in time.");
			await pause(LOOK_EVERY_MS);
		}
		return (performance.now() - startedAt) / 1_000;
	} finally {
		const ended = new Promise(resolve => child.once("exit", resolve));
		process.kill(group, "SIGTERM");
		await ended;
		process.removeListener("exit", killAll);
	}
}

function isReady(port: number): Promise<boolean> {
	return new Promise(resolve => {
		const asking = get({ host: "127.0.0.1", port, path: "/health/readiness", agent: false }, answer => {
			answer.resume();
			resolve(answer.statusCode === 200);
		});
		asking.on("error", () => resolve(false));
	});
}
