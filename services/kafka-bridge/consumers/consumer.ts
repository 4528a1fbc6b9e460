/** What one of the consumers that ship does with events. Everything else is the intake's. */
import type { Consumer, ParleyEvent, Topic } from "../../../contracts/kafka.ts";
import type { Query } from "../../../lib/database.ts";

/** An event that the consumer has not applied before, in the order of its source. */
export interface Fresh {
	event: ParleyEvent;
	/** The record's text, as it was published. */
	text: string;
}

export interface BridgeConsumer {
	readonly name: Consumer;
	readonly topics: readonly Topic[];
	/**
	 * What is asked of others before the transaction, which must not wait for them. Only for events that seem new; some
	 * may have been applied by the time that `apply` is called with the rest.
	 */
	prepare?(fresh: readonly Fresh[]): Promise<Prepared>;
	/**
	 * The effect, inside the transaction that also stores the position. It may run again, with fewer events.
	 * @returns what follows from it, to be told; each with an id that is the same when it is made again
	 */
	apply(query: Query, fresh: readonly Fresh[], source: string, prepared: Prepared): Promise<ParleyEvent[]>;
}

/** By the event's id, what `prepare` found. */
export type Prepared = ReadonlyMap<string, ParleyEvent[]>;
