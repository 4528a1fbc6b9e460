/**
 * What a writer hands over, and when it may be published without a look into the outbox.
 *
 * A commit that raises a chat's revision holds the lock of its head, so it names its predecessor: the revision that it
 * found. Where the rows of all commits up to that one are known to be on Kafka, the next commit may follow, whoever
 * holds the lane: that something is on Kafka stays true, so a relay that froze and wakes up can only repeat. All else
 * (a predecessor that nobody has told of, a change without a revision) is left to be read.
 */
import type { LogBatch } from "../../../contracts/events.ts";
import { topicsOf } from "../../../contracts/kafka.ts";
import { cloudEventText, FORMAT, keyOf, laneOf } from "../../../lib/log/cloud-event.ts";
import type { OutboxRow } from "./relay.rules.ts";

/** What one commit told of one chat. */
export interface Handed {
	lane: number;
	key: string;
	/** The chat's revision before the commit and after it. */
	before: number;
	after: number;
	/** All of its rows with this key, in order. */
	rows: OutboxRow[];
}

/** For each key, the revision up to which all is on Kafka, or will be with the batch that is being put together. */
export interface Tails {
	get(key: string): number | undefined;
}

export interface Sorted {
	/** In the order in which they are to be published. */
	next: Handed[];
	/** Those whose predecessor is not there. */
	rest: Handed[];
	/** Where each key will be once `next` is published. */
	ends: Map<string, number>;
}

/** A commit's rows by key, for the lanes that are held, and the lanes of those that have to be read. */
export function handedOf(
	{ events, outbox }: LogBatch,
	namespace: string,
	holds: (lane: number) => boolean,
): { handed: Handed[]; unread: Set<number> } {
	const handed = new Map<string, Handed>();
	const unread = new Set<number>();
	for (const [i, event] of events.entries()) {
		const key = keyOf(event);
		const lane = laneOf(key);
		if (!holds(lane)) continue;
		const id = outbox?.ids[i];
		const revs = event.chatId ? outbox?.revs[event.chatId] : undefined;
		// A node of another version has written rows that this one would write otherwise.
		if (id === undefined || !revs || outbox?.format !== FORMAT) {
			unread.add(lane);
			continue;
		}
		const [before, after] = revs;
		const one = handed.get(key) ?? { lane, key, before, after, rows: [] };
		const [topics, text] = [topicsOf(event.change), cloudEventText(event, namespace)];
		one.rows.push({ id, lane, topics, key, eventId: event.id, event: text });
		handed.set(key, one);
	}
	return { handed: [...handed.values()], unread };
}

/** Which of those that wait may be published, after what is known of each key. What is there already is in neither. */
export function sortHanded(waiting: readonly Handed[], tails: Tails): Sorted {
	const ends = new Map<string, number>();
	const next: Handed[] = [];
	const rest: Handed[] = [];
	for (const one of waiting.toSorted((a, b) => firstId(a) - firstId(b))) {
		const tail = ends.get(one.key) ?? tails.get(one.key);
		// Before a chat's first commit there is nothing.
		if (one.before > (tail ?? 0)) rest.push(one);
		else if (one.after > (tail ?? 0)) {
			next.push(one);
			ends.set(one.key, one.after);
		}
	}
	return { next, rest, ends };
}

/** Ids are taken under the lock of the chat's head: its commits are in their order. */
const firstId = ({ rows }: Handed): number => rows[0]?.id ?? 0;

/**
 * How far rows bring each key that is in them.
 * @param rows all that was left of their lanes: with a part of a commit its revision would not be there yet
 */
export function endsOf(rows: readonly OutboxRow[]): Map<string, number> {
	const ends = new Map<string, number>();
	for (const { key, event } of rows) {
		const rev = revOf(event);
		if (rev !== null) ends.set(key, rev);
	}
	return ends;
}

function revOf(text: string): number | null {
	try {
		const { data } = JSON.parse(text) as { data?: { rev?: unknown } };
		return typeof data?.rev === "number" ? data.rev : null;
	} catch {
		// Whoever wrote that: what is no event is the consumers' affair.
		return null;
	}
}
