import { config } from "../../lib/config.ts";
import { sayer } from "./say.ts";

export const say = sayer(config.logPretty);

type Step = [name: string, undo: () => Promise<unknown>];

/** One Ctrl-C may arrive twice: from the terminal, and from npm passing it on. */
const SAME_SIGNAL_MS = 1_000;

const steps: Step[] = [];
let stoppingSince: number | null = null;

/** What has to be undone at the end, the latest first. */
export function onStop(name: string, undo: () => Promise<unknown>) {
	steps.unshift([name, undo]);
}

export function isStopping() {
	return stoppingSince !== null;
}

/** SIGTERM and Ctrl-C end the node in order, a second one at once; so does an error that nobody caught, with code 1. */
export function superviseProcess() {
	const signalled = (signal: NodeJS.Signals) => {
		if (stoppingSince === null) {
			say(`${signal}: stopping.`);
			void stop(0);
		} else if (Date.now() - stoppingSince > SAME_SIGNAL_MS) {
			say(`${signal} again: ending at once.`);
			process.exit(1);
		}
	};
	const crashed = (err: unknown) => {
		say("An error that nobody caught: stopping.", err);
		void stop(1);
	};
	for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, signalled);
	process.on("uncaughtException", crashed);
	process.on("unhandledRejection", crashed);
}

/** Each step once, whatever the others do; then, or when the time is over, the process ends. */
export async function stop(code: number) {
	if (code !== 0) process.exitCode = code;
	if (stoppingSince !== null) return;
	stoppingSince = Date.now();
	let current = "";
	const allowedS = config.drainDelayS + config.shutdownTimeoutS;
	setTimeout(() => {
		say(`Stopping ${current} took more than ${allowedS} s in all: ending now.`);
		process.exit(1);
	}, allowedS * 1_000);
	for (let step = steps.shift(); step; step = steps.shift()) {
		current = step[0];
		try {
			await step[1]();
		} catch (err) {
			process.exitCode = 1;
			say(`Stopping ${current} failed.`, err);
		}
	}
	process.exit();
}
