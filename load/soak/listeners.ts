import { EventEmitter } from "node:events";

/** What lives for less is a request, a stream of it or garbage: many of them say how much goes on, not what stays. */
const STAYS_MS = 60_000;

interface Seen {
	emitter: WeakRef<EventEmitter>;
	sinceMs: number;
}

/** Knows every emitter that this process makes from now on, without holding it, to count what listens to them. */
export class Listeners {
	#seen: Seen[] = [];

	constructor() {
		const made = EventEmitter as unknown as { init(this: EventEmitter, ...args: unknown[]): void };
		const { init } = made;
		const seen = (emitter: EventEmitter) =>
			this.#seen.push({ emitter: new WeakRef(emitter), sinceMs: performance.now() });
		// Every constructor of an emitter comes by here, those of streams and sockets too.
		made.init = function (...args) {
			init.apply(this, args);
			seen(this);
		};
	}

	/** @returns how many listeners those emitters have that have been there for a minute */
	count(): number {
		const before = performance.now() - STAYS_MS;
		let count = 0;
		this.#seen = this.#seen.filter(({ emitter, sinceMs }) => {
			const alive = emitter.deref();
			if (alive && sinceMs < before) count += listenersOf(alive);
			return alive !== undefined;
		});
		return count;
	}
}

const listenersOf = (emitter: EventEmitter): number =>
	emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
