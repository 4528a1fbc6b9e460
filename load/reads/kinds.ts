/** What is asked, and what each answer must be. */
import type { Chat } from "../../contracts/chats.ts";
import type { Page } from "../../contracts/contract.ts";
import type { InboxChanges, InboxItem, InboxPage } from "../../contracts/inbox.ts";
import type { Changes, Message } from "../../contracts/messages.ts";
import { ask } from "../bench/targets.ts";
import type { Question } from "./pace.ts";
import { BIG, BIG_REV, INBOX } from "./seed.ts";
import type { Rest, Sockets } from "./ways.ts";

export interface Kind extends Question {
	name: string;
	door: "REST" | "socket";
}

export interface Ground {
	url: string;
	/** Of the user with the large inbox. */
	token: string;
	bigChatId: string;
	rest: Rest;
	/** Sockets of that user. */
	own: Sockets;
	/** Sockets of other members of the long chat. */
	theirs: Sockets;
}

const PAGE = 50;
/** So many chats changed since a client last looked. */
const CHANGED = 5;

export async function kindsOf({ url, token, bigChatId, rest, own, theirs }: Ground): Promise<Kind[]> {
	const { cursors, since, totalUnread } = await walk(url, token, bigChatId);
	const chat = `/chats/${bigChatId}`;
	const middle = (turn: number) => 2 * PAGE + ((turn * 7_919) % (BIG.messages - 2 * PAGE));
	const behind = (turn: number) => BIG_REV - 900 - (turn % 90);
	const near = BIG_REV - 55;
	const get = <T>(
		name: string,
		path: (turn: number) => string,
		check: (answer: T, turn: number) => void,
	) => ({
		name,
		door: "REST" as const,
		ask: (turn: number) => rest.get(path(turn), token),
		check: (text: string, turn: number) => check(JSON.parse(text), turn),
	});
	const emit = <T>(
		sockets: Sockets,
		event: string,
		payload: object,
		check: (answer: T) => void,
		note = "",
	) => ({
		name: event + note,
		door: "socket" as const,
		ask: () => sockets.ask(event, payload),
		check: (text: string) => check(JSON.parse(text)),
	});
	const firstPage = (page: InboxPage) => isInboxPage(page, totalUnread);
	const changed = (answer: InboxChanges) => {
		expect(answer.items.length === CHANGED && !answer.hasMore, "chats that changed are missing");
		areItems(answer.items);
	};
	const newest = (messages: Message[]) => isRange(messages, BIG.messages - PAGE + 1);
	return [
		get<Chat>(
			"a chat",
			() => chat,
			answer => expect(answer.lastSeq === BIG.messages, "another chat"),
		),
		get<Page<Message>>(
			"history, the newest",
			() => `${chat}/messages`,
			({ items }) => newest(items),
		),
		get<Page<Message>>(
			"history, from the middle",
			turn => `${chat}/messages?before=${middle(turn)}`,
			({ items }, turn) => isRange(items, middle(turn) - PAGE),
		),
		get<Changes>(
			"changes, near the head",
			() => `${chat}/changes?since=${near}&limit=${PAGE}`,
			answer => areChanges(answer, near, false),
		),
		get<Changes>(
			"changes, far behind",
			turn => `${chat}/changes?since=${behind(turn)}&limit=${PAGE}`,
			(answer, turn) => areChanges(answer, behind(turn), true),
		),
		get<InboxPage>("inbox, the first page", () => "/inbox", firstPage),
		get<InboxPage>(
			"inbox, later pages",
			turn => `/inbox?cursor=${cursors[turn % cursors.length]}`,
			firstPage,
		),
		get<InboxChanges>(`inbox changes, ${CHANGED} chats`, () => `/inbox/changes?since=${since}`, changed),
		emit<Changes>(theirs, "chat:join", { chatId: bigChatId }, ({ messages }) => newest(messages)),
		emit<Changes>(
			theirs,
			"chat:join",
			{ chatId: bigChatId, since: near },
			answer => areChanges(answer, near, false),
			", with a cursor",
		),
		emit<{ messages: Message[] }>(theirs, "chat:messages", { chatId: bigChatId }, ({ messages }) =>
			newest(messages),
		),
		emit<InboxPage>(own, "inbox:list", {}, firstPage),
		emit<InboxChanges>(own, "inbox:sync", { since }, changed),
	];
}

/** All pages of the inbox once; then some chats change. */
async function walk(url: string, token: string, bigChatId: string) {
	const get = (path: string) => ask(url, "GET", path, token) as Promise<unknown>;
	const { since } = (await get("/inbox")) as InboxPage;
	const items: InboxItem[] = [];
	const walked = (await get("/inbox?limit=200")) as InboxPage;
	const small = walked.items.filter(({ chat }) => chat.type === "group" && chat.id !== bigChatId);
	for (const { chat } of small.slice(0, CHANGED))
		await ask(url, "POST", `/chats/${chat.id}/messages`, token, { content: "Something new." });
	const cursors: string[] = [];
	let page = (await get("/inbox")) as InboxPage;
	for (;;) {
		items.push(...page.items);
		if (page.nextCursor === null) break;
		cursors.push(page.nextCursor);
		page = (await get(`/inbox?cursor=${page.nextCursor}`)) as InboxPage;
	}
	const ids = new Set(items.map(({ chat }) => chat.id));
	expect(ids.size === INBOX.chats + 1 && items.length === ids.size, `${ids.size} chats in the inbox`);
	const sum = items.reduce((all, { unread }) => all + unread, 0);
	expect(sum === page.totalUnread, "the sum of what is unread differs from the total");
	expect(
		items.some(({ mentions }) => mentions > 0) && items.some(({ self }) => self.mutedUntil),
		"no mention and no mute",
	);
	// The last page is not full, and so not asked for.
	return { cursors: cursors.slice(0, -1), since, totalUnread: page.totalUnread };
}

function isRange(messages: Message[], from: number): void {
	expect(messages.length === PAGE, `${messages.length} messages`);
	expect(
		messages.every(({ seq }, i) => seq === from + i),
		"messages out of order",
	);
}

function areChanges({ messages, hasMore, reset, self, chat }: Changes, since: number, more: boolean): void {
	expect(messages.length === PAGE && hasMore === more && !reset, `${messages.length} changed messages`);
	expect(self?.chatId === chat.id && chat.rev === BIG_REV, "another member or chat");
	expect(
		messages.every(({ rev }, i) => rev > (messages[i - 1]?.rev ?? since)),
		"changes out of order",
	);
}

function isInboxPage(page: InboxPage, totalUnread: number): void {
	expect(page.items.length === PAGE, `${page.items.length} items`);
	expect(page.totalUnread === totalUnread, "another total");
	areItems(page.items);
	const times = page.items.map(({ lastMessage }) => lastMessage?.createdAt ?? "");
	expect(
		times.every((time, i) => i === 0 || time <= (times[i - 1] ?? "")),
		"items out of order",
	);
}

function areItems(items: InboxItem[]): void {
	expect(
		items.every(
			({ chat, self, unread, lastMessage }) =>
				self.chatId === chat.id &&
				unread === chat.lastSeq - self.readSeq &&
				lastMessage?.seq === chat.lastSeq &&
				lastMessage.chatId === chat.id,
		),
		"an item that disagrees with itself",
	);
}

function expect(isSo: boolean, otherwise: string): asserts isSo {
	if (!isSo) throw new Error(otherwise);
}
