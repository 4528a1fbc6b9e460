import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Client, ShownMessage } from "../../client/api.ts";
import { ParleyError } from "../../client/errors.ts";
import { KnownUsers } from "../../client/known-users.ts";
import type { Storage } from "../../client/storage.ts";
import { subjectOf } from "../../client/token-subject.ts";
import type { Message } from "../../contracts/messages.ts";
import { clientOf, endClients, enter, newBrowser, until } from "../support/clients.ts";
import { ok, type Person, people } from "../support/people.ts";

let ann: Person;
let ben: Person;

beforeEach(async () => {
	[ann, ben] = await people("ann", "ben");
});

afterEach(endClients);

const words = (messages: readonly Pick<ShownMessage, "content">[]) => messages.map(({ content }) => content);
const shown = (client: Client, chatId: string) => client.chat(chatId).state;
const history = async (who: Person, chatId: string) =>
	ok<{ items: Message[] }>(await who.rest.get(`/chats/${chatId}/messages?limit=200`)).items;

/** Both hold exactly what the server has. */
async function agree(chatId: string, ...clients: Client[]): Promise<void> {
	const there = (await history(ann, chatId)).map(({ id, seq, rev, content, isDeleted }) => {
		return { id, seq, rev, content, isDeleted };
	});
	for (const client of clients) {
		const last = there.at(-1);
		await until(shown(client, chatId), ({ messages, status }) => {
			const facts = messages.map(({ id, seq, rev, content, isDeleted }) => ({
				id,
				seq,
				rev,
				content,
				isDeleted,
			}));
			return status === "live" && (!last || JSON.stringify(facts) === JSON.stringify(there));
		});
	}
}

test("two clients talk", async () => {
	const [a, b] = [await enter(ann), await enter(ben)];
	const chat = await a.createChat({ participantIds: [ben.id] });
	chat.open();
	await chat.ready();
	const pending = chat.send({ content: "hello, ben" });
	expect(pending).toMatchObject({ content: "hello, ben", seq: null, delivery: { state: "pending" } });
	await until(b.inbox, ({ items }) => items[0]?.lastMessage?.content === "hello, ben");
	expect(b.inbox.get()).toMatchObject({ totalUnread: 1 });

	const there = b.chat(chat.id);
	there.open();
	await there.ready();
	expect(words(there.state.get().messages)).toEqual(["hello, ben"]);
	there.markRead();
	await until(chat.state, ({ messages }) => messages[0]?.delivery.state === "read");
	there.send({ content: "hello, ann" });
	await until(chat.state, ({ messages }) => messages.length === 2 && messages[1]?.seq === 2);
	await agree(chat.id, a, b);
	expect(a.me.get()).toMatchObject({ id: ann.id, displayName: "ann" });
	expect(b.inbox.get().totalUnread).toBe(0);
});

test("I12: after time away, with edits and deletions on both sides, all agree with the server", async () => {
	const { id } = await ann.group(ben);
	const said: Message[] = [];
	for (let i = 0; i < 6; i++) said.push(await (i % 2 ? ann : ben).say(id, `message ${i}`));
	const [a, b] = [await enter(ann), await enter(ben)];
	for (const client of [a, b]) client.chat(id).open();
	await agree(id, a, b);

	a.disconnect();
	const mine = a.chat(id);
	mine.edit(said[1]?.id as string, { content: "edited while away" });
	mine.delete(said[3]?.id as string);
	mine.react(said[0]?.id as string, "👍");
	mine.send({ content: "written while away" });
	const theirs = b.chat(id);
	theirs.edit(said[0]?.id as string, { content: "edited meanwhile" });
	theirs.delete(said[2]?.id as string);
	theirs.send({ content: "written meanwhile" });
	await until(b.waiting, waiting => waiting === 0);
	expect(a.waiting.get()).toBe(4);

	a.connect();
	await until(a.waiting, waiting => waiting === 0);
	await agree(id, a, b);
	const all = await history(ben, id);
	expect(words(all)).toEqual([
		"edited meanwhile",
		"edited while away",
		null,
		null,
		"message 4",
		"message 5",
		"written meanwhile",
		"written while away",
	]);
	expect(all[0]?.reactions).toMatchObject([{ emoji: "👍", userIds: [ann.id] }]);
});

test("I3: a reload with unsent messages sends them once, in order", async () => {
	const { id } = await ann.group(ben);
	const tab = newBrowser();
	const before = await enter(ann, { platform: tab() });
	before.disconnect();
	for (const content of ["one", "two", "three"]) before.chat(id).send({ content });
	await until(before.waiting, waiting => waiting === 3);

	// Nothing is told to the page that goes: a new one begins with what is stored.
	const after = clientOf(ann, { platform: { ...tab(), lock: (_name, work) => work() } });
	after.chat(id).open();
	after.connect();
	await until(shown(after, id), ({ messages }) => messages.length === 3);
	await until(after.waiting, waiting => waiting === 0);
	await agree(id, after);
	expect(words(await history(ann, id))).toEqual(["one", "two", "three"]);
});

