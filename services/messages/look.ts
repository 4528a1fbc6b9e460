/** Chats as several who ask see them in one snapshot. */
import type { Member } from "../../contracts/chats.ts";
import { LIMITS } from "../../contracts/limits.ts";
import type { Changes, Message } from "../../contracts/messages.ts";
import type { Outcome } from "../../lib/batcher.ts";
import { config } from "../../lib/config.ts";
import type { Query } from "../../lib/database.ts";
import { notFound } from "../../lib/errors.ts";
import type { Tables } from "../../lib/tables.ts";
import { type Access, type Pair, pairOf, readAccesses, withRight } from "../../models/access.ts";
import { type ChatRow, readBareChats, withMarks } from "../../models/chat.ts";
import { type MemberRow, toOwnMember } from "../../models/member.ts";
import {
	type ChatHead,
	type MessageRow,
	readHeads,
	readThreads,
	type ThreadOfMessage,
	withThread,
} from "../../models/message.ts";
import { cut, mustReset } from "./catch-up.rules.ts";
import {
	readChangedMembers,
	readChangedMessages,
	readNewest,
	readSelves,
	type Span,
} from "./catch-up.store.ts";
import {
	advanced,
	hasNewest,
	hasSince,
	newestRows,
	type Recent,
	type RecentMessages,
	rowsSince,
	withNewest,
	withSince,
} from "./recent.ts";

/** More new messages than this, and what was kept of a chat is read anew. */
const NEWER_MAX = 200;

/** A read of one chat: from a revision on, or, with null, of its newest page. */
export interface Asked {
	chatId: string;
	since: number | null;
	/** Null is a gateway, which asks for what it lacks and for nobody. */
	userId: string | null;
	limit: number;
}

export interface Answer extends Omit<Changes, "self" | "members"> {
	members: MemberRow[];
	self: Member | null;
	epoch: number;
}

/** Or what is to be asked in its place: the newest page, or the same, of which nothing is kept any more. */
export type Seen = Outcome<Answer> | { ask: Asked };

/** Whoever may not read has all of it read in vain, and none of it told. */
export async function look(
	query: Query,
	t: Tables,
	recent: RecentMessages,
	asked: readonly Asked[],
): Promise<Seen[]> {
	const plan = planOf(recent, asked);
	const read = await readPlanned(query, t, plan);
	remember(recent, plan, read);
	const now = new Date().toISOString();
	return asked.map(it => {
		try {
			return see(it, plan, read, recent.get(it.chatId), now);
		} catch (error) {
			return { error };
		}
	});
}

interface Plan {
	chatIds: string[];
	pairs: Pair[];
	/** By chat, before anything is read. */
	kept: Map<string, Recent>;
	/** What is kept does not answer these. */
	missing: Asked[];
	messageSpans: Span[];
	memberSpans: Span[];
	/** Chats whose newest page is read, and how long the longest is. */
	pages: string[];
	pageSize: number;
	/** Of the messages that are told as they were kept. */
	keptIds: string[];
}

const pageOf = ({ limit }: Asked): number => Math.min(limit, LIMITS.pageDefault);

const answers = (recent: Recent | undefined, asked: Asked): recent is Recent =>
	recent !== undefined &&
	(asked.since === null ? hasNewest(recent, pageOf(asked)) : hasSince(recent, asked.since));

const rowsFor = (recent: Recent, asked: Asked): MessageRow[] =>
	asked.since === null ? newestRows(recent, pageOf(asked)) : rowsSince(recent, asked.since);

function planOf(recent: RecentMessages, asked: readonly Asked[]): Plan {
	const chatIds = [...new Set(asked.map(({ chatId }) => chatId))];
	const kept = new Map(
		chatIds.flatMap(id => {
			const held = recent.get(id);
			return held ? [[id, held] as const] : [];
		}),
	);
	const missing = asked.filter(it => !answers(kept.get(it.chatId), it));
	const newer = [...kept].map(([chatId, { rev }]) => ({ chatId, since: rev, count: NEWER_MAX + 1 }));
	const newest = missing.filter(({ since }) => since === null);
	const keptIds = asked.flatMap(it => {
		const held = kept.get(it.chatId);
		return answers(held, it) ? rowsFor(held, it).map(({ id }) => id) : [];
	});
	return {
		chatIds,
		pairs: asked.flatMap(({ chatId, userId }) => (userId ? [{ chatId, userId }] : [])),
		kept,
		missing,
		messageSpans: distinct([...newer, ...spansOf(missing)]),
		memberSpans: distinct(spansOf(asked)),
		pages: [...new Set(newest.map(({ chatId }) => chatId))],
		pageSize: Math.max(0, ...newest.map(pageOf)),
		keptIds: [...new Set(keptIds)],
	};
}

/** With one more than is told, so that it shows whether there are more. */
const spansOf = (asked: readonly Asked[]): Span[] =>
	asked.flatMap(({ chatId, since, limit }) => (since === null ? [] : [{ chatId, since, count: limit + 1 }]));

