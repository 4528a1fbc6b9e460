/** A chat of 10,000 members: what is done in it reads and tells no more than in a small one. */
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import * as chats from "../../contracts/chats.ts";
import type { Page } from "../../contracts/contract.ts";
import type { Events } from "../../contracts/events.ts";
import * as inbox from "../../contracts/inbox.ts";
import * as messages from "../../contracts/messages.ts";
import * as presence from "../../contracts/presence.ts";
import { chatRows } from "../support/chat-rows.ts";
import { clientOf, endClients, until } from "../support/clients.ts";
import { startGateway, tokenIsUser, watchCalls } from "../support/gateway.ts";
import { api } from "../support/http.ts";
import type { Person } from "../support/people.ts";
import { connect, type TestSocket } from "../support/socket.ts";
import { rowsRead, watchStatements } from "../support/statements.ts";
import { acked } from "../support/verdict.ts";

const MEMBERS = 10_000;
/** What tells receipts and typing here. */
const SMALL = 3;
/** A page, and the row that says whether another follows. */
const ROWS_MAX = 201;
const PACKET_MAX = 64 * 1024;

const gateway = await startGateway(
	{ "auth.verify": tokenIsUser },
	{ CHAT_CAPABILITY_RECEIPTS: String(SMALL) },
	["chats", "messages", "inbox", "presence", "users"],
);
const { db, as } = gateway;
const rows = chatRows(db);
let asked: string[];
const open: TestSocket[] = [];
let ann: string;
let ben: string;
let cem: string;
let chatId: string;

beforeAll(async () => {
	[ann, ben, cem] = [await gateway.user(), await gateway.user(), await gateway.user()];
	chatId = await rows.chat({ roles: { owner: [ann] }, members: [ben] });
	await rows.crowd(chatId, MEMBERS - 3);
	// Most chats are small: what the planner thinks of an average one is so.
	await rows.many(5_000, [await gateway.user(), await gateway.user()]);
	for (const table of ["chats", "heads", "members", "messages", "users"] as const)
		await db.query(`ANALYZE ${db.t[table]}`);
	asked = watchCalls(gateway.broker);
}, 60_000);

afterEach(async () => {
	endClients();
	for (const socket of open.splice(0)) socket.close();
	await wait(50);
});

afterAll(() => gateway.stop());

async function signIn(userId: string): Promise<TestSocket> {
	const socket = await connect(gateway.url, userId);
	open.push(socket);
	return socket;
}

const enter = async (userId: string) => {
	const client = clientOf({ urls: [gateway.url], token: userId } as unknown as Person);
	client.connect();
	await client.ready();
	await until(client.inbox, ({ loaded }) => loaded);
	return client;
};

const times = (name: string) => asked.filter(one => one === name).length;

test("whatever is done in a chat of 10,000, no statement goes through its members", async () => {
	const watched = watchStatements();
	const socket = await signIn(ben);
	await acked(socket, "chat:join", { chatId });
	const message = await as(ann)(messages.send, { chatId, content: "hello all", mentions: [ben] });
	const { id: messageId, rev } = message;
	await as(ben)(messages.read, { chatId, seq: message.seq });
	await as(ben)(messages.delivered, { chatId, seq: message.seq });
	await as(ann)(messages.update, { messageId, content: "hello everybody" });
	await as(ben)(messages.react, { messageId, emoji: "x" });
	await as(ann)(messages.pin, { messageId });
	await as(ben)(messages.get, { id: messageId });
	await as(ben)(messages.history, { chatId });
	await as(ben)(messages.pins, { chatId });
	await as(ben)(messages.receipts, { messageId });
	await as(ben)(messages.changes, { chatId, since: rev - 5, limit: 200 });
	await as(ben)(messages.changes, { chatId, since: 1, limit: 200 });
	await as(ben)(inbox.list, {});
	await as(ben)(inbox.changes, {});
	await as(ben)(inbox.readAll, {});
	await as(ben)(chats.get, { chatId });
	await as(ben)(chats.members, { chatId, limit: 200 });
	await as(ann)(chats.addMembers, { chatId, userIds: [cem] });
	await as(ann)(chats.updateMember, { chatId, userId: cem, role: "moderator" });
	await as(cem)(chats.mute, { chatId, until: "2099-01-01T00:00:00Z" });
	await as(ben)(presence.batch, { userIds: [ann, cem] });
	await as(ben)(presence.online, {});
	const thread = await as(ben)(chats.thread, { messageId });
	await as(ben)(messages.send, { chatId: thread.id, content: "in the thread" });
	await as(ann)(chats.update, { chatId, name: "large" });
	await as(cem)(chats.leave, { chatId });
	await acked(socket, "heartbeat", {});
	watched.end();

	const about = (table: "members" | "messages") =>
		watched.all().filter(({ text }) => text.includes(db.t[table]));
	expect(about("members").length).toBeGreaterThan(15);
	expect(about("messages").length).toBeGreaterThan(5);
	const beyond: string[] = [];
	for (const table of ["members", "messages"] as const)
		for (const statement of about(table))
			for (const keepsPlans of [false, true]) {
				const read = await rowsRead(db, statement, table, keepsPlans);
				if (read > ROWS_MAX) beyond.push(`${statement.name} on ${table}: ${read} rows`);
			}
	expect(beyond).toEqual([]);
}, 60_000);

