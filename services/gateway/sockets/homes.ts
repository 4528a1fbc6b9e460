import type { ServiceBroker } from "moleculer";
import * as messages from "../../../contracts/messages.ts";
import { BoundedMap } from "../../../lib/bounded-map.ts";
import { config } from "../../../lib/config.ts";
import { isHere, nodesOf } from "../../../lib/moleculer.ts";
import { homeOf } from "./homes.rules.ts";
import type { Rooms } from "./room.ts";

/** A node that failed is left alone so long. */
const DOUBT_MS = 10_000;
const DOUBTED_MAX = 1_000;

/** Which node best takes the sends of a chat. A hint: each other takes them as well. */
export class Homes {
	readonly #broker: ServiceBroker;
	readonly #rooms: Rooms;
	readonly #doubtedUntil = new BoundedMap<string, number>(DOUBTED_MAX);

	constructor(broker: ServiceBroker, rooms: Rooms) {
		this.#broker = broker;
		this.#rooms = rooms;
	}

	/** Null for any: this node, where it has the service and nobody else writes to the chat. */
	of(chatId: string): string | null {
		if (!config.sendHomes) return null;
		const now = performance.now();
		const isShared = this.#rooms.get(chatId)?.writers?.meet(now) ?? false;
		if (!isShared && isHere(this.#broker, messages.sendAll)) return null;
		const nodes = nodesOf(this.#broker, messages.sendAll);
		if (nodes.length < 2) return null;
		const home = homeOf(
			chatId,
			nodes.filter(node => (this.#doubtedUntil.get(node) ?? 0) <= now),
		);
		return home === this.#broker.nodeID ? null : home;
	}

	/** It did not do what it was asked for. */
	doubt(node: string): void {
		this.#doubtedUntil.set(node, performance.now() + DOUBT_MS);
	}
}
