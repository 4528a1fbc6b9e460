import type { ServiceBroker } from "moleculer";
import type { Params } from "../../../contracts/contract.ts";
import * as messages from "../../../contracts/messages.ts";
import { SLOW_FAILURE_MS } from "../../../lib/batcher.ts";
import { failWith } from "../../../lib/errors.ts";
import { newId } from "../../../lib/ids.ts";
import { InFlight } from "../../../lib/in-flight.ts";
import { call } from "../../../lib/moleculer.ts";
import { BOUNDS } from "./bounds.ts";
import { chunks } from "./chunks.ts";

/** Which node best takes the sends of a chat, null for any; and what is said of one that did not. */
interface Homes {
	of(chatId: string): string | null;
	doubt(node: string): void;
}

/** Who has not answered by then is frozen or out of reach, which the others only know later. */
const HOME_TIMEOUT_MS = 2_000;
/** Where a home has taken its time, the others have what is left of five seconds. */
const AFTER_HOME_TIMEOUT_MS = 2_800;

const ANYWHERE: Homes = { of: () => null, doubt: () => {} };

interface Waiting {
	/** The socket and the chat: sends with the same are stored in their order. */
	order: string;
	send: messages.CheckedSend;
	resolve(message: messages.Message): void;
	reject(err: unknown): void;
}

/**
 * What the sockets of this node send in one turn of the event loop goes to the messages service in one call. A call keeps
 * the order of what is in it, and two calls may go to different nodes: while one is on its way, what one of its sockets
 * sends to the same chat waits, and goes with the next. What another node takes better goes there, in a call of its own.
 */
export class Sends {
	readonly #broker: ServiceBroker;
	readonly #homes: Homes;
	#waiting: Waiting[] = [];
	#underWay = 0;
	/** What waits for a call that is on its way, by its order. */
	readonly #behind = new InFlight<string, Waiting[]>();

	constructor(broker: ServiceBroker, homes: Homes = ANYWHERE) {
		this.#broker = broker;
		this.#homes = homes;
	}

	/** Whether one more would have to wait for too long. */
	get isFull(): boolean {
		return this.#underWay >= BOUNDS.sendsUnderWayMax;
	}

	/** @throws what `messages.send` throws */
	async add(
		from: { id: string; user: { id: string } },
		params: Params<typeof messages.send>,
	): Promise<messages.Message> {
		this.#underWay++;
		try {
			return await new Promise((resolve, reject) => {
				// With a key it may be tried twice, and is stored once.
				const send = { ...params, clientId: params.clientId ?? newId(), userId: from.user.id };
				this.#add({ order: `${from.id} ${params.chatId.toLowerCase()}`, send, resolve, reject });
			});
		} finally {
			this.#underWay--;
		}
	}

	#add(one: Waiting): void {
		if (this.#heldBack(one)) return;
		if (this.#waiting.push(one) === 1) setImmediate(() => this.#endTurn());
	}

	/** Puts it behind the call that is on its way, where there is one. */
	#heldBack(one: Waiting): boolean {
		const behind = this.#behind.get(one.order);
		behind?.push(one);
		return behind !== undefined;
	}

	#endTurn(): void {
		for (const some of chunks(this.#waiting.splice(0), messages.SENDS_PER_CALL_MAX)) {
			const next = some.filter(one => !this.#heldBack(one));
			const byHome = Map.groupBy(next, ({ send }) => this.#homes.of(send.chatId.toLowerCase()));
			for (const [home, sent] of byHome) void this.#call(sent, home);
		}
	}

	async #call(sent: Waiting[], home: string | null): Promise<void> {
		const startedAt = performance.now();
		const orders = new Set(sent.map(({ order }) => order));
		const away = new Map<string, unknown>();
		for (const order of orders) this.#behind.set(order, []);
		try {
			const sends = sent.map(({ send }) => send);
			const outcomes = await (home === null ? this.#anywhere(sends) : this.#at(home, sends));
			for (const [i, { order, resolve, reject }] of sent.entries()) {
				const outcome = outcomes[i];
				if (!outcome) reject(new Error("A send was not answered."));
				else if ("failure" in outcome) {
					const err = failWith(outcome.failure);
					if (err.type === "UNAVAILABLE") away.set(order, err);
					reject(err);
				} else resolve(outcome.message);
			}
		} catch (err) {
			for (const { order, reject } of sent) {
				away.set(order, err);
				reject(err);
			}
		}
		// Those behind would wait as long for the same.
		if (performance.now() - startedAt > SLOW_FAILURE_MS)
			for (const [order, err] of away)
				for (const { reject } of this.#behind.get(order)?.splice(0) ?? []) reject(err);
		for (const order of orders) {
			const behind = this.#behind.get(order) ?? [];
			this.#behind.delete(order);
			for (const one of behind) this.#add(one);
		}
	}

	#anywhere(sends: messages.CheckedSend[], opts = {}): Promise<messages.SendOutcome[]> {
		return call(this.#broker, messages.sendAll, { sends }, opts);
	}

	/** A home is a hint: where it has gone or fails, any other node does, but not the same once more. */
	async #at(home: string, sends: messages.CheckedSend[]): Promise<messages.SendOutcome[]> {
		try {
			return await call(
				this.#broker,
				messages.sendAll,
				{ sends },
				{ nodeID: home, timeout: HOME_TIMEOUT_MS },
			);
		} catch {
			this.#homes.doubt(home);
			const nodeID = this.#homes.of(sends[0]?.chatId.toLowerCase() ?? "");
			return this.#anywhere(sends, { timeout: AFTER_HOME_TIMEOUT_MS, ...(nodeID && { nodeID }) });
		}
	}
}
