/** How a client, or a gateway, comes from a revision that it has to the present state. All of an answer is one snapshot. */
import type { Member } from "../../contracts/chats.ts";
import { LIMITS } from "../../contracts/limits.ts";
import type { Changes } from "../../contracts/messages.ts";
import { config } from "../../lib/config.ts";
import type { Database, Query } from "../../lib/database.ts";
import { notFound } from "../../lib/errors.ts";
import { requireRight } from "../../models/access.ts";
import { readChatWithMarks } from "../../models/chat.ts";
import { type MemberRow, toMember } from "../../models/member.ts";
import { type ChatHead, readHead } from "../../models/message.ts";
import { cut, mustReset } from "./catch-up.rules.ts";
import { readChanged, readSelf } from "./catch-up.store.ts";
import { readWanted } from "./pages.store.ts";

const SNAPSHOT = { snapshot: true } as const;

type State = Omit<Changes, "self" | "members"> & { members: MemberRow[] };
type Gap = Omit<State, "members"> & { members: (Member & { rev: number })[]; epoch: number };

/** A read of one chat: from a revision on, or, with null, of its newest page. */
interface Asked {
	chatId: string;
	since: number | null;
	limit: number;
}

/** The state of a chat, or null where `since` is too far behind: then the newest page is to be asked for. */
type Seen = { state: State; head: ChatHead } | null;

/**
 * What changed after `since`; without it, or where it is too far behind, the newest page.
 * @throws NOT_FOUND where the user may not see the chat, FORBIDDEN where they are not in the channel
 */
export async function catchUp(
	db: Database,
	userId: string,
	chatId: string,
	since: number | null,
	limit: number,
): Promise<Changes> {
	const { t } = db;
	return orNewest({ chatId, since, limit }, asked =>
		// Sent together: whoever may not read has all of it read in vain, and none of it told.
		db.read(async query => {
			const [seen, self] = await Promise.all([
				stateSince(query, db, asked),
				readSelf(query, t, chatId, userId),
				requireRight(query, t, "read", chatId, userId),
			]);
			return seen && { ...seen.state, members: seen.state.members.map(toMember), self };
		}, SNAPSHOT),
	);
}

/** The same for a gateway, which asks for all that it lacks at once and for nobody. */
export async function fillGap(db: Database, chatId: string, since: number): Promise<Gap> {
	return orNewest({ chatId, since, limit: LIMITS.changesBehindMax }, asked =>
		db.read(async query => {
			const seen = await stateSince(query, db, asked);
			const withRevs = (rows: MemberRow[]) => rows.map(row => ({ ...toMember(row), rev: row.rev }));
			return seen && { ...seen.state, members: withRevs(seen.state.members), epoch: seen.head.epoch };
		}, SNAPSHOT),
	);
}

/** What is asked for, or, where `look` finds it too far behind, the newest page as a reset. */
async function orNewest<T extends { reset: boolean }>(
	asked: Asked,
	look: (asked: Asked) => Promise<T | null>,
): Promise<T> {
	const found = await look(asked);
	if (found) return found;
	const newest = await look({ ...asked, since: null });
	if (!newest) throw new Error("The newest page of a chat needs no revision.");
	return { ...newest, reset: true };
}

async function stateSince(query: Query, { t }: Database, { chatId, since, limit }: Asked): Promise<Seen> {
	const pageSize = Math.min(limit, LIMITS.pageDefault);
	const reading = readHead(query, t, chatId, config.capabilities.receipts);
	const [head, chat, rows, changed] = await Promise.all([
		reading,
		readChatWithMarks(
			query,
			t,
			chatId,
			reading.then(found => found?.marks ?? null),
		),
		since === null ? readWanted(query, t, chatId, { limit: pageSize }) : [],
		since === null ? null : readChanged(query, t, chatId, { since, limit: limit + 1 }),
	]);
	if (!head || !chat) throw notFound("chat");
	const { rev, marks } = head;
	if (since === null || changed === null) {
		const hasMore = (rows[0]?.seq ?? 1) > 1;
		const state = { rev, hasMore, reset: false, messages: marks.present(rows), members: [], chat };
		return { state, head };
	}
	if (mustReset(since, rev)) return null;
	const page = cut(changed, limit, rev);
	const messages = marks.present(page.messages);
	const state = { rev: page.rev, hasMore: page.hasMore, reset: false, messages, members: page.members, chat };
	return { state, head };
}
