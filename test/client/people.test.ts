import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { clientOf, endClients, enter, newBrowser, until } from "../support/clients.ts";
import { type Person, people } from "../support/people.ts";

let ann: Person;
let ben: Person;

beforeEach(async () => {
	[ann, ben] = await people("ann", "ben");
});

afterEach(endClients);

const nothing = () => {};
const pause = (ms: number) => new Promise(done => setTimeout(done, ms));

test("who is online is seen for as long as one looks, also after a break", async () => {
	await ann.group(ben);
	const client = await enter(ann);
	const presence = client.presence(ben.id);
	expect(presence).toBe(client.presence(ben.id));
	const end = presence.subscribe(nothing);
	const there = await enter(ben);
	await until(presence, ({ status }) => status === "online");
	await there.setPresence("dnd", "at work");
	await until(presence, ({ status, text }) => status === "dnd" && text === "at work");
	client.disconnect();
	await there.setPresence("away", null);
	client.connect();
	await until(presence, ({ status, text }) => status === "away" && text === null);
	end();
});

test("whom one lets go of is followed again later", async () => {
	await ann.group(ben);
	const [client, there] = [await enter(ann), await enter(ben)];
	const presence = client.presence(ben.id);
	const end = presence.subscribe(nothing);
	await until(presence, ({ status }) => status === "online");
	end();
	await pause(8_000); // the subscription ends a few seconds later
	await there.setPresence("dnd");
	await until(there.presence(ben.id), ({ status }) => status === "dnd");
	expect(presence.get().status).toBe("online");
	await until(presence, ({ status }) => status === "dnd");
});

test("of more people than may be followed at once, the next ones are when others go", async () => {
	await ann.group(ben);
	const [client] = [await enter(ann), await enter(ben)];
	const ids = Array.from(
		{ length: 1_000 },
		(_, i) => `01900000-0000-7000-8000-${String(i).padStart(12, "0")}`,
	);
	const ends = ids.map(id => client.presence(id).subscribe(nothing));
	const presence = client.presence(ben.id);
	const end = presence.subscribe(nothing);
	await pause(1_000);
	expect(presence.get().status).toBe("offline");
	ends[0]?.();
	await until(presence, ({ status }) => status === "online");
	end();
});

test("someone who is typing is seen until they stop, or send", async () => {
	const { id } = await ann.group(ben);
	const [a, b] = [await enter(ann), await enter(ben)];
	for (const client of [a, b]) client.chat(id).open();
	await Promise.all([a.chat(id).ready(), b.chat(id).ready()]);
	const { state } = a.chat(id);
	b.chat(id).typing(true);
	await until(state, ({ typing }) => typing.includes(ben.id));
	b.chat(id).typing(false);
	await until(state, ({ typing }) => typing.length === 0);
	b.chat(id).typing(true);
	await until(state, ({ typing }) => typing.includes(ben.id));
	b.chat(id).send({ content: "done" });
	await until(state, ({ typing, messages }) => typing.length === 0 && messages.length === 1);
	expect(b.chat(id).state.get().typing).toEqual([]);
	b.chat(id).typing(true);
	await until(state, ({ typing }) => typing.includes(ben.id));
	await ben.say(id, "from another device");
	await until(state, ({ messages }) => messages.length === 2);
	expect(state.get().typing).toEqual([]);
});

test("someone who is not known is asked for, and followed when they change", async () => {
	await ann.group(ben);
	const client = await enter(ann);
	const card = client.user(ben.id);
	expect(card.get()).toBeNull();
	await until(card, user => user?.displayName === "ben");
	await ben.rest.patch("/users/me", { displayName: "Benjamin" });
	await until(card, user => user?.displayName === "Benjamin");
});

test("someone who does not exist is asked for once, however often a view looks", async () => {
	const client = await enter(ann);
	const nobody = "01900000-0000-7000-8000-000000000000";
	const { fetch } = globalThis;
	let calls = 0;
	globalThis.fetch = (...args) => {
		if (String(args[0]).endsWith(nobody)) calls++;
		return fetch(...args);
	};
	try {
		for (let looks = 0; looks < 20; looks++) {
			expect(client.user(nobody).get()).toBeNull();
			await pause(50);
		}
	} finally {
		globalThis.fetch = fetch;
	}
	expect(calls).toBe(1);
});

