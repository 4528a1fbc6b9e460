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
	chatId: string;
	/** When it and all before it have ended. */
	done: Promise<void>;
	/** When a send may follow: once this one was handed over or has ended; where it is no send, once all is done. */
	followed: Promise<void>;
}

export class Lanes {
	readonly #max: number;
	/** A few at most. An array, not a Map: see `InFlight`. */
	readonly #tails: Tail[] = [];
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
		const earlier = isSend ? this.#tailOf(lane.chatId)?.done : undefined;
		const ended = earlier ? Promise.all([earlier, running]) : running;
		void running.then(handOver);
		const done: Promise<void> = ended.then(() => this.#leave(lane, done));
		if (lane === "any-chat") {
			this.#tails.length = 0;
			this.#barrier = done;
		} else if (lane !== "no-chat") {
			const followed = isSend ? handedOver : done;
			const tail = this.#tailOf(lane.chatId);
			if (tail) Object.assign(tail, { done, followed });
			else this.#tails.push({ chatId: lane.chatId, done, followed });
		}
	}

	/** When nothing runs any more. */
	idle(): Promise<void> {
		if (this.#inFlight === 0) return Promise.resolve();
		return new Promise(resolve => this.#idle.push(resolve));
	}

	#before(lane: Lane): Promise<unknown> | null {
		if (lane === "no-chat") return null;
		if (lane !== "any-chat") {
			const tail = this.#tailOf(lane.chatId);
			return (lane.isSend ? tail?.followed : tail?.done) ?? this.#barrier;
		}
		const all = this.#tails.map(({ done }) => done);
		if (this.#barrier) all.push(this.#barrier);
		return all.length > 0 ? Promise.all(all) : null;
	}

	#tailOf(chatId: string): Tail | undefined {
		return this.#tails.find(tail => tail.chatId === chatId);
	}

	#leave(lane: Lane, done: Promise<void>): void {
		if (this.#barrier === done) this.#barrier = null;
		else if (typeof lane === "object") {
			const place = this.#tails.findIndex(tail => tail.done === done);
			if (place !== -1) this.#tails.splice(place, 1);
		}
		if (--this.#inFlight > 0) return;
		for (const resolve of this.#idle.splice(0)) resolve();
	}
}