test("who comes, goes or writes there is one event, however many are in it", async () => {
	const batches = gateway.heard<Events["log.batch"]>("log.batch");
	const marks = gateway.heard<Events["receipts.moved"]>("receipts.moved");
	const [anns, bens, twin] = [await signIn(ann), await signIn(ben), await signIn(ben)];
	for (const socket of [anns, bens, twin]) await acked(socket, "chat:join", { chatId });
	await acked(anns, "message", { chatId, content: "one" });
	await as(ann)(chats.addMembers, { chatId, userIds: [cem] });
	await acked(bens, "message:read", { chatId });
	await as(cem)(chats.leave, { chatId });
	for (const socket of [anns, bens, twin]) {
		await socket.waitFor("chat:member-left");
		const heard = socket.events.map(({ name }) => name).filter(name => name !== "inbox:update");
		expect(heard).toEqual(["message", "chat:member-joined", "chat:member-left"]);
	}
	const events = batches.flatMap(batch => batch.events.filter(event => event.rev !== null));
	expect(events.map(({ change }) => change)).toEqual(["message.created", "member.joined", "member.left"]);
	for (const event of events) expect(JSON.stringify(event).length).toBeLessThan(4_096);
	expect(marks).toEqual([]);
});

test("its members are told by the page, each once, and one more than it may have is refused", async () => {
	const rest = api(gateway.url, ben);
	const seen = new Set<string>();
	let count = 0;
	let largest = 0;
	for (let cursor: string | null = ""; cursor !== null; ) {
		const query: string = cursor && `&cursor=${encodeURIComponent(cursor)}`;
		const page = (await rest.get(`/chats/${chatId}/members?limit=200${query}`)).body as Page<chats.Member>;
		largest = Math.max(largest, JSON.stringify(page).length);
		count += page.items.length;
		for (const { userId } of page.items) seen.add(userId);
		cursor = page.nextCursor;
	}
	expect([count, seen.size]).toEqual([MEMBERS - 1, MEMBERS - 1]);
	expect(largest).toBeLessThan(2 * PACKET_MAX);
	const full = await as(ann)(chats.addMembers, { chatId, userIds: [cem] });
	expect(full.items).toHaveLength(1);
	const dan = await gateway.user();
	const more = await api(gateway.url, ann).post(`/chats/${chatId}/members`, { userIds: [dan] });
	expect(more.status).toBe(422);
	await as(cem)(chats.leave, { chatId });
});

test("who catches up over all that came in while they were away gets it by the page, or begins anew", async () => {
	const socket = await signIn(ben);
	const { rev } = await rows.head(chatId);
	const near = await acked(socket, "chat:changes", { chatId, since: rev - 900, limit: 200 });
	expect([near.members.length + near.messages.length, near.hasMore, near.reset]).toEqual([200, true, false]);
	const far = await acked(socket, "chat:join", { chatId, since: 1 });
	expect([far.members, far.reset]).toEqual([[], true]);
	for (const answer of [near, far]) expect(JSON.stringify(answer).length).toBeLessThan(2 * PACKET_MAX);
});

test("a client does not say that one types there, asks nobody's marks, and holds the first 2,000 members at most", async () => {
	const client = await enter(ben);
	const chat = client.chat(chatId);
	chat.open();
	await chat.ready();
	expect(chat.state.get().chat?.capabilities).toMatchObject({
		typing: false,
		receipts: false,
		presence: false,
	});
	asked.length = 0;
	chat.typing(true);
	const sent = await as(ben)(messages.send, { chatId, content: "mine" });
	await until(chat.state, ({ messages }) => messages.some(({ id }) => id === sent.id));
	await as(ann)(messages.read, { chatId });
	await wait(500);
	expect(chat.state.get().messages.at(-1)).toMatchObject({ id: sent.id, delivery: { state: "sent" } });
	expect([times("chats.mayType"), times("chats.members"), times("messages.delivered")]).toEqual([0, 0, 0]);
	expect(chat.state.get()).toMatchObject({ members: [], hasMoreMembers: true });
	while (chat.state.get().hasMoreMembers) await chat.loadMembers();
	expect(chat.state.get()).toMatchObject({ membersComplete: false, hasMoreMembers: false });
	expect([chat.state.get().members.length, times("chats.members")]).toEqual([2_000, 10]);
});

test("a client follows what a chat still does as it grows beyond the limit and shrinks below it", async () => {
	const small = await as(ann)(chats.create, { type: "group", participantIds: [ben] });
	const client = await enter(ben);
	const chat = client.chat(small.id);
	chat.open();
	await chat.ready();
	const listed = () => client.inbox.get().items.find(({ chat }) => chat.id === small.id)?.chat.capabilities;
	const says = (on: boolean) =>
		Promise.all([
			until(chat.state, ({ chat }) => chat?.capabilities.typing === on && chat.capabilities.receipts === on),
			until(client.inbox, () => listed()?.typing === on),
		]);
	await says(true);
	const crowd = [await gateway.user(), await gateway.user()];
	await as(ann)(chats.addMembers, { chatId: small.id, userIds: crowd });
	await says(false);
	asked.length = 0;
	chat.typing(true);
	await wait(200);
	expect(times("chats.mayType")).toBe(0);
	await as(ann)(chats.removeMember, { chatId: small.id, userId: crowd[0] as string });
	await says(true);
	// The marks of all are followed again, also those that moved meanwhile.
	const mine = await as(ben)(messages.send, { chatId: small.id, content: "mine" });
	await as(ann)(messages.read, { chatId: small.id });
	await as(crowd[1] as string)(messages.read, { chatId: small.id });
	await until(chat.state, ({ messages }) =>
		messages.some(({ id, delivery }) => id === mine.id && delivery.state === "read"),
	);
	chat.typing(true);
	await wait(200);
	expect(times("chats.mayType")).toBe(1);
});
