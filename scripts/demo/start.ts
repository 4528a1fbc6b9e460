/** What a node of development does beside serving: it makes the demo, then runs its bot. Neither keeps anyone waiting. */
import type { ServiceBroker } from "moleculer";
import { isStopping } from "../node/lifecycle.ts";
import type { Say } from "../node/say.ts";
import { seedFirstStart } from "./first-start.ts";

export async function startDemo(broker: ServiceBroker, say: Say): Promise<void> {
	try {
		await seedFirstStart(broker, say);
	} catch (err) {
		// A stop takes away what the demo is made with; the next start goes on with it.
		if (!isStopping()) say(`Warning: the demo is not complete: ${(err as Error).message}`);
	}
}