test("one's own profile is changed in all clients", async () => {
	const [one, two] = [await enter(ann), await enter(ann)];
	await one.updateMe({ displayName: "Anna" });
	expect(one.me.get()?.displayName).toBe("Anna");
	await until(two.me, me => me?.displayName === "Anna");
	expect(two.me.get()?.email).toContain("@example.com");
});

test("one person in two browsers and two tabs has the same counts", async () => {
	const chats = [await ben.group(ann), await ben.group(ann)];
	for (const { id } of chats) for (const content of ["one", "two", "three"]) await ben.say(id, content);
	const [browser, other] = [newBrowser(), newBrowser()];
	const clients = [
		await enter(ann, { platform: browser() }),
		await enter(ann, { platform: browser() }),
		await enter(ann, { platform: other() }),
	];
	const [first, second] = chats.map(({ id }) => id) as [string, string];
	for (const [i, client] of clients.entries()) {
		expect(client.inbox.get().totalUnread).toBe(6);
		client.chat(first).open();
		await client.chat(first).ready();
		if (i === 1) client.chat(first).markRead(2);
	}
	await Promise.all(clients.map(client => until(client.inbox, ({ totalUnread }) => totalUnread === 4)));
	await clients[2]?.readAll();
	await Promise.all(clients.map(client => until(client.inbox, ({ totalUnread }) => totalUnread === 0)));
	await ben.say(second, "four");
	await Promise.all(clients.map(client => until(client.inbox, ({ totalUnread }) => totalUnread === 1)));
});

test("a mark that waits counts at once, and is kept by a reload", async () => {
	const { id } = await ben.group(ann);
	for (const content of ["one", "two"]) await ben.say(id, content, { mentions: [ann.id] });
	const tab = newBrowser();
	const client = await enter(ann, { platform: tab() });
	client.chat(id).open();
	await client.chat(id).ready();
	client.disconnect();
	client.chat(id).markRead(2);
	expect(client.inbox.get()).toMatchObject({ totalUnread: 0, totalMentions: 0 });
	await until(client.waiting, waiting => waiting === 1);
	const after = clientOf(ann, { platform: { ...tab(), lock: (_name, work) => work() } });
	after.connect();
	await until(after.inbox, ({ loaded, totalUnread }) => loaded && totalUnread === 0);
	await until(after.waiting, waiting => waiting === 0);
	const elsewhere = await enter(ann);
	expect(elsewhere.inbox.get()).toMatchObject({ totalUnread: 0, totalMentions: 0 });
});

test("reading a part leaves the mentions after it", async () => {
	const { id } = await ben.group(ann);
	for (const content of ["one", "two", "three"]) await ben.say(id, content, { mentions: [ann.id] });
	const client = await enter(ann);
	client.chat(id).open();
	await client.chat(id).ready();
	expect(client.inbox.get()).toMatchObject({ totalUnread: 3, totalMentions: 3 });
	client.chat(id).markRead(2);
	expect(client.inbox.get().totalUnread).toBe(1);
	await until(client.inbox, ({ totalUnread, totalMentions }) => totalUnread === 1 && totalMentions === 1);
});

test("messages that came meanwhile are told once", async () => {
	const { id } = await ben.group(ann);
	await ben.say(id, "before");
	const client = clientOf(ann);
	const told: (string | null)[] = [];
	client.on("received", ({ message }) => told.push(message.content));
	client.connect();
	await until(client.inbox, ({ loaded }) => loaded);
	await ben.say(id, "live");
	await until(client.inbox, ({ totalUnread }) => totalUnread === 2);
	client.disconnect();
	for (const content of ["away 1", "away 2", "away 3"]) await ben.say(id, content);
	client.connect();
	await until(client.inbox, ({ totalUnread }) => totalUnread === 5);
	await ben.say(id, "live again");
	await until(client.inbox, ({ totalUnread }) => totalUnread === 6);
	await until(
		{ get: () => told, subscribe: listener => endOf(setInterval(listener, 20)) },
		all => all.length === 5,
	);
	expect(told.sort()).toEqual(["away 1", "away 2", "away 3", "live", "live again"]);
});

const endOf = (timer: ReturnType<typeof setInterval>) => () => clearInterval(timer);

test("one name that is no id leaves all others' presence alone", async () => {
	const [ann, ben] = await people("ann", "ben");
	await ann.group(ben);
	const client = await enter(ann);
	await enter(ben);
	const ends = ["", "nobody", ben.id].map(id => client.presence(id).subscribe(nothing));
	await until(client.presence(ben.id), ({ status }) => status === "online");
	for (const end of ends) end();
});
