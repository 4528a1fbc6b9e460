/**
 * The node's group commit: all sends that gathered while the last batch was committing go into one transaction.
 * Plain inserts, never DO NOTHING: a statement's snapshot may be older than a row that another node committed while it
 * waited for the lock, and a skipped row would leave a hole in `seq`. So a repeat shows as 23505, the batch runs once
 * more with the known ones answered from the table, and then in halves, until what cannot be stored stands alone.
 */
import type { Message } from "../../contracts/messages.ts";
import type { Outcome } from "../../lib/batcher.ts";
import { sqlState } from "../../lib/database.ts";
import { notFound } from "../../lib/errors.ts";
import type { Change, ChatLog } from "../../lib/log/change.ts";
import type { Head } from "../../lib/log/head.ts";
import { may } from "../../lib/rights.ts";
import { type Access, pairOf, readAccesses } from "../../models/access.ts";
import { append, type Draft, type Growth, growthOf } from "./append.ts";
import { problemOfSend } from "./messages.rules.ts";
import { findMembers, findPlaces, findSent, textOfKey } from "./messages.store.ts";

/** A send on its way; `access` is how its sender stood to the chat when last looked. */
export type Send = Omit<Draft, "forwardedFromId" | "originalSenderId">;

export interface Sent {
	message: Message;
	/** Whether it had been sent before. */
	replayed: boolean;
}

export interface SendEffects {
	/** Rights that had to be read again. */
	keep(access: Access): void;
	/** A thread that grew, once that is committed. */
	grew(growth: Growth): void;
}

/** Commits a batch and says for each what became of it. */
export async function sendBatch(log: ChatLog, sends: Send[], effects: SendEffects): Promise<Outcome<Sent>[]> {
	try {
		return await commit(log, sends, effects, { asksFirst: false });
	} catch (err) {
		if (!isOfRows(err)) throw err;
		return sendCarefully(log, sends, effects);
	}
}

async function sendCarefully(log: ChatLog, sends: Send[], effects: SendEffects): Promise<Outcome<Sent>[]> {
	try {
		return await commit(log, sends, effects, { asksFirst: true });
	} catch (error) {
		// Part of the batch may be committed by now, so that an error is only of those whose transaction it ended.
		if (!isOfRows(error) || sends.length === 1) return sends.map(() => ({ error }));
		const half = Math.ceil(sends.length / 2);
		return [
			...(await sendCarefully(log, sends.slice(0, half), effects)),
			...(await sendCarefully(log, sends.slice(half), effects)),
		];
	}
}

/** Data exceptions and broken constraints are of single rows; anything else would be the same for each. */
const isOfRows = (err: unknown) => /^2[23]/.test(sqlState(err) ?? "");

const keyOf = (send: Send) => ({ ...send.access, clientId: send.clientId });

interface How {
	asksFirst: boolean;
	/** Whether the parents of all threads are locked, not only of those that their senders are known not to follow. */
	locksParents?: boolean;
}

/** Someone turned out not to follow a thread any more, and nothing keeps them in its parent meanwhile. */
class ParentUnlocked extends Error {}

/** Whoever follows a thread by writing in it must be in its parent: its lock keeps them there. Followers need none. */
const parentsToLock = (sends: Send[], { locksParents = false }: How) =>
	sends.flatMap(({ access }) => (locksParents || !access.isMember ? (access.parentChatId ?? []) : []));

async function commit(log: ChatLog, sends: Send[], effects: SendEffects, how: How): Promise<Outcome<Sent>[]> {
	try {
		return await commitLocking(log, sends, effects, how);
	} catch (err) {
		if (!(err instanceof ParentUnlocked)) throw err;
		return commitLocking(log, sends, effects, { ...how, locksParents: true });
	}
}

async function commitLocking(
	log: ChatLog,
	sends: Send[],
	effects: SendEffects,
	how: How,
): Promise<Outcome<Sent>[]> {
	const { asksFirst } = how;
	const parents = new Set(parentsToLock(sends, how));
	const { outcomes, accesses, growths } = await log.change(
		[...sends.map(({ access }) => access.chatId), ...parents],
		async change => {
			const { t } = log.db;
			const accesses = await readStale(change, log, sends);
			for (const access of accesses.values())
				if (access?.parentChatId && !access.isMember && !parents.has(access.parentChatId))
					throw new ParentUnlocked();
			const known = asksFirst ? await findSent(change.query, t, sends.map(keyOf)) : new Map();
			const verdicts = await judge(change, log, sends, accesses, known);
			const drafts = verdicts.flatMap(verdict => ("draft" in verdict ? [verdict.draft] : []));
			const messages = await append(change, t, drafts);
			for (const { access } of drafts)
				if (!access.isMember) accesses.set(pairOf(access), asFollower(access, change.head(access.chatId)));
			const byId = new Map(messages.map(message => [message.id, message]));
			const late = asksFirst ? known : await findSent(change.query, t, refusedKeys(sends, verdicts));
			return {
				outcomes: sends.map((send, i) =>
					answer(verdicts[i] as Verdict, late.get(textOfKey(keyOf(send))), byId),
				),
				accesses,
				growths: growthOf(change, drafts),
			};
		},
	);
	for (const access of accesses.values()) if (access) effects.keep(access);
	for (const growth of growths) effects.grew(growth);
	return outcomes;
}

