/** Fair shares, appetites and batches: arithmetic without a clock. */

/** A row of the outbox. */
export interface OutboxRow {
	id: number;
	lane: number;
	topics: string[];
	key: string;
	eventId: string;
	/** The CloudEvent as it goes out. */
	event: string;
}

/** How many lanes each of some relays may hold, so that all are held and nobody has more than one too many. */
export const fairShare = (lanes: number, relays: number): number => Math.ceil(lanes / Math.max(1, relays));

export const ROWS_MIN = 32;
export const ROWS_MAX = 500;

/** How many rows to ask a lane for: twice as many while it comes full, so that one busy chat fills whole batches. */
export function nextAppetite(asked: number, got: number): number {
	return got < asked ? ROWS_MIN : Math.min(asked * 2, ROWS_MAX);
}

/**
 * Cuts rows into batches, keeping their order. All of a batch may go to one partition, as one record batch, and Kafka
 * takes 1 MB of that unless told otherwise; a single row over the bound goes alone.
 */
export function batchesOf(rows: readonly OutboxRow[], rowsMax: number, bytesMax: number): OutboxRow[][] {
	const batches: OutboxRow[][] = [];
	let bytes = 0;
	for (const row of rows) {
		const size = Buffer.byteLength(row.event);
		const open = batches.at(-1);
		if (open && open.length < rowsMax && bytes + size <= bytesMax) {
			open.push(row);
			bytes += size;
		} else {
			batches.push([row]);
			bytes = size;
		}
	}
	return batches;
}
