/**
 * The order of one socket's calls: those to one chat run one after another, as they were sent; the rest at once. Sends
 * are together on their way: one begins when those before it in its chat have been handed over, which keeps their order
 * from there on. All others wait for the end of what came before them.
 */
export type Lane =
	/** A chat's id. */
	| { chatId: string; isSend?: boolean }
	/** Names a message, so its chat is not known here: after all before it, before all after it. */
	| "any-chat"
	| "no-chat";

/** The last call of a chat. */
interface Tail {
	/** When it and all before it have ended. */
	done: Promise<void>;
	/** When a send may follow: once this one was handed over or has ended; where it is no send, once all is done. */
	followed: Promise<void>;
}

export class Lanes {
	readonly #max: number;
	readonly #tails = new Map<string, Tail>();
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

	/**
	 * Runs `work`, which never rejects, when its turn has come.
	 * @param work is given what a send calls once it is handed over
	 */
	run(lane: Lane, work: (handOver: () => void) => Promise<void>): void {
		this.#inFlight++;
		const isSend = typeof lane === "object" && lane.isSend === true;
		const { promise: handedOver, resolve: handOver } = Promise.withResolvers<void>();
		const before = this.#before(lane);
		const running = before ? before.then(() => work(handOver)) : work(handOver);
		const earlier = isSend ? this.#tails.get(lane.chatId)?.done : undefined;
		const ended = earlier ? Promise.all([earlier, running]) : running;
		void running.then(handOver);
		const done: Promise<void> = ended.then(() => this.#leave(lane, done));
		if (lane === "any-chat") {
			this.#tails.clear();
			this.#barrier = done;
		} else if (lane !== "no-chat")
			this.#tails.set(lane.chatId, { done, followed: isSend ? handedOver : done });
	}

	/** When nothing runs any more. */
	idle(): Promise<void> {
		if (this.#inFlight === 0) return Promise.resolve();
		return new Promise(resolve => this.#idle.push(resolve));
	}

	#before(lane: Lane): Promise<unknown> | null {
		if (lane === "no-chat") return null;
		if (lane !== "any-chat") {
			const tail = this.#tails.get(lane.chatId);
			return (lane.isSend ? tail?.followed : tail?.done) ?? this.#barrier;
		}
		const all = [...this.#tails.values()].map(({ done }) => done);
		if (this.#barrier) all.push(this.#barrier);
		return all.length > 0 ? Promise.all(all) : null;
	}

	#leave(lane: Lane, done: Promise<void>): void {
		if (this.#barrier === done) this.#barrier = null;
		else if (typeof lane === "object" && this.#tails.get(lane.chatId)?.done === done)
			this.#tails.delete(lane.chatId);
		if (--this.#inFlight > 0) return;
		for (const resolve of this.#idle.splice(0)) resolve();
	}
}
