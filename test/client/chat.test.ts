import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { ChatState } from "../../client/api.ts";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import { until } from "../support/clients.ts";
import { Device } from "../support/devices.ts";
import { sleep } from "../support/links.ts";
import { ok, type Person, people, urls } from "../support/people.ts";

let ann: Person;
let ben: Person;
let chat: Chat;
const devices: Device[] = [];

beforeEach(async () => {
	[ann, ben] = await people("ann", "ben");
	chat = await ann.group(ben);
});

afterEach(async () => {
	await Promise.all(devices.splice(0).map(device => device.end()));
});

async function deviceOf(who: Person): Promise<Device> {
	const device = await Device.on(urls()[0] as string, who, { ackMs: 20_000 });
	devices.push(device);
	return device;
}

/** A device that has the chat open. */
async function opened(who: Person): Promise<Device> {
	const device = await deviceOf(who);
	device.open(chat.id);
	await device.chat(chat.id).ready();
	return device;
}

async function say(count: number): Promise<void> {
	for (let n = 0; n < count; n += 100) {
		const some = Array.from({ length: Math.min(100, count - n) }, (_, i) => `words ${n + i}`);
		await Promise.all(some.map(content => ann.say(chat.id, content)));
	}
}

const state = (device: Device) => device.chat(chat.id).state;
const seqs = ({ messages }: ChatState) => messages.map(({ seq }) => seq);
const upTo = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const history = async (query = "limit=200") =>
	ok<{ items: Message[] }>(await ann.rest.get(`/chats/${chat.id}/messages?${query}`)).items;

test("I12: a chat opens with its newest page, and goes back to its beginning and forth again without a hole", async () => {
	await say(180);
	const device = await opened(ben);
	const handle = device.chat(chat.id);
	expect(seqs(state(device).get())).toEqual(upTo(131, 180));
	expect(state(device).get()).toMatchObject({ hasOlder: true, hasNewer: false, unread: 180, openedAtSeq: 0 });
	while (state(device).get().hasOlder) await handle.loadOlder();
	expect(seqs(state(device).get())).toEqual(upTo(1, 180));
	expect(
		state(device)
			.get()
			.messages.map(({ id }) => id),
	).toEqual((await history()).map(({ id }) => id));

	expect(await handle.jumpTo({ seq: 40 })).toBe(40);
	device.reload();
	await device.chat(chat.id).ready();
	expect(await device.chat(chat.id).jumpTo({ seq: 40 })).toBe(40);
	expect(state(device).get()).toMatchObject({ hasOlder: true, hasNewer: true });
	while (state(device).get().hasNewer) await device.chat(chat.id).loadNewer();
	expect(seqs(state(device).get()).at(-1)).toBe(180);
});

test("one jumps to a message, to a day, and back to the end", async () => {
	await say(150);
	const device = await opened(ben);
	const handle = device.chat(chat.id);
	const all = await history();
	const target = all[20] as Message;
	expect(await handle.jumpTo({ messageId: target.id })).toBe(21);
	expect(seqs(state(device).get())).toContain(21);
	const later = all[99] as Message;
	const first = all.find(({ createdAt }) => createdAt >= later.createdAt);
	expect(await handle.jumpTo({ date: new Date(later.createdAt) })).toBe(first?.seq);
	expect(await handle.jumpTo({ date: new Date("2100-01-01") })).toBe(150);
	expect(await handle.jumpTo({ date: new Date("2000-01-01") })).toBe(1);
	await expect(handle.jumpTo({ messageId: chat.id })).rejects.toMatchObject({ code: "NOT_FOUND" });
	await handle.jumpToLatest();
	expect(state(device).get().hasNewer).toBe(false);
	await ann.say(chat.id, "news");
	await until(state(device), ({ messages }) => messages.at(-1)?.content === "news");
});

test("I14: what changes while an older page is under way is shown as it is", async () => {
	await say(100);
	const device = await opened(ben);
	const [old] = (await history("around=30&limit=1")).filter(({ seq }) => seq === 30);
	let answers = 0;
	// The page waits; the event of the edit overtakes it.
	device.line.fate = () => (answers++ === 1 ? [1_500] : [0]);
	const page = device.chat(chat.id).loadOlder();
	while (answers < 2) await sleep(5);
	ok(await ann.rest.patch(`/messages/${old?.id}`, { content: "edited meanwhile" }));
	await page;
	await until(
		state(device),
		({ messages }) => messages.find(({ seq }) => seq === 30)?.content === "edited meanwhile",
	);
	device.reload();
	await device.chat(chat.id).ready();
	await device.chat(chat.id).loadOlder();
	expect(
		state(device)
			.get()
			.messages.find(({ seq }) => seq === 30)?.content,
	).toBe("edited meanwhile");
});

test("I12: what is stored is shown at once and offline; then what was missed is fetched, and counted", async () => {
	await say(5);
	const device = await opened(ben);
	device.line.block(true);
	device.reload();
	await until(state(device), ({ messages }) => messages.length === 5);
	expect(state(device).get()).toMatchObject({ status: "recovering", unread: 5 });
	await say(3);
	const [first] = await history();
	ok(await ann.rest.delete(`/messages/${first?.id}`));
	const recovered: unknown[] = [];
	device.client.on("recovered", it => recovered.push(it));
	device.line.block(false);
	await until(state(device), ({ status, messages }) => status === "live" && messages.length === 8);
	expect(recovered).toEqual([{ chatId: chat.id, count: 4 }]);
	expect(state(device).get().messages[0]).toMatchObject({ isDeleted: true, content: null });
});

