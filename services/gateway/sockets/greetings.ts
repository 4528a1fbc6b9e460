import type { Writable } from "node:stream";

/** The answer to an upgrade and engine.io's first packet follow one another in one turn of the event loop: one write. */
export class Greetings {
	#held: Writable[] = [];

	hold(tcp: Writable): void {
		tcp.cork();
		if (this.#held.push(tcp) === 1) setImmediate(() => this.#release());
	}

	#release(): void {
		const held = this.#held;
		this.#held = [];
		for (const tcp of held) tcp.uncork();
	}
}
