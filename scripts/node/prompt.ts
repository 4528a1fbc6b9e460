import type { ServiceBroker } from "moleculer";
import repl from "moleculer-repl";

/** Moleculer's prompt: `actions`, `nodes`, `call users.get --id …`; `exit` stops the broker and ends the process. */
export function prompt(broker: ServiceBroker): void {
	(repl as unknown as (broker: ServiceBroker, options: null) => unknown)(broker, null);
}
