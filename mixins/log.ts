import type { ServiceBroker } from "moleculer";
import type { LogEvent } from "../contracts/changes.ts";
import type { OutboxPlaces } from "../contracts/events.ts";
import { newId } from "../lib/ids.ts";
import { ChatLog, type Exit } from "../lib/log/change.ts";
import { announce } from "../lib/moleculer.ts";
import { acquireDatabase, type DatabaseVars, releaseDatabase } from "./database.ts";

const BEAT_EVERY_MS = 1_000;

/** A service's numbered stream of committed batches. Gateways notice a number that they miss, or a beat that is ahead. */
class Outlet implements Exit {
	readonly #broker: ServiceBroker;
	readonly #stream = newId();
	#n = 0;

	constructor(broker: ServiceBroker) {
		this.#broker = broker;
	}

	publish(events: LogEvent[], outbox: OutboxPlaces): void {
		this.#send("log.batch", { stream: this.#stream, n: ++this.#n, events, outbox });
	}

	beat(): void {
		if (this.#n > 0) this.#send("log.beat", { stream: this.#stream, n: this.#n });
	}

	/** A hint that is lost is found missing by the beat, so a failed send is only logged. */
	#send(
		...[name, data]: Parameters<typeof announce> extends [unknown, infer E, infer D] ? [E, D] : never
	): void {
		announce(this.#broker, name as never, data as never).catch(err =>
			this.#broker.logger.warn(`${name} was not sent.`, err),
		);
	}
}

/** What a service with this mixin has in its `Vars`. */
export interface LogVars extends DatabaseVars {
	log: ChatLog;
	outlet: Outlet;
	beatTimer: NodeJS.Timeout;
}

/** Gives a service `this.log`, through which it changes chats, and `this.db`. */
export function withLog() {
	return {
		async started(this: LogVars & { broker: ServiceBroker }) {
			this.db = await acquireDatabase();
			this.outlet = new Outlet(this.broker);
			this.log = new ChatLog(this.db, this.outlet);
			this.beatTimer = setInterval(() => this.outlet.beat(), BEAT_EVERY_MS);
		},
		async stopped(this: LogVars) {
			clearInterval(this.beatTimer);
			if (this.db) await releaseDatabase();
		},
	};
}
