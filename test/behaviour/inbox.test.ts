import { afterAll, beforeEach, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import type { InboxChanges, InboxItem, InboxPage } from "../../contracts/inbox.ts";
import { goHome, ok, type Person, people } from "../support/people.ts";
import { eventually } from "../support/stage.ts";
import { acked, quietly, verdict } from "../support/verdict.ts";

let ann: Person;
let ben: Person;
let first: Chat;
let second: Chat;

beforeEach(async () => {
	[ann, ben] = await people("ann", "ben");
	first = await ben.group(ann);
	second = await ben.group(ann);
});

afterAll(goHome);

const inbox = async (who: Person, query = "") => ok<InboxPage>(await who.rest.get(`/inbox${query}`));
const changes = async (who: Person, since?: string) =>
	ok<InboxChanges>(await who.rest.get(`/inbox/changes${since ? `?since=${encodeURIComponent(since)}` : ""}`));
const ids = (items: InboxItem[]) => items.map(({ chat }) => chat.id);
const find = (items: InboxItem[], { id }: Chat) => items.find(({ chat }) => chat.id === id) as InboxItem;

test("an inbox shows one's chats, the last activity first, with what is unread", async () => {
	await ben.say(first.id, "one");
	const last = await ben.say(first.id, "two");
	await ben.say(second.id, "three");
	const page = await inbox(ann);
	expect(ids(page.items)).toEqual([second.id, first.id]);
	expect(page).toMatchObject({ totalUnread: 3, nextCursor: null, since: expect.any(String) });
	const item = find(page.items, first);
	expect(item).toEqual({
		chat: ok<Chat>(await ann.rest.get(`/chats/${first.id}`)),
		self: expect.objectContaining({ userId: ann.id, readSeq: 0, mutedUntil: null }),
		unread: 2,
		mentions: 0,
		lastMessage: last,
	});
	expect(find((await inbox(ben)).items, first)).toMatchObject({ unread: 0, lastMessage: last });
	await ben.say(first.id, "four");
	expect(ids((await inbox(ann)).items)).toEqual([first.id, second.id]);
});

test("both doors show the same inbox", async () => {
	await ben.say(first.id, "one");
	const socket = await ann.sender();
	const { status: _, ...page } = await acked(socket, "inbox:list", {});
	const { since: __, ...rest } = await inbox(ann);
	expect(page).toMatchObject(rest);
	const { status: ___, ...synced } = await acked(socket, "inbox:sync", { since: page.since });
	expect(synced).toMatchObject({ removed: [], hasMore: false, totalUnread: 1 });
});

test("an inbox is paged without a gap, also while it moves", async () => {
	const chats = [first, second];
	for (let i = 0; i < 5; i++) chats.push(await ben.group(ann));
	const seen: string[] = [];
	let cursor: string | null = null;
	do {
		const page: InboxPage = await inbox(
			ann,
			`?limit=2${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`,
		);
		expect(page.items.length).toBeLessThanOrEqual(2);
		seen.push(...ids(page.items));
		cursor = page.nextCursor;
		if (cursor) await ben.say(chats.at(-1)?.id as string, "moves to the front");
	} while (cursor);
	expect([...new Set(seen)].sort()).toEqual(chats.map(({ id }) => id).sort());
});

test("mentions are counted until they are read, edited away or deleted", async () => {
	const counts = async () => {
		const { unread, mentions } = find((await inbox(ann)).items, first);
		return [unread, mentions];
	};
	const mention = { mentions: [ann.id] };
	const one = await ben.say(first.id, "one", mention);
	const two = await ben.say(first.id, "two", mention);
	await ben.say(first.id, "three", mention);
	expect(await counts()).toEqual([3, 3]);
	ok(await ben.rest.patch(`/messages/${two.id}`, { content: "two", mentions: [] }));
	expect(await counts()).toEqual([3, 2]);
	ok(await ben.rest.delete(`/messages/${one.id}`));
	expect(await counts()).toEqual([3, 1]);
	ok(await ann.rest.post(`/chats/${first.id}/read`, { seq: 2 }));
	expect(await counts()).toEqual([1, 1]);
	ok(await ann.rest.post(`/chats/${first.id}/read`));
	expect(await counts()).toEqual([0, 0]);
});

test("I17: after any mix unread is what came after one's mark, and the total is its sum", async () => {
	const chats = [first, second];
	let seed = 7;
	const random = (n: number) => {
		seed = (seed * 48_271) % 2_147_483_647;
		return seed % n;
	};
	for (let step = 0; step < 35; step++) {
		const { id } = chats[random(2)] as Chat;
		const who = random(2) ? ann : ben;
		const sent = random(3) ? await who.say(id, `${step}`) : null;
		if (sent && random(4) === 0) ok(await who.rest.delete(`/messages/${sent.id}`));
		if (random(4) === 0) ok(await who.rest.post(`/chats/${id}/read`, { seq: random(20) }));
		if (random(12) === 0) {
			ok(await ann.rest.post(`/chats/${id}/leave`));
			ok(await ben.rest.post(`/chats/${id}/members`, { userIds: [ann.id] }));
		}
	}
	for (const who of [ann, ben]) {
		const { items, totalUnread } = await inbox(who);
		for (const { chat, self, unread } of items) {
			const after = ok<{ items: unknown[] }>(
				await who.rest.get(`/chats/${chat.id}/messages?after=${self.readSeq}&limit=200`),
			);
			expect(unread).toBe(chat.lastSeq - self.readSeq);
			expect(after.items).toHaveLength(unread);
		}
		expect(totalUnread).toBe(items.reduce((sum, { unread }) => sum + unread, 0));
	}
});

test("without a cursor the changes are everything, and nothing is removed", async () => {
	const all = await changes(ann);
	expect(ids(all.items).sort()).toEqual([first.id, second.id].sort());
	expect(all).toMatchObject({ removed: [], hasMore: false, totalUnread: 0 });
});

test("since a cursor come the chats that moved, by whatever moved them", async () => {
	const third = await ben.group(ann);
	let { since } = await inbox(ann);
	const moved = async () => {
		const page = await changes(ann, since);
		since = page.since;
		return page;
	};
	const message = await ben.say(first.id, "one");
	expect(find((await moved()).items, first)).toMatchObject({ unread: 1, lastMessage: { id: message.id } });
	for (const move of [
		() => ann.rest.post(`/chats/${first.id}/read`),
		() => ann.rest.put(`/chats/${first.id}/mute`, { until: new Date(Date.now() + 60_000).toISOString() }),
		() => ben.rest.patch(`/chats/${first.id}`, { name: "renamed" }),
		() => ben.rest.put(`/messages/${message.id}/pin`),
		() => ben.rest.patch(`/chats/${first.id}/members/${ann.id}`, { role: "moderator" }),
	]) {
		ok(await move());
		expect(ids((await moved()).items)).toContain(first.id);
	}
	// While a transaction of anybody in the database is open, answers overlap.
	const calm = await eventually(moved, ({ items }) => items.length === 0);
	expect(ids(calm.items)).not.toContain(third.id);
	expect(calm.removed).toEqual([]);
});

test("I16: who was away learns which chats are theirs no more, and of those that are new", async () => {
	const third = await ben.group(ann);
	const { since } = await inbox(ann);
	ok(await ben.rest.delete(`/chats/${first.id}/members/${ann.id}`));
	ok(await ben.rest.delete(`/chats/${third.id}`));
	await ben.say(first.id, "secret");
	const fresh = await ben.direct(ann);
	const page = await changes(ann, since);
	expect(page.removed.sort()).toEqual([first.id, third.id].sort());
	expect(ids(page.items)).toContain(fresh.id);
	expect(JSON.stringify(page)).not.toContain("secret");
	ok(await ben.rest.post(`/chats/${first.id}/members`, { userIds: [ann.id] }));
	const back = await changes(ann, page.since);
	expect(ids(back.items)).toContain(first.id);
	expect(back.removed).not.toContain(first.id);
});

test("changes are paged, and end", async () => {
	const { since } = await inbox(ann);
	const chats = [];
	for (let i = 0; i < 5; i++) chats.push(await ben.group(ann));
	const seen = new Set<string>();
	let from = since;
	for (let pages = 0, more = true; more; pages++) {
		expect(pages).toBeLessThan(10);
		const page = ok<InboxChanges>(
			await ann.rest.get(`/inbox/changes?limit=2&since=${encodeURIComponent(from)}`),
		);
		for (const id of ids(page.items)) seen.add(id);
		from = page.since;
		more = page.hasMore;
	}
	for (const { id } of chats) expect(seen).toContain(id);
	expect(verdict(await ann.rest.get("/inbox/changes?since=nonsense"))).toBe("422 VALIDATION_ERROR");
	expect(verdict(await ann.rest.get("/inbox?cursor=nonsense"))).toBe("422 VALIDATION_ERROR");
});

test("who reads tells it to their other devices, and not to the asking one", async () => {
	await ben.say(first.id, "one");
	await ben.say(first.id, "two", { mentions: [ann.id] });
	await ben.say(second.id, "three");
	const [asking, other] = [await ann.sender(), await ann.receiver()];
	const bens = await ben.receiver();
	await acked(asking, "message:read", { chatId: first.id, seq: 1 });
	expect(await other.waitFor("inbox:update")).toEqual({
		chatId: first.id,
		readSeq: 1,
		unread: 1,
		mentions: 1,
		totalUnread: 2,
	});
	await quietly();
	expect(asking.of("inbox:update")).toEqual([]);
	expect(bens.of("inbox:update")).toEqual([]);
	await acked(asking, "message:read", { chatId: first.id, seq: 1 });
	await ben.say(first.id, "a new message needs none");
	await other.waitFor("message");
	await quietly();
	expect(other.of("inbox:update")).toHaveLength(1);
});

test("who joins or leaves tells it to their other devices", async () => {
	const channel = await ben.chat({ type: "channel", name: "a channel" });
	const other = await ann.receiver();
	ok(await ann.rest.post(`/chats/${channel.id}/join`));
	await other.waitFor("chat:created", ({ id }) => id === channel.id);
	await other.waitFor("inbox:update", ({ chatId }) => chatId === channel.id);
	other.forget();
	ok(await ann.rest.post(`/chats/${channel.id}/leave`));
	await other.waitFor("chat:member-left", ({ chatId }) => chatId === channel.id);
});

test("all is read with one call, and the other devices know it", async () => {
	await ben.say(first.id, "one");
	await ben.say(second.id, "two");
	const other = await ann.receiver();
	const answer = await ann.rest.post("/inbox/read-all");
	expect([answer.status, answer.body]).toEqual([200, { totalUnread: 0 }]);
	const page = await inbox(ann);
	expect([page.totalUnread, ...page.items.map(({ unread }) => unread)]).toEqual([0, 0, 0]);
	await other.waitFor("inbox:update", ({ totalUnread }) => totalUnread === 0);
	expect((await ann.rest.post("/inbox/read-all")).body).toEqual({ totalUnread: 0 });
});