/** How someone stands to a thread that they now follow. */
const asFollower = (access: Access, { epoch, memberCount }: Head): Access => ({
	...access,
	isMember: true,
	epoch,
	memberCount,
});

/** What is to be done with a send. */
type Verdict =
	| { draft: Draft }
	/** Another of this batch has the same key, and goes first. */
	| { sameAs: string }
	| { first: Message }
	/** `mayRead`: it is still answered with its first message, where there is one. */
	| { refused: Error; mayRead: boolean };

/** The rights that have changed since they were kept, as they are now under the chats' locks; null is none. */
async function readStale(change: Change, log: ChatLog, sends: Send[]): Promise<Map<string, Access | null>> {
	const { t } = log.db;
	const parents = [...new Set(sends.flatMap(({ access }) => access.parentChatId ?? []))];
	const rows = parents.length
		? await change.query<{ chat_id: string; member_epoch: number }>(
				`SELECT chat_id, member_epoch FROM ${t.heads} WHERE chat_id = ANY($1::uuid[])`,
				[parents],
				"read-parent-epochs",
			)
		: [];
	const parentEpochs = new Map(rows.map(row => [row.chat_id, row.member_epoch]));
	const isFresh = (access: Access) =>
		epochOf(change, access.chatId) === access.epoch &&
		(access.parentChatId === null || parentEpochs.get(access.parentChatId) === access.parentEpoch);
	const stale = new Map<string, Access | null>();
	for (const { access } of sends) if (!isFresh(access)) stale.set(pairOf(access), null);
	const pairs = sends.map(({ access }) => access).filter(access => stale.has(pairOf(access)));
	for (const access of await readAccesses(change.query, t, pairs)) stale.set(pairOf(access), access);
	return stale;
}

/** A chat whose head is gone is like one whose rights have changed: read again, it is not there. */
function epochOf(change: Change, chatId: string): number | null {
	try {
		return change.head(chatId).epoch;
	} catch {
		return null;
	}
}

async function judge(
	change: Change,
	log: ChatLog,
	sends: Send[],
	stale: ReadonlyMap<string, Access | null>,
	known: ReadonlyMap<string, Message>,
): Promise<Verdict[]> {
	const { t } = log.db;
	const placeOfMembers = ({ parentChatId, chatId }: Access) => parentChatId ?? chatId;
	const mentioned = sends.flatMap(({ access, mentions }) =>
		mentions.map(userId => ({ chatId: placeOfMembers(access), userId })),
	);
	const members = await findMembers(change.query, t, mentioned);
	const places = await findPlaces(
		change.query,
		t,
		sends.flatMap(({ replyToId }) => replyToId ?? []),
	);
	const drafted = new Map<string, string>();
	return sends.map((send): Verdict => {
		const pair = pairOf(send.access);
		const access = stale.has(pair) ? stale.get(pair) : send.access;
		if (!access) return { refused: notFound("chat"), mayRead: false };
		const key = textOfKey(keyOf(send));
		const twin = drafted.get(key);
		if (twin) return { sameAs: twin };
		const mayRead = may("read", access, change.now);
		const first = known.get(key);
		if (first && mayRead) return { first };
		const refused = problemOfSend(
			access,
			{
				mentions: send.mentions,
				isMember: userId => members.has(pairOf({ chatId: placeOfMembers(access), userId })),
				isReplyHere: send.replyToId === null || places.has(`${access.chatId}:${send.replyToId}`),
			},
			change.now,
		);
		if (refused) return { refused, mayRead };
		drafted.set(key, send.id);
		return { draft: { ...send, access, forwardedFromId: null, originalSenderId: null } };
	});
}

/** Who was silenced since, or repeats with another body that is wrong, still gets the first message. */
const refusedKeys = (sends: Send[], verdicts: Verdict[]) =>
	sends.filter((_, i) => canBeRepeat(verdicts[i] as Verdict)).map(keyOf);

const canBeRepeat = (verdict: Verdict) => "refused" in verdict && verdict.mayRead;

function answer(
	verdict: Verdict,
	first: Message | undefined,
	sent: ReadonlyMap<string, Message>,
): Outcome<Sent> {
	if ("refused" in verdict) {
		if (first && verdict.mayRead) return { value: { message: first, replayed: true } };
		return { error: verdict.refused };
	}
	if ("first" in verdict) return { value: { message: verdict.first, replayed: true } };
	const id = "draft" in verdict ? verdict.draft.id : verdict.sameAs;
	const message = sent.get(id);
	if (!message) return { error: new Error("A message was lost in its batch.") };
	return { value: { message, replayed: !("draft" in verdict) } };
}
