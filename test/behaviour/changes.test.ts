import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat, Member } from "../../contracts/chats.ts";
import type { Changes, Message } from "../../contracts/messages.ts";
import { figure } from "../support/figure.ts";
import { goHome, ok, type Person, people } from "../support/people.ts";
import type { TestSocket } from "../support/socket.ts";
import { acked, verdict } from "../support/verdict.ts";

let ann: Person;
let ben: Person;
let carol: Person;
let socket: TestSocket;

beforeAll(async () => {
	[ann, ben, carol] = await people("ann", "ben", "carol");
	socket = await ann.sender();
});

afterAll(goHome);

const changes = async (chatId: string, since: number, more = "") =>
	ok<Changes>(await ann.rest.get(`/chats/${chatId}/changes?since=${since}${more}`));
const facts = ({ messages, members }: Changes) => ({
	seqs: messages.map(({ seq }) => seq),
	users: members.map(({ userId, leftAt }) => `${userId}${leftAt ? " left" : ""}`),
});

/** Many messages of a chat. What one socket sends to it is worked off one by one, so several send. */
async function fill(chatId: string, count: number): Promise<void> {
	const sockets = await Promise.all(Array.from({ length: 8 }, () => ann.sender()));
	let left = count;
	const talk = async (socket: TestSocket) => {
		while (left-- > 0) await acked(socket, "message", { chatId, content: "." });
	};
	await Promise.all(sockets.map(talk));
	for (const socket of sockets) socket.close();
}

test("from the beginning all is told, as it is now, in one snapshot", async () => {
	const chat = await ann.group(ben);
	const first = await ann.say(chat.id, "one");
	await ben.say(chat.id, "two");
	const edited = ok<Message>(await ann.rest.patch(`/messages/${first.id}`, { content: "one!" }));
	const all = await changes(chat.id, 0);
	expect(all).toMatchObject({ rev: edited.rev, hasMore: false, reset: false });
	expect(all.messages.map(({ seq, content }) => [seq, content])).toEqual(
		expect.arrayContaining([
			[1, "one!"],
			[2, "two"],
		]),
	);
	expect(facts(all).users.sort()).toEqual([ann.id, ben.id].sort());
	expect(all.chat).toEqual(ok<Chat>(await ann.rest.get(`/chats/${chat.id}`)));
	expect(all.self).toMatchObject({ userId: ann.id, role: "owner", mutedUntil: null });
	const { status: _, ...overSocket } = await acked(socket, "chat:changes", { chatId: chat.id, since: 0 });
	expect(overSocket).toEqual(all);
});

test("only what changed since is told, once, in order of `rev`", async () => {
	const chat = await ann.group(ben);
	const messages = [];
	for (const content of ["one", "two", "three"]) messages.push(await ann.say(chat.id, content));
	const [one, two, three] = messages as [Message, Message, Message];
	const { rev } = await changes(chat.id, 0);
	expect(facts(await changes(chat.id, rev))).toEqual({ seqs: [], users: [] });
	ok(await ann.rest.put(`/messages/${two.id}/pin`));
	ok(await ben.rest.delete(`/messages/${three.id}/reactions/x`));
	ok(await ben.rest.put(`/messages/${one.id}/reactions/x`));
	ok(await ann.rest.delete(`/messages/${two.id}`));
	const since = await changes(chat.id, rev);
	expect(facts(since)).toEqual({ seqs: [1, 2], users: [] });
	expect(since.messages.map(({ rev }) => rev)).toEqual([rev + 2, rev + 3]);
	expect(since.messages[1]).toMatchObject({ isDeleted: true, content: null });
	ok(await ann.rest.patch(`/chats/${chat.id}`, { name: "renamed" }));
	const named = await changes(chat.id, since.rev);
	expect(facts(named)).toEqual({ seqs: [], users: [] });
	expect([named.rev, named.chat.name]).toEqual([since.rev + 1, "renamed"]);
});

test("who came, who went and whose role changed is told; who left stands there with `leftAt`", async () => {
	const chat = await ann.group(ben);
	const { rev } = await changes(chat.id, 0);
	ok(await ann.rest.post(`/chats/${chat.id}/members`, { userIds: [carol.id] }));
	ok(await ann.rest.patch(`/chats/${chat.id}/members/${carol.id}`, { role: "admin" }));
	ok(await ann.rest.delete(`/chats/${chat.id}/members/${ben.id}`));
	const since = await changes(chat.id, rev);
	expect(facts(since)).toEqual({ seqs: [], users: [carol.id, `${ben.id} left`] });
	expect(since.members[0]).toMatchObject({ role: "admin" });
	expect(since).toMatchObject({ rev: rev + 3, chat: { memberCount: 2 } });
});

