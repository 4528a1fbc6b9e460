/** A user in 5,000 chats: whatever they ask for comes by the page, and what they do in one chat goes through that one. */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { Platform } from "../../client/api.ts";
import * as chats from "../../contracts/chats.ts";
import * as inbox from "../../contracts/inbox.ts";
import { LIMITS } from "../../contracts/limits.ts";
import * as messages from "../../contracts/messages.ts";
import { newId } from "../../lib/ids.ts";
import { chatRows } from "../support/chat-rows.ts";
import { clientOf, endClients, newBrowser, until } from "../support/clients.ts";
import { startGateway, tokenIsUser, watchCalls } from "../support/gateway.ts";
import { openInbox } from "../support/inbox-parts.ts";
import type { Person } from "../support/people.ts";
import { connect, type TestSocket } from "../support/socket.ts";
import { rowsRead, type Statement, watchStatements } from "../support/statements.ts";
import { acked } from "../support/verdict.ts";

const CHATS = 5_000;
/** In each chat, of so many whom one shares chats with. */
const OTHERS = 18;
const ACQUAINTED = 1_000;
/** A busy machine takes ten times as long. */
const WITHIN_MS = 120_000;
const PACKET_MAX = 64 * 1024;

const gateway = await startGateway({ "auth.verify": tokenIsUser }, { CHAT_RATE_LIMITS: "on" }, [
	"chats",
	"messages",
	"inbox",
	"presence",
	"users",
]);
const { db, as, broker } = gateway;
// It reads the configuration, which is as the gateway was given it.
const { givenMessage } = await import("../support/rows.ts");
const rows = chatRows(db);
let asked: string[];
const open: TestSocket[] = [];
let ann: string;
let ben: string;
let direct: string;
let others: string[];
/** The latest first. */
let ids: string[];

beforeAll(async () => {
	[ann, ben] = [await gateway.user(), await gateway.user()];
	direct = (await as(ann)(chats.create, { participantIds: [ben] })).id;
	await db.query(`UPDATE ${db.t.heads} SET last_at = '2020-01-01' WHERE chat_id = $1`, [direct]);
	await db.query(`UPDATE ${db.t.chats} SET created_at = '2020-01-01' WHERE id = $1`, [direct]);
	others = await rows.users(ACQUAINTED);
	ids = await rows.many(CHATS - 1, [ben, ann], { others, each: OTHERS });
	for (const table of ["chats", "heads", "members", "messages"] as const)
		await db.query(`ANALYZE ${db.t[table]}`);
	asked = watchCalls(broker);
}, WITHIN_MS);

afterEach(async () => {
	endClients();
	for (const socket of open.splice(0)) socket.close();
	await wait(50);
	asked.length = 0;
});

afterAll(() => gateway.stop());

async function signIn(userId: string): Promise<TestSocket> {
	const socket = await connect(gateway.url, userId);
	open.push(socket);
	return socket;
}

const personOf = (token: string) => ({ urls: [gateway.url], token }) as unknown as Person;
const times = (name: string) => asked.filter(one => one === name).length;
const far = () => ids.at(-7) as string;
/** One that is further down than what is shown. */
const below = (items: readonly { chat: { id: string } }[]) =>
	ids.find(id => !items.some(({ chat }) => chat.id === id)) as string;

async function enter(platform: Platform = {}) {
	const client = clientOf(personOf(ann), { platform });
	client.connect();
	await client.ready();
	await until(client.inbox, ({ loaded }) => loaded);
	return client;
}

/** A message in each chat, as from another of Ben's devices. */
async function sayEverywhere(content: string): Promise<void> {
	for (let from = 0; from < ids.length; from += 500) {
		const sends = ids
			.slice(from, from + 500)
			.map(chatId => ({ userId: ben, chatId, content, clientId: newId() }));
		const done = (await broker.call(messages.sendAll.action, { sends })) as messages.SendOutcome[];
		expect(done.filter(outcome => "failure" in outcome)).toEqual([]);
	}
}

