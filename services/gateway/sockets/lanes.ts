/** The order of one socket's calls: those to one chat run one after another, as they were sent; the rest at once. */
export type Lane =
	/** A chat's id. */
	| { chatId: string }
	/** Names a message, so its chat is not known here: after all before it, before all after it. */
	| "any-chat"
	| "no-chat";

export class Lanes {
	readonly #max: number;
	readonly #tails = new Map<string, Promise<void>>();
	#barrier: Promise<void> | null = null;
	#inFlight = 0;
	#idle: (() => void)[] = [];

	constructor(max: number) {
		this.#max = max;
	}

	/** Whether another call would be too many. */
	get isFull(): boolean {
		return this.#inFlight >= this.#max;
	}

	/** Runs `work`, which never rejects, when its turn has come. */
	run(lane: Lane, work: () => Promise<void>): void {
		this.#inFlight++;
		const before = this.#before(lane);
		const running = before ? before.then(work) : work();
		const done: Promise<void> = running.then(() => this.#leave(lane, done));
		if (lane === "any-chat") {
			this.#tails.clear();
			this.#barrier = done;
		} else if (lane !== "no-chat") this.#tails.set(lane.chatId, done);
	}

	/** When nothing runs any more. */
	idle(): Promise<void> {
		if (this.#inFlight === 0) return Promise.resolve();
		return new Promise(resolve => this.#idle.push(resolve));
	}

	#before(lane: Lane): Promise<unknown> | null {
		if (lane === "no-chat") return null;
		if (lane !== "any-chat") return this.#tails.get(lane.chatId) ?? this.#barrier;
		const all = this.#barrier ? [...this.#tails.values(), this.#barrier] : [...this.#tails.values()];
		return all.length > 0 ? Promise.all(all) : null;
	}

	#leave(lane: Lane, done: Promise<void>): void {
		if (this.#barrier === done) this.#barrier = null;
		else if (typeof lane === "object" && this.#tails.get(lane.chatId) === done)
			this.#tails.delete(lane.chatId);
		if (--this.#inFlight > 0) return;
		for (const resolve of this.#idle.splice(0)) resolve();
	}
}
