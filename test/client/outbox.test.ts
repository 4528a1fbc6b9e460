import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { ChatState, ShownMessage } from "../../client/api.ts";
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

/** A device that has the chat open. */
async function deviceOf(who: Person): Promise<Device> {
	const device = await Device.on(urls()[0] as string, who, { ackMs: 20_000 });
	devices.push(device);
	device.open(chat.id);
	await device.chat(chat.id).ready();
	return device;
}

const state = (device: Device) => device.chat(chat.id).state;
const words = ({ messages }: ChatState) => messages.map(({ content }) => content);
const places = ({ messages }: ChatState) => messages.map(({ seq }) => seq);
const last = ({ messages }: ChatState) => messages.at(-1) as ShownMessage;
const history = async () =>
	ok<{ items: Message[] }>(await ann.rest.get(`/chats/${chat.id}/messages?limit=200`)).items;
const allSent = ({ messages }: ChatState) =>
	messages.every(({ seq, change }) => seq !== null && change === null);
/** How many sends have gone over its line. */
const asked = ({ line }: Device) => line.questions.filter(name => name === "message").length;
const offline = async (device: Device) => {
	device.line.block(true);
	await until(device.client.connection, ({ status }) => status !== "online");
};

test("I3 I7: what is written offline is shown at once, survives a reload, and is sent once, in order", async () => {
	const device = await deviceOf(ann);
	await offline(device);
	const all = Array.from({ length: 12 }, (_, n) => `words ${n}`);
	for (const content of all) device.chat(chat.id).send({ content });
	expect(words(state(device).get())).toEqual(all);
	expect(device.client.waiting.get()).toBe(12);
	await sleep(50);
	device.reload();
	await until(state(device), shown => words(shown).length === 12);
	expect(
		state(device)
			.get()
			.messages.every(({ delivery }) => delivery.state === "pending"),
	).toBe(true);
	device.line.block(false);
	await until(state(device), shown => shown.messages.length === 12 && allSent(shown));
	expect((await history()).map(({ content }) => content)).toEqual(all);
	await until(device.client.waiting, count => count === 0);
	expect(asked(device)).toBe(12);
});

test("I2 I3: a send whose answer is lost is repeated under its key, so that there is one message", async () => {
	const device = await deviceOf(ann);
	let answers = 0;
	// The question arrives; the answer and the event do not.
	device.line.fate = () => (answers++ === 0 ? [0] : []);
	const { key } = device.chat(chat.id).send({ content: "only once" });
	for (let tries = 0; (await history()).length === 0 && tries < 200; tries++) await sleep(50);
	expect(last(state(device).get())).toMatchObject({ key, delivery: { state: "pending" } });
	device.line.fate = () => [0];
	device.line.cut();
	await until(state(device), shown => last(shown).seq === 1);
	expect(await history()).toMatchObject([{ clientId: key, content: "only once" }]);
	expect(last(state(device).get())).toMatchObject({ key, delivery: { state: "sent" } });
});

test("I11: what is still waiting can be edited, reacted to and deleted; all of it arrives in order", async () => {
	const device = await deviceOf(ann);
	await offline(device);
	const handle = device.chat(chat.id);
	const first = handle.send({ content: "first" });
	handle.edit(first.id, { content: "first, better" });
	handle.react(first.id, "👍");
	const second = handle.send({ content: "second" });
	handle.delete(second.id);
	await until(state(device), ({ messages }) => messages.length === 1);
	expect(last(state(device).get())).toMatchObject({ content: "first, better", reactions: [{ emoji: "👍" }] });
	device.line.block(false);
	await until(device.client.waiting, count => count === 0);
	await until(state(device), shown => allSent(shown));
	// What was never sent leaves no trace.
	expect(await history()).toMatchObject([
		{ seq: 1, content: "first, better", isEdited: true, reactions: [{ emoji: "👍", userIds: [ann.id] }] },
	]);
	expect(last(state(device).get())).toMatchObject({ key: first.key, content: "first, better", seq: 1 });
});

