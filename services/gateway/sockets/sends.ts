import type { ServiceBroker } from "moleculer";
import type { Params } from "../../../contracts/contract.ts";
import * as messages from "../../../contracts/messages.ts";
import { failWith } from "../../../lib/errors.ts";
import { call } from "../../../lib/moleculer.ts";
import { chunks } from "./chunks.ts";

interface Waiting {
	send: messages.CheckedSend;
	resolve(message: messages.Message): void;
	reject(err: unknown): void;
}

/** What the sockets of this node send in one turn of the event loop goes to the messages service in one call. */
export class Sends {
	readonly #broker: ServiceBroker;
	#waiting: Waiting[] = [];

	constructor(broker: ServiceBroker) {
		this.#broker = broker;
	}

	/** @throws what `messages.send` throws */
	add(userId: string, params: Params<typeof messages.send>): Promise<messages.Message> {
		return new Promise((resolve, reject) => {
			const send = { ...params, userId };
			if (this.#waiting.push({ send, resolve, reject }) === 1) setImmediate(() => this.#endTurn());
		});
	}

	#endTurn(): void {
		for (const some of chunks(this.#waiting.splice(0), messages.SENDS_PER_CALL_MAX)) void this.#call(some);
	}

	async #call(waiting: Waiting[]): Promise<void> {
		try {
			const outcomes = await call(this.#broker, messages.sendAll, { sends: waiting.map(({ send }) => send) });
			for (const [i, { resolve, reject }] of waiting.entries()) {
				const outcome = outcomes[i];
				if (!outcome) reject(new Error("A send was not answered."));
				else if ("failure" in outcome) reject(failWith(outcome.failure));
				else resolve(outcome.message);
			}
		} catch (err) {
			for (const { reject } of waiting) reject(err);
		}
	}
}
