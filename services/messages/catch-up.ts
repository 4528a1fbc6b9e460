/** How a client, or a gateway, comes from a revision that it has to the present state. All of an answer is one snapshot. */
import type { Member } from "../../contracts/chats.ts";
import { LIMITS } from "../../contracts/limits.ts";
import type { Changes } from "../../contracts/messages.ts";
import { config } from "../../lib/config.ts";
import type { Database, Query } from "../../lib/database.ts";
import { notFound } from "../../lib/errors.ts";
import { requireRight } from "../../models/access.ts";
import { readChats } from "../../models/chat.ts";
import { type MemberRow, toMember } from "../../models/member.ts";
import { readLeastMarks } from "../../models/message.ts";
import { cut, mustReset } from "./catch-up.rules.ts";
import { type HeadRow, readChanged, readHead, readSelf } from "./catch-up.store.ts";
import { readRange } from "./messages.store.ts";
import { pageRange } from "./pages.rules.ts";

const SNAPSHOT = { snapshot: true, readOnly: true, keepsPlans: true } as const;

type State = Omit<Changes, "self" | "members"> & { members: MemberRow[] };
type Gap = Omit<State, "members"> & { members: (Member & { rev: number })[]; epoch: number };

/**
 * What changed after `since`; without it, or where it is too far behind, the newest page.
 * @throws NOT_FOUND where the user may not see the chat, FORBIDDEN where they are not in the channel
 */
export function catchUp(
	db: Database,
	userId: string,
	chatId: string,
	since: number | null,
	limit: number,
): Promise<Changes> {
	return db.tx(async query => {
		// Sent together: whoever may not read has all of it read in vain, and none of it told.
		const [, self, state] = await Promise.all([
			requireRight(query, db.t, "read", chatId, userId),
			readSelf(query, db.t, chatId, userId),
			stateSince(query, db, chatId, since, limit),
		]);
		const { head: _, ...shown } = state;
		return { ...shown, members: state.members.map(toMember), self };
	}, SNAPSHOT);
}

/** The same for a gateway, which asks for all that it lacks at once and for nobody. */
export function fillGap(db: Database, chatId: string, since: number): Promise<Gap> {
	return db.tx(async query => {
		const { head, ...state } = await stateSince(query, db, chatId, since, LIMITS.changesBehindMax);
		const members = state.members.map(row => ({ ...toMember(row), rev: row.rev }));
		return { ...state, members, epoch: head.epoch };
	}, SNAPSHOT);
}

async function stateSince(
	query: Query,
	{ t }: Database,
	chatId: string,
	since: number | null,
	limit: number,
): Promise<State & { head: HeadRow }> {
	const [head, [chat], marks, changed] = await Promise.all([
		readHead(query, t, chatId),
		readChats(query, t, [chatId]),
		readLeastMarks(query, t, [chatId], config.capabilities.receipts),
		since === null ? null : readChanged(query, t, chatId, { since, limit: limit + 1 }),
	]);
	if (!head || !chat) throw notFound("chat");
	const { rev } = head;
	if (since === null || changed === null || mustReset(since, rev)) {
		const { from, to } = pageRange({ limit: Math.min(limit, LIMITS.pageDefault) }, head.last_seq);
		const messages = marks.present(await readRange(query, t, chat.id, from, to));
		return { head, rev, hasMore: from > 1, reset: since !== null, messages, members: [], chat };
	}
	const page = cut(changed, limit, rev);
	return {
		head,
		rev: page.rev,
		hasMore: page.hasMore,
		reset: false,
		messages: marks.present(page.messages),
		members: page.members,
		chat,
	};
}
