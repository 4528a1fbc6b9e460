import { BoundedMap } from "../../lib/bounded-map.ts";
import type { MessageRow } from "../../models/message.ts";

/** Of so many chats, those that were read last, with at most so many messages each. */
const CHATS_MAX = 200;
const ROWS_MAX = 200;

/**
 * The messages of a chat that were read last, as they are at the revision `rev`: all that changed after `from`, and
 * all from the place `first` to `last`, the chat's end. Not what changes without a revision: threads, others' marks.
 */
export interface Recent {
	readonly rev: number;
	readonly from: number;
	readonly first: number;
	readonly last: number;
	/** By place. */
	readonly rows: ReadonlyMap<number, MessageRow>;
}

/** By chat: what many who come back at once ask for is read once. */
export type RecentMessages = BoundedMap<string, Recent>;

export const noMessages = (): RecentMessages => new BoundedMap(CHATS_MAX);

/** Where a chat's log stands. */
interface Head {
	rev: number;
	lastSeq: number;
}

const nothingAt = ({ rev, lastSeq }: Head): Recent => ({
	rev,
	from: rev,
	first: lastSeq + 1,
	last: lastSeq,
	rows: new Map(),
});

/** Whether all that changed after `since` is there, once it is at the chat's head. */
export const hasSince = (recent: Recent, since: number): boolean => recent.from <= since;

/** Where the newest page of so many begins. */
const pageStart = (last: number, count: number): number => Math.max(1, last - count + 1);

/** Whether the newest page of so many is there. */
export const hasNewest = ({ first, last }: Recent, count: number): boolean => first <= pageStart(last, count);

/** All that changed after `since`, in order of `rev`. */
export const rowsSince = ({ rows }: Recent, since: number): MessageRow[] =>
	[...rows.values()].filter(({ rev }) => rev > since).sort((a, b) => a.rev - b.rev);

/** The newest so many, in order of `seq`. */
export function newestRows({ rows, last }: Recent, count: number): MessageRow[] {
	const from = pageStart(last, count);
	return Array.from({ length: last - from + 1 }, (_, i) => rows.get(from + i) ?? []).flat();
}

/** The same at a later head, with all that has changed since. */
export function advanced(recent: Recent, { rev, lastSeq }: Head, changed: readonly MessageRow[]): Recent {
	if (changed.length === 0) return { ...recent, rev, last: lastSeq };
	return trimmed({ ...recent, rev, last: lastSeq, rows: withRows(recent, changed) });
}

/** With all that changed after `since`, read at the same head. Without a recent there was nothing. */
export function withSince(
	recent: Recent | undefined,
	head: Head,
	since: number,
	changed: readonly MessageRow[],
): Recent {
	const known = recent ?? nothingAt(head);
	return trimmed({ ...known, from: Math.min(known.from, since), rows: withRows(known, changed) });
}

/** With the newest page, read at the same head. */
export function withNewest(recent: Recent | undefined, head: Head, page: readonly MessageRow[]): Recent {
	const known = recent ?? nothingAt(head);
	const first = Math.min(known.first, page[0]?.seq ?? head.lastSeq + 1);
	return trimmed({ ...known, first, rows: withRows(known, page) });
}

const withRows = ({ rows }: Recent, more: readonly MessageRow[]): Map<number, MessageRow> =>
	new Map([...rows, ...more.map(row => [row.seq, row] as const)]);

/** What changed longest ago goes first: then less far back can be told, and less of the newest page. */
function trimmed(recent: Recent): Recent {
	const { rows } = recent;
	if (rows.size <= ROWS_MAX) return recent;
	const kept = [...rows.values()].sort((a, b) => b.rev - a.rev);
	const gone = kept.splice(ROWS_MAX);
	const from = Math.max(recent.from, ...gone.map(({ rev }) => rev));
	const first = Math.max(recent.first, ...gone.map(({ seq }) => seq + 1));
	return { ...recent, from, first, rows: new Map(kept.map(row => [row.seq, row])) };
}
