import { afterEach, beforeEach, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import { factsOf, type OwnInbox, openInbox, serverInbox } from "../support/inbox-parts.ts";
import { goHome, ok, type Person, people } from "../support/people.ts";
import { eventually } from "../support/stage.ts";

let ann: Person;
let ben: Person;
let opened: OwnInbox[] = [];

beforeEach(async () => {
	[ann, ben] = await people("ann", "ben");
});

afterEach(async () => {
	await Promise.all(opened.map(one => one.close()));
	opened = [];
	goHome();
});

async function open(who: Person): Promise<OwnInbox> {
	const own = await openInbox(who);
	opened.push(own);
	return own;
}

/** Waits until the inbox says what the server says. */
async function agree(own: OwnInbox, who: Person): Promise<void> {
	const both = await eventually(
		async () => ({ here: factsOf(own.inbox.state.get()), there: factsOf(await serverInbox(who)) }),
		({ here, there }) => JSON.stringify(here) === JSON.stringify(there),
		10_000,
	);
	expect(both.here).toEqual(both.there);
}

const entry = (own: OwnInbox, chatId: string) =>
	own.inbox.state.get().items.find(({ chat }) => chat.id === chatId);

test("a message moves its chat to the top, and counts", async () => {
	const first = await ann.group(ben);
	const second = await ann.group(ben);
	const own = await open(ann);
	await ben.say(first.id, "hello", { mentions: [ann.id] });
	await agree(own, ann);
	expect(own.inbox.state.get().items.map(({ chat }) => chat.id)).toEqual([first.id, second.id]);
	expect(entry(own, first.id)).toMatchObject({ unread: 1, mentions: 1 });
	expect(own.inbox.state.get()).toMatchObject({ totalUnread: 1, totalMentions: 1 });
	expect(own.received.map(({ message, mentioned }) => [message.content, mentioned])).toEqual([
		["hello", true],
	]);
});

test("what one sends reads the chat, and is not received", async () => {
	const { id } = await ann.group(ben);
	await ben.say(id, "hello");
	const own = await open(ann);
	expect(entry(own, id)?.unread).toBe(1);
	await ann.say(id, "hello yourself");
	await eventually(
		() => entry(own, id)?.unread,
		unread => unread === 0,
	);
	await agree(own, ann);
	expect(own.received).toEqual([]);
});

test("the last message follows its edits and its deletion, and mentions go with them", async () => {
	const { id } = await ann.group(ben);
	const own = await open(ann);
	const message = await ben.say(id, "look, ann", { mentions: [ann.id] });
	await agree(own, ann);
	await ben.rest.patch(`/messages/${message.id}`, { content: "look", mentions: [] });
	await eventually(
		() => entry(own, id),
		it => it?.lastMessage?.content === "look" && it.mentions === 0,
	);
	await agree(own, ann);
	await ben.rest.delete(`/messages/${message.id}`);
	await eventually(
		() => entry(own, id)?.lastMessage?.isDeleted,
		isDeleted => isDeleted === true,
	);
	await agree(own, ann);
});

test("new, renamed and left chats come, change and go", async () => {
	const own = await open(ann);
	const chat = await ben.group(ann);
	await ben.say(chat.id, "welcome");
	await agree(own, ann);
	await ben.rest.patch(`/chats/${chat.id}`, { name: "another name" });
	await eventually(
		() => entry(own, chat.id)?.chat.name,
		name => name === "another name",
	);
	await agree(own, ann);
	await ben.rest.delete(`/chats/${chat.id}/members/${ann.id}`);
	await eventually(
		() => entry(own, chat.id),
		it => it === undefined,
	);
	await agree(own, ann);
	expect(own.inbox.state.get().totalUnread).toBe(0);
});

test("what another device reads or mutes is seen here", async () => {
	const { id } = await ann.group(ben);
	const messages: Message[] = [];
	for (const content of ["one", "two", "three"])
		messages.push(await ben.say(id, content, { mentions: [ann.id] }));
	const own = await open(ann);
	await ann.rest.post(`/chats/${id}/read`, { seq: 2 });
	await eventually(
		() => entry(own, id),
		it => it?.unread === 1 && it.mentions === 1,
	);
	await agree(own, ann);
	await ann.rest.put(`/chats/${id}/mute`, { until: "2999-01-01T00:00:00.000Z" });
	await eventually(
		() => entry(own, id)?.self.mutedUntil,
		until => until !== null,
	);
	await agree(own, ann);
});

test("a direct chat shows the other one, and follows their profile", async () => {
	const { id } = await ann.direct(ben);
	const own = await open(ann);
	await eventually(
		() => entry(own, id)?.other,
		other => other !== null,
	);
	expect(entry(own, id)?.other).toMatchObject({ id: ben.id, displayName: "ben" });
	await ben.rest.patch("/users/me", { displayName: "Benjamin" });
	await eventually(
		() => entry(own, id)?.other?.displayName,
		name => name === "Benjamin",
	);
	expect(entry(own, id)?.other?.displayName).toBe("Benjamin");
});

test("the total counts chats that are not loaded, and pages are loaded without a hole", async () => {
	const chats: Chat[] = [];
	for (let i = 0; i < 60; i++) chats.push(await ben.group(ann));
	const [oldest] = chats as [Chat];
	await ben.say(oldest.id, "early");
	for (const chat of chats.slice(1)) await ben.say(chat.id, "later");
	const own = await open(ann);
	expect(own.inbox.state.get()).toMatchObject({ totalUnread: 60, hasMore: true });
	expect(own.inbox.state.get().items).toHaveLength(50);
	await ann.rest.post(`/chats/${oldest.id}/read`, {});
	await eventually(
		() => own.inbox.state.get().totalUnread,
		total => total === 59,
	);
	expect(own.inbox.state.get().totalUnread).toBe(59);
	expect(entry(own, oldest.id)).toBeUndefined();
	await own.inbox.rounds.loadMore();
	expect(own.inbox.state.get().hasMore).toBe(false);
	await agree(own, ann);
});

test("a thread that is only read is asked for once, and comes when one writes in it", async () => {
	const { id } = await ann.group(ben);
	const message = await ben.say(id, "the beginning");
	const thread = ok<Chat>(await ben.rest.post(`/messages/${message.id}/thread`));
	const own = await open(ann);
	await own.account.call("chat:join", { chatId: thread.id });
	await ben.say(thread.id, "the first reply");
	await eventually(
		() => own.inbox.log.strangers.has(thread.id),
		isStranger => isStranger,
	);
	expect(own.inbox.log.strangers.has(thread.id)).toBe(true);
	const { since } = own.inbox.log;
	await ben.say(thread.id, "the second reply");
	await new Promise(done => setTimeout(done, 1_000));
	expect(own.inbox.log.since).toBe(since);
	expect(entry(own, thread.id)).toBeUndefined();
	await ann.say(thread.id, "my own reply");
	await eventually(
		() => entry(own, thread.id),
		it => it !== undefined,
	);
	await agree(own, ann);
	expect(entry(own, thread.id)?.unread).toBe(0);
});
