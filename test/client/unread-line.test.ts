import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import { clientOf, endClients, enter, newBrowser, until } from "../support/clients.ts";
import { type Person, people } from "../support/people.ts";

let ann: Person;
let ben: Person;
let chat: Chat;

beforeEach(async () => {
	[ann, ben] = await people("ann", "ben");
	chat = await ann.group(ben);
});

afterEach(endClients);

test("a chat that is opened again has its unread line after what was read the last time", async () => {
	for (const content of ["one", "two"]) await ben.say(chat.id, content);
	const client = await enter(ann);
	const handle = client.chat(chat.id);
	const close = handle.open();
	await handle.ready();
	expect(handle.state.get().openedAtSeq).toBe(0);
	handle.markRead();
	expect(handle.state.get().openedAtSeq).toBe(0);
	close();
	await ben.say(chat.id, "three");
	await until(handle.state, ({ chat }) => chat?.lastSeq === 3);
	handle.open();
	expect(handle.state.get()).toMatchObject({ openedAtSeq: 2, unread: 1 });
	handle.markRead();
	await until(client.waiting, waiting => waiting === 0);
	expect(handle.state.get().openedAtSeq).toBe(2);
});

test("what was read on another device, or offline before a reload, moves the line until the chat has caught up", async () => {
	for (const content of ["one", "two"]) await ben.say(chat.id, content);
	const tab = newBrowser();
	const first = await enter(ann, { platform: tab() });
	first.chat(chat.id).open();
	await first.chat(chat.id).ready();
	await new Promise(done => setTimeout(done, 300)); // what is shown is stored a moment later
	first.disconnect();
	first.chat(chat.id).markRead(1);
	await new Promise(done => setTimeout(done, 100));

	const other = await enter(ann);
	await ben.say(chat.id, "three");
	await ben.say(chat.id, "four");
	await until(other.inbox, ({ totalUnread }) => totalUnread === 4);
	const reloaded = clientOf(ann, {
		platform: { ...tab(), lock: (_name, work) => work() },
		account: "ann",
	});
	const { state } = reloaded.chat(chat.id);
	other.chat(chat.id).markRead(3);
	await until(other.waiting, waiting => waiting === 0);
	await until(other.inbox, ({ totalUnread }) => totalUnread === 1);
	reloaded.chat(chat.id).open();
	reloaded.connect();
	await until(state, ({ status, cursor }) => status === "live" && cursor > 0);
	expect(state.get().openedAtSeq).toBe(3);
	reloaded.chat(chat.id).markRead();
	await until(reloaded.waiting, waiting => waiting === 0);
	expect(state.get().openedAtSeq).toBe(3);
});