const beginOf = (chatId: string, since: number): string => `${chatId} ${since}`;

/** Of spans that begin at one place the longest. */
function distinct(all: readonly Span[]): Span[] {
	const spans = new Map<string, Span>();
	for (const span of all) {
		const begin = beginOf(span.chatId, span.since);
		if ((spans.get(begin)?.count ?? 0) < span.count) spans.set(begin, span);
	}
	return [...spans.values()];
}

interface Read {
	/** By user and chat. */
	accesses: Map<string, Access>;
	selves: Map<string, MemberRow>;
	heads: Map<string, ChatHead>;
	chats: Map<string, ChatRow>;
	/** By where their span begins, in order of `rev`. */
	messages: Map<string, MessageRow[]>;
	members: Map<string, MemberRow[]>;
	/** By chat, in order of `seq`. */
	newest: Map<string, MessageRow[]>;
	/** On the messages that were kept. */
	threads: Map<string, ThreadOfMessage>;
}

async function readPlanned(query: Query, t: Tables, plan: Plan): Promise<Read> {
	const { chatIds, pairs, messageSpans, memberSpans } = plan;
	const [accesses, selves, heads, chats, messages, members, newest, threads] = await Promise.all([
		readAccesses(query, t, pairs),
		readSelves(query, t, pairs),
		readHeads(query, t, chatIds, config.capabilities.receipts),
		readBareChats(query, t, chatIds),
		readChangedMessages(query, t, messageSpans),
		readChangedMembers(query, t, memberSpans),
		readNewest(query, t, plan.pages, plan.pageSize),
		readThreads(query, t, plan.keptIds),
	]);
	const byBegin = <Row>(spans: readonly Span[], found: readonly Row[][]) =>
		new Map(spans.map(({ chatId, since }, i) => [beginOf(chatId, since), found[i] ?? []]));
	return {
		accesses: new Map(accesses.map(access => [pairOf(access), access])),
		selves: new Map(selves.map(row => [pairOf({ chatId: row.chat_id, userId: row.user_id }), row])),
		heads,
		chats,
		messages: byBegin(messageSpans, messages),
		members: byBegin(memberSpans, members),
		newest,
		threads,
	};
}

/** What was kept comes to the snapshot's head, and what it lacked is added. */
function remember(recent: RecentMessages, { kept, missing }: Plan, { heads, messages, newest }: Read): void {
	for (const [chatId, held] of kept) {
		const head = heads.get(chatId);
		const changed = messages.get(beginOf(chatId, held.rev)) ?? [];
		const isWhole = head && !mustReset(held.rev, head.rev) && changed.length <= NEWER_MAX;
		if (isWhole) recent.set(chatId, advanced(held, head, changed));
		else recent.delete(chatId);
	}
	for (const { chatId, since, limit } of missing) {
		const head = heads.get(chatId);
		if (!head) continue;
		const held = recent.get(chatId);
		if (since === null) {
			recent.set(chatId, withNewest(held, head, newest.get(chatId) ?? []));
			continue;
		}
		const changed = messages.get(beginOf(chatId, since)) ?? [];
		if (changed.length <= limit && !mustReset(since, head.rev))
			recent.set(chatId, withSince(held, head, since, changed));
	}
}

function see(it: Asked, plan: Plan, read: Read, held: Recent | undefined, now: string): Seen {
	const { chatId, userId, since, limit } = it;
	const pair = userId === null ? null : pairOf({ chatId, userId });
	if (pair) withRight("read", read.accesses.get(pair), now);
	const [head, chat] = [read.heads.get(chatId), read.chats.get(chatId)];
	if (!head || !chat) throw notFound("chat");
	if (since !== null && mustReset(since, head.rev)) return { ask: { ...it, since: null } };
	const before = plan.kept.get(chatId);
	const kept = answers(before, it) ? held : null;
	if (kept !== null && !answers(kept, it)) return { ask: it };
	const self = pair && read.selves.get(pair);
	const common = {
		reset: false,
		chat: withMarks(chat, head.marks),
		self: self ? toOwnMember(self) : null,
		epoch: head.epoch,
	};
	const told = (rows: readonly MessageRow[]): Message[] =>
		head.marks.present(
			rows.map(row => (before?.rows.get(row.seq) === row ? withThread(row, read.threads.get(row.id)) : row)),
		);
	if (since === null) {
		const rows = kept ? rowsFor(kept, it) : (read.newest.get(chatId) ?? []).slice(-pageOf(it));
		const hasMore = (rows[0]?.seq ?? 1) > 1;
		return { value: { ...common, rev: head.rev, hasMore, messages: told(rows), members: [] } };
	}
	const begin = beginOf(chatId, since);
	const messages = kept ? rowsFor(kept, it) : (read.messages.get(begin) ?? []);
	const page = cut({ messages, members: read.members.get(begin) ?? [] }, limit, head.rev);
	return { value: { ...common, ...page, messages: told(page.messages) } };
}