test("a start without a connection shows what is stored", async () => {
	const { id } = await ben.group(ann);
	await ben.say(id, "kept");
	const tab = newBrowser();
	const before = await enter(ann, { platform: tab(), account: "ann" });
	before.chat(id).open();
	await before.chat(id).ready();
	await new Promise(done => setTimeout(done, 1_500)); // what is shown is stored a moment later
	before.disconnect();

	const token = () => Promise.reject(new Error("There is no network."));
	const offline = clientOf(ann, { url: "http://127.0.0.1:9", token, platform: tab(), account: "ann" });
	expect(offline.inbox.get()).toMatchObject({ loaded: false, items: [] });
	offline.connect();
	await new Promise(done => setTimeout(done, 500));
	expect(offline.inbox.get().loaded).toBe(false);
	offline.disconnect();

	// The same server: what is stored is of a server and a user.
	const same = clientOf(ann, { token, platform: tab(), account: "ann" });
	same.connect();
	await until(same.inbox, ({ loaded }) => loaded);
	expect(same.inbox.get()).toMatchObject({ totalUnread: 1, items: [{ chat: { id } }] });
	expect(same.me.get()).toMatchObject({ id: ann.id });
	same.chat(id).open();
	await until(shown(same, id), ({ messages }) => messages.length === 1);
	expect(same.connection.get().status).not.toBe("online");
});

test("signing out erases what is stored, in all tabs", async () => {
	const { id } = await ben.group(ann);
	await ben.say(id, "a secret");
	const tab = newBrowser();
	const [one, two] = [await enter(ann, { platform: tab() }), await enter(ann, { platform: tab() })];
	one.chat(id).open();
	await one.chat(id).ready();
	await one.signOut();
	for (const client of [one, two]) {
		await until(client.connection, ({ status }) => status === "signed-out");
		expect(client.inbox.get()).toMatchObject({ items: [], totalUnread: 0, loaded: false });
		expect(client.me.get()).toBeNull();
		await expect(client.ready()).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
	}
	const stored = await (tab().storage as Storage).open(`parley ${ann.urls[0]} ${ann.id}`);
	for (const table of ["kv", "chats"] as const)
		expect(await stored.read(tx => tx.range(table, "", "\uffff", 10))).toEqual([]);
	const token = () => Promise.reject(new Error("There is no network."));
	const next = clientOf(ann, { token, platform: tab(), account: ann.id });
	next.connect();
	next.chat(id).open();
	await new Promise(done => setTimeout(done, 300));
	expect(next.inbox.get().loaded).toBe(false);
	expect(next.chat(id).state.get().messages).toEqual([]);
});

test("two people on one device see nothing of each other", async () => {
	const { id } = await ann.group();
	await ann.say(id, "ann's own");
	const tab = newBrowser();
	const one = await enter(ann, { platform: tab() });
	one.disconnect();
	const two = await enter(ben, { platform: tab() });
	expect(two.inbox.get().items).toEqual([]);
	expect(two.me.get()?.id).toBe(ben.id);
});

test("a client that is given somebody else's token speaks for nobody", async () => {
	const { id } = await ann.group(ben);
	let token = ann.token;
	const client = await enter(ann, { token: () => token });
	client.disconnect();
	client.chat(id).send({ content: "ann's words" });
	token = ben.token;
	client.connect();
	await until(client.connection, ({ status }) => status === "signed-out");
	expect(client.connection.get().error).toMatchObject({ code: "UNAUTHENTICATED" });
	expect(await history(ben, id)).toEqual([]);
});

test("a device that remembers somebody else under a token starts anew, once it has been told", async () => {
	const tab = newBrowser();
	const known = new KnownUsers(tab().storage as Storage, ann.urls[0] as string);
	await known.add([subjectOf(ann.token)], ben.id); // as after the server was set up again
	const client = clientOf(ann, { platform: tab() });
	client.connect();
	await until(client.connection, ({ status }) => status === "signed-out");
	expect(client.me.get()).toBeNull();
	const next = await enter(ann, { platform: tab() });
	expect(next.me.get()?.id).toBe(ann.id);
});

test("making a chat twice with one key makes one chat", async () => {
	const client = await enter(ann);
	const wish = { type: "group" as const, participantIds: [ben.id], name: "one", clientId: "the same" };
	const [one, two] = await Promise.all([client.createChat(wish), client.createChat(wish)]);
	expect(one).toBe(two);
	expect(client.inbox.get().items.map(({ chat }) => chat.id)).toEqual([one.id]);
});

test("a REST call fails with the server's code", async () => {
	const client = await enter(ann);
	const call = client.rest("GET /users/:id", { id: "01900000-0000-7000-8000-000000000000" });
	await expect(call).rejects.toBeInstanceOf(ParleyError);
	await expect(call).rejects.toMatchObject({ code: "NOT_FOUND", retryable: false });
});
