import { setTimeout as sleep } from "node:timers/promises";
import { StartFailure } from "./failure.ts";
import type { Say } from "./say.ts";

/** Containers of one compose file start together; a server may need a while longer than we do. */
const WAIT_MAX_MS = 30_000;
const WAIT_STEP_MS = 500;

/** Tries until it works. An error that waiting does not cure is told at once, the others when the time is over. */
export async function untilThere(
	server: string,
	attempt: () => Promise<void>,
	isAway: (err: unknown) => boolean,
	say: Say,
): Promise<void> {
	const deadline = Date.now() + WAIT_MAX_MS;
	for (let tries = 0; ; tries++) {
		try {
			return await attempt();
		} catch (err) {
			if (err instanceof StartFailure) throw err;
			const { message, code } = err as { message: string; code?: string };
			const words = (message || String(code)).replace(/\.$/, "");
			if (!isAway(err)) throw new StartFailure(`${server} says: ${words}.`);
			if (Date.now() > deadline) throw new StartFailure(`${server} does not answer: ${words}.`);
			if (tries === 0) say(`Waiting for ${server} …`);
			await sleep(WAIT_STEP_MS);
		}
	}
}