test("a message whose send may have arrived is deleted, not forgotten", async () => {
	const device = await deviceOf(ann);
	let packets = 0;
	device.line.fate = () => (packets++ === 0 ? [0] : []);
	const { id } = device.chat(chat.id).send({ content: "regretted" });
	for (let tries = 0; (await history()).length === 0 && tries < 200; tries++) await sleep(50);
	device.chat(chat.id).delete(id);
	device.line.fate = () => [0];
	device.line.cut();
	await until(state(device), ({ messages }) => messages[0]?.isDeleted === true && messages[0].seq === 1);
	await until(device.client.waiting, count => count === 0);
	expect(await history()).toMatchObject([{ seq: 1, isDeleted: true }]);
});

test("what is refused says so, stops nobody, and can be tried again or given up", async () => {
	const device = await deviceOf(ben);
	const handle = device.chat(chat.id);
	const theirs = await ann.say(chat.id, "ann's");
	await until(state(device), ({ messages }) => messages.length === 1);
	handle.edit(theirs.id, { content: "ben's" });
	expect(last(state(device).get())).toMatchObject({ content: "ben's", change: { state: "pending" } });
	await until(state(device), shown => last(shown).change?.state === "failed");
	expect(last(state(device).get())).toMatchObject({
		content: "ann's",
		change: { state: "failed", code: "FORBIDDEN", retryable: false },
	});
	handle.discard(theirs.id);
	await until(state(device), shown => last(shown).change === null);

	ok(await ann.rest.patch(`/chats/${chat.id}`, { announceOnly: true }));
	const { key } = handle.send({ content: "may I?" });
	await until(state(device), shown => last(shown).delivery.state === "failed");
	handle.react(theirs.id, "👀");
	await until(state(device), ({ messages }) => messages[0]?.reactions.length === 1 && !messages[0].change);
	expect(device.failed.at(-1)).toEqual({ chatId: chat.id, key, code: "FORBIDDEN" });
	ok(await ann.rest.patch(`/chats/${chat.id}`, { announceOnly: false }));
	handle.retry(key);
	await until(state(device), shown => last(shown).seq === 2);
	expect(last(state(device).get())).toMatchObject({ key, content: "may I?" });
});

test("I2 I12: two tabs show the same, one of them sends, and when it goes the other does", async () => {
	const first = await deviceOf(ann);
	const second = first.tab();
	devices.push(second);
	second.open(chat.id);
	await second.chat(chat.id).ready();
	second.chat(chat.id).send({ content: "from the second" });
	// Both have one line.
	for (const tab of [first, second]) await until(state(tab), shown => places(shown).includes(1));
	await offline(first);
	first.chat(chat.id).send({ content: "offline, in the first" });
	await until(state(second), ({ messages }) => messages.length === 2);
	expect(last(state(second).get()).delivery.state).toBe("pending");
	first.off();
	second.line.block(false);
	await until(state(second), shown => last(shown).seq === 2);
	expect((await history()).map(({ content }) => content)).toEqual([
		"from the second",
		"offline, in the first",
	]);
	expect(asked(second)).toBe(2);
});

test("I9 I12: a message stays in a tab that has not heard of it yet, though another tab has", async () => {
	const first = await deviceOf(ann);
	const second = first.tab();
	devices.push(second);
	second.open(chat.id);
	await second.chat(chat.id).ready();
	let events = 0;
	// One of the two is told.
	first.line.fate = frame => (frame.startsWith('42["message",') && events++ > 0 ? [] : [0]);
	second.chat(chat.id).send({ content: "from the second" });
	for (const tab of [first, second]) await until(state(tab), shown => places(shown).includes(1));
	for (let tries = 0; events < 2 && tries < 200; tries++) await sleep(10);
	await offline(first);
	const database = await first.database();
	const stored = () => database.read(tx => tx.range("outbox", 0, Number.MAX_SAFE_INTEGER, 10));
	for (let tries = 0; (await stored()).length > 0 && tries < 200; tries++) await sleep(10);
	expect(await stored()).toEqual([]);
	await sleep(50);
	for (const tab of [first, second]) expect(places(state(tab).get())).toEqual([1]);
	first.line.block(false);
	for (const tab of [first, second]) await until(state(tab), ({ cursor }) => cursor === 3);
	for (const tab of [first, second]) expect(places(state(tab).get())).toEqual([1]);
});

