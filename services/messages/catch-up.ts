/** How a client, or a gateway, comes from a revision that it has to the present state. All of an answer is one snapshot. */
import type { Chat, Member } from "../../contracts/chats.ts";
import { LIMITS } from "../../contracts/limits.ts";
import type { Changes } from "../../contracts/messages.ts";
import type { Database, Query } from "../../lib/database.ts";
import { notFound } from "../../lib/errors.ts";
import { requireRight } from "../../models/access.ts";
import { readChats } from "../../models/chat.ts";
import { type MemberRow, toMember } from "../../models/member.ts";
import { cut, mustReset } from "./catch-up.rules.ts";
import { type HeadRow, readChanged, readHead, readSelf } from "./catch-up.store.ts";
import { present, readRange } from "./messages.store.ts";
import { pageRange } from "./pages.rules.ts";

const SNAPSHOT = { snapshot: true, readOnly: true } as const;

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
		await requireRight(query, db.t, "read", chatId, userId);
		const { head, chat } = await headAndChat(query, db, chatId);
		const state = await stateSince(query, db, head, chat, since, limit);
		return {
			...state,
			members: state.members.map(toMember),
			self: await readSelf(query, db.t, chatId, userId),
		};
	}, SNAPSHOT);
}

/** The same for a gateway, which asks for all that it lacks at once and for nobody. */
export function fillGap(db: Database, chatId: string, since: number): Promise<Gap> {
	return db.tx(async query => {
		const { head, chat } = await headAndChat(query, db, chatId);
		const state = await stateSince(query, db, head, chat, since, LIMITS.changesBehindMax);
		const members = state.members.map(row => ({ ...toMember(row), rev: row.rev }));
		return { ...state, members, epoch: head.epoch };
	}, SNAPSHOT);
}

async function headAndChat(query: Query, db: Database, chatId: string) {
	const head = await readHead(query, db.t, chatId);
	const [chat] = await readChats(query, db.t, [chatId]);
	if (!head || !chat) throw notFound("chat");
	return { head, chat };
}

async function stateSince(
	query: Query,
	{ t }: Database,
	head: HeadRow,
	chat: Chat,
	since: number | null,
	limit: number,
): Promise<State> {
	const { rev } = head;
	if (since === null || mustReset(since, rev)) {
		const { from, to } = pageRange({ limit: Math.min(limit, LIMITS.pageDefault) }, head.last_seq);
		const rows = await readRange(query, t, chat.id, from, to);
		const messages = await present(query, t, rows);
		return { rev, hasMore: from > 1, reset: since !== null, messages, members: [], chat };
	}
	const changed = await readChanged(query, t, chat.id, { since, rev, limit: limit + 1 });
	const page = cut(changed, limit, rev);
	return {
		rev: page.rev,
		hasMore: page.hasMore,
		reset: false,
		messages: await present(query, t, page.messages),
		members: page.members,
		chat,
	};
}