test(
	"connecting takes a call for each 2,000 chats, and a heartbeat tells 1,000 of those that moved at most",
	async () => {
		const socket = await signIn(ann);
		expect(times("chats.rooms")).toBe(3);
		expect(await acked(socket, "heartbeat", {})).toMatchObject({ heads: {}, hasMore: false });
		await as(ben)(messages.send, { chatId: far(), content: "down here" });
		await socket.waitFor("message", ({ chatId }) => chatId === far());
		const { heads } = await acked(socket, "heartbeat", {});
		expect(Object.keys(heads)).toEqual([far()]);

		await sayEverywhere("everywhere");
		await socket.waitFor("message", ({ chatId }) => chatId === ids.at(-1));
		const moved: Record<string, number> = {};
		const sizes: number[] = [];
		let beat = await acked(socket, "heartbeat", {});
		for (; beat.hasMore; beat = await acked(socket, "heartbeat", {})) {
			sizes.push(JSON.stringify(beat).length);
			Object.assign(moved, beat.heads);
		}
		Object.assign(moved, beat.heads);
		expect(Object.keys(moved).sort()).toEqual([...ids].sort());
		expect(Object.values(moved).every(rev => rev >= 4)).toBe(true);
		expect(sizes).toHaveLength(4);
		expect(Math.max(...sizes)).toBeLessThan(PACKET_MAX);
		expect((await acked(socket, "heartbeat", {})).heads).toEqual({});
	},
	WITHIN_MS,
);

test(
	"the inbox and its changes are paged to their end, each chat once",
	async () => {
		const socket = await signIn(ann);
		const first = await acked(socket, "inbox:list", { limit: 200 });
		const listed: string[] = [];
		let largest = 0;
		let pages = 0;
		for (let page = first; ; pages++) {
			largest = Math.max(largest, JSON.stringify(page).length);
			listed.push(...page.items.map(({ chat }: inbox.InboxItem) => chat.id));
			if (page.nextCursor === null) break;
			page = await acked(socket, "inbox:list", { limit: 200, cursor: page.nextCursor });
		}
		expect([listed.length, new Set(listed).size, pages + 1]).toEqual([CHATS, CHATS, CHATS / 200]);
		expect(listed.at(-1)).toBe(direct);
		expect(largest).toBeLessThan(200 * 4_096);
		await as(ben)(messages.send, { chatId: far(), content: "once more" });
		const changes = await acked(socket, "inbox:sync", { since: first.since, limit: 200 });
		expect(changes.items.map(({ chat }: inbox.InboxItem) => chat.id)).toContain(far());
		const all: string[] = [];
		let page = await as(ann)(inbox.changes, { limit: 200 });
		for (; page.hasMore; page = await as(ann)(inbox.changes, { since: page.since, limit: 200 }))
			all.push(...page.items.map(({ chat }) => chat.id));
		all.push(...page.items.map(({ chat }) => chat.id));
		expect([all.length, new Set(all).size]).toEqual([CHATS, CHATS]);
	},
	WITHIN_MS,
);

/** A page of 200, and what stands beside it. */
const ROWS_MAX = 450;
/** Of each chat of a page the marks of all members are looked at, as long as these are few. */
const MARKS_MAX = 201 * (OTHERS + 2);
/** Of those whom one may know by one's chats, so many memberships are looked at. */
const AROUND_MAX = 20_000;
/**
 * By what they are, these go through the user's memberships once: totals, a node's rooms, with whom one shares a chat.
 * Of members they may go through so many more.
 */
const BY_USER: Record<string, number> = {
	"inbox-page": MARKS_MAX,
	"inbox-changes": MARKS_MAX,
	"inbox-updates": 0,
	"total-unread": 0,
	"page-rooms": 0,
	"room-digests": 0,
	"unread-chats": 0,
	"people-around": AROUND_MAX,
	// With whom of those asked about one shares a chat: their memberships.
	shared: CHATS + (LIMITS.presenceUserIdsMax * CHATS * OTHERS) / ACQUAINTED,
};
const nameOf = ({ name, text }: Statement) =>
	text.startsWith("SELECT DISTINCT m.user_id") ? "shared" : name;