test("I2: a tab that was disconnected leaves the sending to the other one, and gets it back with its lock", async () => {
	const first = await deviceOf(ann);
	const second = first.tab();
	devices.push(second);
	second.open(chat.id);
	await second.chat(chat.id).ready();
	first.client.disconnect();
	first.chat(chat.id).send({ content: "written in the first, while it is disconnected" });
	second.chat(chat.id).send({ content: "from the second" });
	await until(state(second), shown => shown.messages.length === 2 && allSent(shown));
	first.client.connect();
	second.client.disconnect();
	first.chat(chat.id).send({ content: "from the first again" });
	await until(state(first), shown => shown.messages.length === 3 && allSent(shown));
	expect(await history()).toHaveLength(3);
});

test("a send changes what is shown three times at most: as it waits, as it is sent, as the log has it", async () => {
	const device = await deviceOf(ann);
	const handle = device.chat(chat.id);
	await until(state(device), ({ membersComplete }) => membersComplete);
	for (const content of ["one", "two"]) {
		let changes = 0;
		const end = state(device).subscribe(() => changes++);
		handle.send({ content });
		await until(device.client.waiting, count => count === 0);
		await until(state(device), shown => allSent(shown) && last(shown).content === content);
		await until(state(device), ({ chat, messages }) => chat?.lastSeq === messages.length);
		await sleep(300);
		end();
		expect(changes).toBeLessThanOrEqual(3);
	}
});

test("a chat that is not open is read to its end, or up to a place; of one nobody knows no end is made up", async () => {
	for (let n = 0; n < 3; n++) await ann.say(chat.id, `words ${n}`);
	const device = await Device.on(urls()[0] as string, ben);
	devices.push(device);
	const unread = (count: number) =>
		until(
			device.client.inbox,
			({ items }) => items[0]?.unread === count && device.client.waiting.get() === 0,
		);
	expect(() => device.chat(chat.id).markRead()).toThrow(expect.objectContaining({ code: "UNAVAILABLE" }));
	await unread(3);
	device.chat(chat.id).markRead(2);
	await unread(1);
	device.chat(chat.id).markRead();
	await unread(0);
	const { self } = ok<{ self: { readSeq: number } }>(await ben.rest.get(`/chats/${chat.id}/changes?since=0`));
	expect(self.readSeq).toBe(3);
});

test("I18: read marks made offline are one, the highest, and count at once", async () => {
	for (let n = 0; n < 5; n++) await ann.say(chat.id, `words ${n}`);
	const device = await deviceOf(ben);
	await until(state(device), ({ unread }) => unread === 5);
	await offline(device);
	const handle = device.chat(chat.id);
	handle.markRead(2);
	handle.markRead(4);
	handle.markRead(3);
	expect(state(device).get().unread).toBe(1);
	await until(device.client.waiting, count => count === 1);
	device.line.block(false);
	await until(device.client.waiting, count => count === 0);
	await until(state(device), ({ unread, self }) => unread === 1 && self?.readSeq === 4);
	const { self } = ok<{ self: { readSeq: number } }>(await ben.rest.get(`/chats/${chat.id}/changes?since=0`));
	expect(self.readSeq).toBe(4);
});

test("a thousand wait, and the next is refused at once", async () => {
	const device = await deviceOf(ann);
	await offline(device);
	for (let n = 0; n < 1_000; n++) device.chat(chat.id).send({ content: `${n}` });
	expect(() => device.chat(chat.id).send({ content: "one too many" })).toThrow(
		expect.objectContaining({ code: "UNAVAILABLE" }),
	);
	expect(device.client.waiting.get()).toBe(1_000);
});
