/** What the inbox's cursors say: pure. */
import { decodeCursor, encodeCursor } from "../../lib/cursor.ts";

/**
 * Where `inbox/changes` stands. Transactions are named by PostgreSQL's 64-bit ids, which only rise within one cluster:
 * whatever was visible at a snapshot was done by transactions below its `xmin`, and so whatever changes later is not.
 */
export interface Since {
	/** The PostgreSQL cluster whose transactions are meant. */
	cluster: string;
	/** What a transaction at or above this one touched is told. */
	from: string;
	/** Where the next round begins: the `xmin` when this round began. */
	next: string;
	/** Told so far in this round, in order of chat id. */
	afterChatId: string;
}

export interface Moment {
	cluster: string;
	xmin: string;
	xmax: string;
}

/** Both are below every transaction's id, and so mean everything. */
const FIRST_TIME = "0";
const AGAIN = "1";

const NO_CHAT = "00000000-0000-0000-0000-000000000000";

export const encodeSince = ({ cluster, from, next, afterChatId }: Since): string =>
	encodeCursor([cluster, from, next, afterChatId]);

/** @throws VALIDATION_ERROR for anything that this server did not give */
export function decodeSince(since: string): Since {
	const [cluster, from, next, afterChatId] = decodeCursor(since, ["string", "xid", "xid", "uuid"], "since");
	return {
		cluster: String(cluster),
		from: String(from),
		next: String(next),
		afterChatId: String(afterChatId),
	};
}

/** Where a client goes on from that has seen everything of a moment. */
export const sinceMoment = ({ cluster, xmin }: Moment): Since => ({
	cluster,
	from: xmin,
	next: xmin,
	afterChatId: NO_CHAT,
});

const EVERYTHING: Since = { cluster: "", from: FIRST_TIME, next: FIRST_TIME, afterChatId: NO_CHAT };

/** One step of telling: what is told, and how far the client was told before. */
export interface Step {
	since: Since;
	/** A client that knows nothing has nothing to forget. */
	withRemoved: boolean;
}

/**
 * The step that a client's cursor asks for. One of another cluster, or of a time that this cluster has not reached
 * (it was restored), says nothing here: it begins again, and hears of all that it may have to forget.
 */
export function stepFor(given: string | null, now: Moment): Step {
	const step = likelyStep(given);
	const { since } = step;
	const isForeign =
		given !== null && (since.cluster !== now.cluster || BigInt(since.next) > BigInt(now.xmax));
	const begun = { cluster: now.cluster, next: now.xmin };
	if (isForeign) return { since: { ...EVERYTHING, ...begun, from: AGAIN }, withRemoved: true };
	return since.afterChatId === NO_CHAT ? { ...step, since: { ...since, ...begun } } : step;
}

/** The same before it is known what the moment is: where the cursor is of this cluster, what is told is this. */
export function likelyStep(given: string | null): Step {
	if (given === null) return { since: EVERYTHING, withRemoved: false };
	const since = decodeSince(given);
	return { since, withRemoved: since.from !== FIRST_TIME };
}

/** Whether both tell the same. */
export const isSameStep = (one: Step, other: Step): boolean =>
	one.withRemoved === other.withRemoved &&
	one.since.from === other.since.from &&
	one.since.afterChatId === other.since.afterChatId;

/** The cursor after a page of a step: further in the same round, or at the beginning of the next. */
export const sinceAfter = ({ since }: Step, lastChatId: string | null): Since =>
	lastChatId === null
		? { cluster: since.cluster, from: since.next, next: since.next, afterChatId: NO_CHAT }
		: { ...since, afterChatId: lastChatId };