test("I13: who was away for more than is told begins anew with the newest page, and hears it", async () => {
	await say(60);
	const device = await opened(ben);
	await device.chat(chat.id).loadOlder();
	device.line.block(true);
	await say(1_001);
	const resets: unknown[] = [];
	device.client.on("reset", it => resets.push(it));
	device.line.block(false);
	await until(state(device), ({ status, cursor }) => status === "live" && cursor >= 1_063);
	expect(resets).toEqual([{ chatId: chat.id }]);
	expect(seqs(state(device).get())).toEqual(upTo(1_012, 1_061));
	await device.chat(chat.id).loadOlder();
	expect(seqs(state(device).get())).toEqual(upTo(962, 1_061));
}, 120_000);

test("who is removed has the chat no more, and begins anew when they are added again", async () => {
	await say(3);
	const device = await opened(ben);
	ok(await ann.rest.delete(`/chats/${chat.id}/members/${ben.id}`));
	await until(state(device), ({ status }) => status === "gone");
	expect(state(device).get()).toMatchObject({ messages: [], self: null });
	await expect(device.chat(chat.id).ready()).rejects.toMatchObject({ code: "NOT_FOUND" });
	await ann.say(chat.id, "behind ben's back");
	ok(await ann.rest.post(`/chats/${chat.id}/members`, { userIds: [ben.id] }));
	await until(state(device), ({ status, messages }) => status === "live" && messages.length === 4);
	expect(state(device).get()).toMatchObject({ unread: 0, openedAtSeq: 4 });
	ok(await ann.rest.delete(`/chats/${chat.id}`));
	await until(state(device), ({ status }) => status === "gone");
});

test("I16: who was removed while away keeps nothing of the chat", async () => {
	await say(3);
	const device = await opened(ben);
	device.line.block(true);
	ok(await ann.rest.delete(`/chats/${chat.id}/members/${ben.id}`));
	device.line.block(false);
	await until(state(device), ({ status }) => status === "gone");
	const database = await device.database();
	const stored = () => database.read(tx => tx.get("chats", chat.id));
	for (let tries = 0; (await stored()) && tries < 200; tries++) await sleep(20);
	expect(await stored()).toBeUndefined();
	device.line.block(true);
	device.reload();
	await until(device.client.me, me => me !== null);
	expect(state(device).get()).toMatchObject({ messages: [], chat: null });
});

test("I15: an event that is lost is noticed by the next heartbeat, though nothing else happens", async () => {
	const device = await opened(ben);
	device.line.fate = frame => (frame.startsWith('42["message"') ? [] : [0]);
	await ann.say(chat.id, "lost");
	await until(state(device), ({ messages }) => messages.at(-1)?.content === "lost");
	expect(device.line.connections).toBe(1);
});

test("one's own messages are sent, delivered and read as the others' marks move", async () => {
	const [a, b] = [await opened(ann), await deviceOf(ben)];
	const delivery = () => state(a).get().messages[0]?.delivery.state;
	a.chat(chat.id).send({ content: "hello" });
	await until(state(a), () => delivery() === "delivered");
	b.open(chat.id);
	await b.chat(chat.id).ready();
	b.chat(chat.id).markRead();
	await until(state(a), () => delivery() === "read");
	a.reload();
	await until(state(a), () => delivery() === "read");
});

test("a thread is a chat of its own; the message that it hangs on counts its replies", async () => {
	const [message] = [await ann.say(chat.id, "what do you think?")];
	const device = await opened(ben);
	const thread = await device.chat(chat.id).thread(message?.id ?? "");
	const close = thread.open();
	await thread.ready();
	thread.send({ content: "a lot" });
	await until(thread.state, ({ messages }) => messages[0]?.seq === 1);
	await until(state(device), ({ messages }) => messages[0]?.thread?.count === 1);
	close();
});

test("closed chats stay as they are for whoever comes back, and only so many", async () => {
	await say(2);
	const device = await opened(ben);
	device.shut(chat.id);
	await say(1);
	await until(state(device), ({ messages }) => messages.length === 3);
	const others = await Promise.all(Array.from({ length: 8 }, () => ann.group(ben)));
	for (const other of others) {
		device.open(other.id);
		await device.chat(other.id).ready();
		device.shut(other.id);
	}
	expect(state(device).get()).toMatchObject({ status: "closed", messages: [] });
	device.open(chat.id);
	await until(state(device), ({ status, messages }) => status === "live" && messages.length === 3);
});

test("a draft stays on the device, and is the same in all tabs", async () => {
	const first = await opened(ben);
	const second = first.tab();
	devices.push(second);
	second.open(chat.id);
	await until(second.client.me, me => me !== null);
	first.chat(chat.id).setDraft("half a thought");
	await until(second.chat(chat.id).draft, text => text === "half a thought");
	first.reload();
	await until(first.chat(chat.id).draft, text => text === "half a thought");
});
