/** The least that a message can cost, by arithmetic: what is left to gain is what lies between this and what is measured. */
import { gatherMsFor } from "../../lib/pace.ts";

export interface Least {
	reads: number;
	writes: number;
	bytesRead: number;
	bytesWritten: number;
	commits: number;
	walBytes: number;
	records: number;
}

/** A message has a topic of its own and that of all events of chats. */
const RECORDS = 2;

/**
 * A message arrives in one read and leaves in one write to each member; it is written to PostgreSQL and to Kafka, and both
 * answer. What gathers shares: a batch its commit, its writes to PostgreSQL and to Kafka and their answers, messages of
 * one room their writes to its members, those of one sender the read. Of bytes, the content alone is counted: once from
 * the sender, once to each member and to PostgreSQL, twice to Kafka, once in the WAL.
 */
export function leastOf(
	{ rooms, members }: { rooms: number; members: number },
	rate: number,
	contentBytes: number,
): Least {
	const together = (perSecond: number, ms: number) => Math.max(1, (perSecond * ms) / 1_000);
	const longest = gatherMsFor(Number.POSITIVE_INFINITY);
	const gatherMs = gatherMsFor(together(rate / rooms, longest));
	const batch = together(rate, gatherMs);
	const inRoom = together(rate / rooms, gatherMs);
	const bySender = together(rate / (rooms * members), gatherMs);
	return {
		reads: 1 / bySender + 2 / batch,
		writes: members / inRoom + 2 / batch,
		bytesRead: contentBytes,
		bytesWritten: contentBytes * (members + 1 + RECORDS),
		commits: 1 / batch,
		walBytes: contentBytes,
		records: RECORDS,
	};
}
