/** What a node of development does beside serving: it makes the demo, then runs its bot. Neither keeps anyone waiting. */
import type { ServiceBroker } from "moleculer";
import { isStopping, onStop } from "../node/lifecycle.ts";
import type { Say } from "../node/say.ts";
import { seedFirstStart } from "./first-start.ts";

/** `address` is where the node serves. */
export async function startDemo(broker: ServiceBroker, address: string, say: Say): Promise<void> {
	const hasBot = await toldIfFailed(say, "the demo is not complete", () => seedFirstStart(broker, say));
	if (hasBot) await toldIfFailed(say, "the echo bot does not run", () => runBot(address));
}

async function runBot(address: string): Promise<void> {
	const { startEchoBot } = await import("./echo-bot.ts");
	const stopBot = await startEchoBot(address);
	if (isStopping()) await stopBot();
	else onStop("the echo bot", stopBot);
}

/** A stop takes away what the work is done with: that is no failure. */
async function toldIfFailed<T>(say: Say, failure: string, work: () => Promise<T>): Promise<T | undefined> {
	try {
		return await work();
	} catch (err) {
		if (!isStopping()) say(`Warning: ${failure}: ${(err as Error).message}`);
		return undefined;
	}
}