test(
	"what one does in one of them goes through that one, and a page of all goes through the messages that it shows",
	async () => {
		const watched = watchStatements();
		const socket = await signIn(ann);
		const chatId = far();
		await acked(socket, "chat:join", { chatId });
		const sent = await acked(socket, "message", { chatId, content: "here" });
		await acked(socket, "message:read", { chatId });
		await acked(socket, "chat:messages", { chatId });
		await acked(socket, "chat:changes", { chatId, since: sent.message.rev - 1 });
		const { since } = await acked(socket, "inbox:list", { limit: 200 });
		await acked(socket, "inbox:sync", { since, limit: 200 });
		await acked(socket, "presence:subscribe", { userIds: [ben] });
		await acked(socket, "user:get-online", { userIds: others.slice(0, LIMITS.presenceUserIdsMax) });
		await acked(socket, "user:get-online", {});
		// As a node asks for its people, which has missed events.
		await broker.call(chats.digests.action, { userIds: [ann] });
		await broker.call(chats.heads.action, { chatIds: ids.slice(0, 50) });
		await as(ann)(inbox.readAll, {});
		const made = await as(ann)(chats.create, { type: "group", participantIds: [] });
		await as(ann)(chats.addMembers, { chatId: made.id, userIds: [ben] });
		await as(ben)(chats.leave, { chatId: made.id });
		await as(ann)(chats.remove, { chatId: made.id });
		watched.end();

		const statements = watched.all().filter(({ text }) => /^\s*(SELECT|WITH|INSERT|UPDATE)/.test(text));
		const beyond: string[] = [];
		for (const statement of statements) {
			const more = BY_USER[nameOf(statement)];
			for (const table of ["members", "chat_heads", "chats", "messages"]) {
				const isPaged = more === undefined || table === "messages";
				const most = ROWS_MAX + (isPaged ? 0 : CHATS + (table === "members" ? more : 0));
				const read = await rowsRead(db, statement, table);
				if (read > most) beyond.push(`${nameOf(statement)} on ${table}: ${read} rows`);
			}
		}
		expect(beyond).toEqual([]);
		const asked = new Set(statements.map(nameOf));
		expect(Object.keys(BY_USER).filter(name => !asked.has(name))).toEqual([]);
	},
	WITHIN_MS,
);

test(
	"reading all of them takes their batches, and then nothing is unread",
	async () => {
		await sayEverywhere("to be read");
		expect((await as(ann)(inbox.list, { limit: 1 })).totalUnread).toBeGreaterThanOrEqual(CHATS - 1);
		expect(await as(ann)(inbox.readAll, {})).toEqual({ totalUnread: 0 });
	},
	WITHIN_MS,
);

test(
	"a client shows the first page, opens a chat far down, and finds one that it makes again",
	async () => {
		const client = await enter();
		expect(client.inbox.get()).toMatchObject({ hasMore: true, loaded: true });
		expect(client.inbox.get().items).toHaveLength(50);
		const chatId = below(client.inbox.get().items);
		const chat = client.chat(chatId);
		chat.open();
		await chat.ready();
		chat.send({ content: "found" });
		await until(client.inbox, ({ items }) => items[0]?.chat.id === chatId);
		expect(client.inbox.get().items.length).toBeLessThan(60);
		asked.length = 0;
		const again = await client.createChat({ participantIds: [ben] });
		expect(again.id).toBe(direct);
		expect(times("inbox.list")).toBeLessThanOrEqual(6);
		again.open();
		await again.ready();
	},
	WITHIN_MS,
);

test(
	"I15: a client notices an event that was lost in a chat far down, and loads that one alone",
	async () => {
		const device = await openInbox(personOf(ann), {
			fate: () => ({ times: 0, delayMs: 0 }),
			heartbeatMs: 500,
		});
		const shown = device.inbox.state.get().items.length;
		const chatId = below(device.inbox.state.get().items);
		await givenMessage(db, chatId, ben);
		const { items } = await until(device.inbox.state, ({ items }) => items[0]?.chat.id === chatId);
		expect(items.length).toBe(shown + 1);
		await device.close();
	},
	WITHIN_MS,
);

test(
	"after a night in which all of them moved, a client is not refused what its user does",
	async () => {
		const tab = newBrowser();
		const before = await enter(tab());
		const chatId = before.inbox.get().items[3]?.chat.id as string;
		await wait(1_000);
		before.disconnect();
		await sayEverywhere("good morning");
		asked.length = 0;
		const began = Date.now();
		const client = await enter(tab());
		await until(client.inbox, ({ items }) => items.length >= CHATS - 1, WITHIN_MS / 2);
		const chat = client.chat(chatId);
		chat.open();
		await chat.ready();
		chat.markRead();
		const { id } = chat.state.get().messages.at(-1) ?? { id: "" };
		chat.react(id, "x");
		await until(chat.state, ({ messages }) => (messages.at(-1)?.reactions.length ?? 0) === 1);
		await until(chat.state, ({ unread }) => unread === 0);
		await wait(1_500);
		const told = times("messages.delivered");
		expect(told).toBeGreaterThan(0);
		expect(told).toBeLessThanOrEqual(5 * ((Date.now() - began) / 1_000 + 1));
	},
	WITHIN_MS,
);
