/** An inbox of the SDK by itself, on a real connection, over a link that may lose, double and hold back events. */

import { Account } from "../../client/account.ts";
import type { ClientEvents, Platform } from "../../client/api.ts";
import { Connection } from "../../client/connection/connection.ts";
import { Inbox } from "../../client/inbox/inbox.ts";
import type { Waiting } from "../../client/inbox/inbox-view.ts";
import type { Link, Parts } from "../../client/parts.ts";
import { Users } from "../../client/people/users.ts";
import type { InboxItem, InboxPage } from "../../contracts/inbox.ts";
import { ok, type Person } from "./people.ts";

export const TIMES = {
	graceMs: 200,
	unreachableMs: 1_000,
	retryMinMs: 20,
	retryMaxMs: 200,
	heartbeatMs: 60_000,
	ackMs: 5_000,
};

/** What becomes of an event on its way: how often it is heard, and after how many ms. */
export type Fate = () => { times: number; delayMs: number };

export interface OwnInbox {
	inbox: Inbox;
	account: Account;
	received: ClientEvents["received"][];
	/** Ids of chats that the server said are gone. */
	removed: string[];
	/** Makes the link good again. */
	heal(): void;
	close(): Promise<void>;
}

const NOTHING_WAITS: Waiting = { of: () => [], on: () => () => {}, readSeq: () => 0 };

export interface InboxOptions {
	fate?: Fate;
	outbox?: Waiting;
	platform?: Platform;
	heartbeatMs?: number;
}

export async function openInbox(who: Person, options: InboxOptions = {}): Promise<OwnInbox> {
	const { outbox = NOTHING_WAITS, platform = {}, heartbeatMs = TIMES.heartbeatMs } = options;
	const times = { ...TIMES, heartbeatMs };
	let { fate } = options;
	const url = who.urls.at(-1) as string;
	const account = new Account({ url, token: who.token, platform, times });
	const connection = new Connection({ url, token: account.token, times, platform });
	account.use(connection);
	const late = new Set<ReturnType<typeof setTimeout>>();
	const received: ClientEvents["received"][] = [];
	const removed: string[] = [];
	const link: Link = {
		state: account.state,
		call: account.call,
		ask: account.ask,
		rest: account.rest,
		onSocket: listener => account.onSocket(listener),
		onHeads: listener => account.onHeads(listener),
		on: (event, listener) =>
			account.on(event, payload => {
				const { times, delayMs } = fate?.() ?? { times: 1, delayMs: 0 };
				for (let i = 0; i < times; i++) {
					if (delayMs === 0) listener(payload);
					else {
						const timer = setTimeout(() => {
							late.delete(timer);
							listener(payload);
						}, delayMs);
						late.add(timer);
					}
				}
			}),
	};
	const users = new Users(account);
	const parts: Parts = {
		link,
		db: account.db,
		tabs: account.tabs,
		times,
		get me() {
			return account.id;
		},
		emit: (event, payload) => {
			if (event === "received") received.push(payload as ClientEvents["received"]);
		},
		saw: cards => users.saw(cards),
	};
	const inbox = new Inbox(parts, { outbox, users, delivered: () => {}, removed: id => removed.push(id) });
	account.onOpen(() => void inbox.start());
	connection.connect();
	void account.find();
	await new Promise<void>(resolve => {
		const end = inbox.state.subscribe(() => {
			if (!inbox.state.get().loaded || account.state.get().status !== "online") return;
			end();
			resolve();
		});
	});
	return {
		inbox,
		account,
		received,
		removed,
		heal() {
			fate = undefined;
		},
		async close() {
			for (const timer of late) clearTimeout(timer);
			connection.disconnect();
			await inbox.stop();
		},
	};
}

/** All pages of `GET /inbox`. */
export async function serverInbox(who: Person): Promise<{ items: InboxItem[]; totalUnread: number }> {
	const items: InboxItem[] = [];
	let cursor: string | null = null;
	for (;;) {
		const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : "";
		const page: InboxPage = ok<InboxPage>(await who.rest.get(`/inbox?limit=200${query}`));
		items.push(...page.items);
		cursor = page.nextCursor;
		if (!cursor) return { items, totalUnread: page.totalUnread };
	}
}

/** What both sides must agree on; others' marks and what is derived from them come by other ways. */
export const factsOf = ({ items, totalUnread }: { items: readonly unknown[]; totalUnread: number }) => ({
	totalUnread,
	items: (items as InboxItem[]).map(({ chat, self, unread, mentions, lastMessage }) => ({
		id: chat.id,
		name: chat.name,
		rev: chat.rev,
		lastSeq: chat.lastSeq,
		memberCount: chat.memberCount,
		role: self.role,
		readSeq: self.readSeq,
		mutedUntil: self.mutedUntil ?? null,
		unread,
		mentions,
		last: lastMessage && {
			id: lastMessage.id,
			rev: lastMessage.rev,
			content: lastMessage.content,
			isDeleted: lastMessage.isDeleted,
			reactions: lastMessage.reactions.length,
		},
	})),
});