test("a page counts messages and members together, and goes on from the last one's `rev`", async () => {
	const chat = await ann.group(ben);
	await ann.say(chat.id, "one");
	ok(await ann.rest.post(`/chats/${chat.id}/members`, { userIds: [carol.id] }));
	await ann.say(chat.id, "two");
	const seen: string[] = [];
	let since = 0;
	for (let more = true; more; ) {
		const page = await changes(chat.id, since, "&limit=1");
		expect(page.messages.length + page.members.length).toBeLessThanOrEqual(1);
		seen.push(
			...page.messages.map(({ content }) => `${content}`),
			...page.members.map(({ userId }) => userId),
		);
		expect(page.rev).toBeGreaterThan(since);
		since = page.rev;
		more = page.hasMore;
	}
	expect(seen).toEqual([ann.id, ben.id, "one", carol.id, "two"]);
	expect(since).toBe(ok<Chat>(await ann.rest.get(`/chats/${chat.id}`)).rev);
});

test("one's own marks are in `self`, and raise nothing", async () => {
	const chat = await ann.group(ben);
	await ben.say(chat.id, "one");
	const { rev } = await changes(chat.id, 0);
	ok(await ann.rest.post(`/chats/${chat.id}/read`, { seq: 1 }));
	expect(await changes(chat.id, rev)).toMatchObject({ rev, self: { readSeq: 1, deliveredSeq: 1 } });
});

test("a cursor from the future is answered by a reset", async () => {
	const chat = await ann.group(ben);
	await ann.say(chat.id, "one");
	const { rev } = await changes(chat.id, 0);
	const future = await changes(chat.id, rev + 1);
	expect(future).toMatchObject({ reset: true, rev });
	expect(facts(future).seqs).toEqual([1]);
	for (const since of ["-1", "x", "1.5", ""])
		expect(verdict(await ann.rest.get(`/chats/${chat.id}/changes?since=${since}`))).toBe(
			"422 VALIDATION_ERROR",
		);
	expect(verdict(await ann.rest.get(`/chats/${chat.id}/changes`))).toBe("422 VALIDATION_ERROR");
});

test("I13: 999 and 1,000 changes behind are paged without a hole, 1,001 and far more say `reset`", async () => {
	const chat = await ann.group();
	await fill(chat.id, 1_100);
	for (const behind of [999, 1_000]) {
		const seqs: number[] = [];
		let since = chat.rev + 1_100 - behind;
		for (let more = true; more; ) {
			const page = await changes(chat.id, since, "&limit=200");
			expect(page.reset).toBe(false);
			seqs.push(...facts(page).seqs);
			since = page.rev;
			more = page.hasMore;
		}
		expect(seqs).toEqual(Array.from({ length: behind }, (_, i) => 1_101 - behind + i));
	}
	const newest = (last: number) => Array.from({ length: 50 }, (_, i) => last - 49 + i);
	const reset = await changes(chat.id, chat.rev + 99);
	expect(reset).toMatchObject({ reset: true, rev: chat.rev + 1_100, members: [] });
	expect(facts(reset).seqs).toEqual(newest(1_100));
	const opened = await acked(socket, "chat:join", { chatId: chat.id, since: chat.rev + 99 });
	expect(opened).toMatchObject({ reset: true, hasMore: true, members: [] });
	expect(opened.messages).toEqual(reset.messages);

	await fill(chat.id, 1_900);
	const far = await changes(chat.id, chat.rev + 1);
	expect(far).toMatchObject({ reset: true, rev: chat.rev + 3_000 });
	expect(facts(far).seqs).toEqual(newest(3_000));
}, 90_000);

test("I16: who was removed meanwhile reads nothing more, whatever the cursor", async () => {
	const chat = await ben.group(ann, carol);
	await ben.say(chat.id, "one");
	const { rev } = await changes(chat.id, 0);
	ok<null>(await ben.rest.delete(`/chats/${chat.id}/members/${ann.id}`));
	await ben.say(chat.id, "secret");
	const cursors = [0, rev, rev + 5];
	for (const since of cursors)
		expect(verdict(await ann.rest.get(`/chats/${chat.id}/changes?since=${since}`))).toBe("404 NOT_FOUND");
	expect(await socket.emit("chat:changes", { chatId: chat.id, since: rev })).toMatchObject({
		code: "NOT_FOUND",
	});
	figure(
		"I16",
		`who was removed meanwhile: nothing leaked over REST at ${cursors.length} cursors, nor over the socket`,
	);
});

test("who came back reads what was said meanwhile", async () => {
	const chat = await ben.group(ann);
	const { rev } = await changes(chat.id, 0);
	ok(await ben.rest.delete(`/chats/${chat.id}/members/${ann.id}`));
	await ben.say(chat.id, "meanwhile");
	ok(await ben.rest.post(`/chats/${chat.id}/members`, { userIds: [ann.id] }));
	const page = await changes(chat.id, rev);
	expect(page.messages.map(({ content }) => content)).toEqual(["meanwhile"]);
	expect(page.members.map(({ userId, leftAt }: Member) => [userId, leftAt])).toEqual([[ann.id, null]]);
});
