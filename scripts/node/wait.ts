import { setTimeout as sleep } from "node:timers/promises";
import { isAboutCertificate } from "../../lib/tls.ts";
import { StartFailure } from "./failure.ts";
import type { Say } from "./say.ts";

/** Containers of one compose file start together; a server may need a while longer than we do. */
const WAIT_MAX_MS = 30_000;
const WAIT_STEP_MS = 500;

export interface Wanted {
	/** What it is and where, for people. */
	server: string;
	attempt(): Promise<void>;
	isAway(err: unknown): boolean;
	/** The variable that says whose certificates are good. */
	caVariable: "CHAT_DATABASE_CA_FILE" | "CHAT_REDIS_CA_FILE";
	say: Say;
}

/** Tries until it works. An error that waiting does not cure is told at once, the others when the time is over. */
export async function untilThere({ server, attempt, isAway, caVariable, say }: Wanted): Promise<void> {
	const deadline = Date.now() + WAIT_MAX_MS;
	for (let tries = 0; ; tries++) {
		try {
			return await attempt();
		} catch (err) {
			if (err instanceof StartFailure) throw err;
			const { message, code } = err as { message: string; code?: string };
			const words = (message || String(code)).replace(/\.$/, "");
			if (isAboutCertificate(err))
				throw new StartFailure(`${server} is not trusted: ${words}. See ${caVariable}.`);
			if (!isAway(err)) throw new StartFailure(`${server} says: ${words}.`);
			if (Date.now() > deadline) throw new StartFailure(`${server} does not answer: ${words}.`);
			if (tries === 0) say(`Waiting for ${server} …`);
			await sleep(WAIT_STEP_MS);
		}
	}
}
