import "../support/env.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import * as chats from "../../contracts/chats.ts";
import type { Events, LogBatch } from "../../contracts/events.ts";
import * as inbox from "../../contracts/inbox.ts";
import * as messages from "../../contracts/messages.ts";
import chatsService from "../../services/chats/chats.service.ts";
import inboxService from "../../services/inbox/inbox.service.ts";
import messagesService from "../../services/messages/messages.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let ann: string;
let bob: string;

beforeAll(async () => {
	t = await testBroker(chatsService, inboxService, messagesService);
});

afterAll(() => t.stop());

beforeEach(async () => {
	[ann, bob] = await Promise.all([t.user(), t.user()]);
});

const group = (...participantIds: string[]) => t.as(ann)(chats.create, { type: "group", participantIds });
const say = (chatId: string, mentions: string[] = [], from = ann) =>
	t.as(from)(messages.send, { chatId, content: "hello", mentions });
const list = (me = bob) => t.as(me)(inbox.list, {});
const since = async (me = bob) => (await list(me)).since;
const changes = (given: string, me = bob) => t.as(me)(inbox.changes, { since: given });
/** A transaction of anybody in the database that was open at `from` makes answers overlap, until it has ended. */
const quiet = async (from: string): Promise<string> => {
	const { items, since } = await changes(from);
	return items.length === 0 ? from : quiet(since);
};
const idsOf = (page: { items: inbox.InboxItem[] }) => page.items.map(({ chat }) => chat.id);

describe("the list", () => {
	test("last activity comes first, with what is unread and who was mentioned", async () => {
		const [one, two, three] = [await group(bob), await group(bob), await group(bob)];
		await say(two.id);
		await say(one.id, [bob]);
		const last = await say(one.id);
		const page = await list();
		expect(idsOf(page)).toEqual([one.id, two.id, three.id]);
		expect(page.items[0]).toMatchObject({
			chat: { id: one.id, lastSeq: 2 },
			self: { userId: bob, readSeq: 0, mutedUntil: null },
			unread: 2,
			mentions: 1,
			lastMessage: { id: last.id },
		});
		expect([page.totalUnread, page.nextCursor]).toEqual([3, null]);
		// Sending reads up to one's own message.
		expect((await list(ann)).totalUnread).toBe(0);
	});

	test("it comes in pages, each chat once, and all pages say where the first one stood", async () => {
		const made: string[] = [];
		for (let i = 0; i < 7; i++) made.push((await group(bob)).id);
		const seen: string[] = [];
		const stood = new Set<string>();
		for (let cursor: string | null | undefined; cursor !== null; ) {
			const page = await t.as(bob)(inbox.list, { limit: 3, ...(cursor ? { cursor } : {}) });
			seen.push(...idsOf(page));
			stood.add(page.since);
			cursor = page.nextCursor;
		}
		expect(seen).toEqual(made.toReversed());
		expect(stood.size).toBe(1);
	});

	test("a chat that moves up between two pages is in the changes since the first", async () => {
		const made: string[] = [];
		for (let i = 0; i < 4; i++) made.push((await group(bob)).id);
		await quiet(await since());
		const first = await t.as(bob)(inbox.list, { limit: 2 });
		await say(made[0] as string);
		const second = await t.as(bob)(inbox.list, { limit: 2, cursor: first.nextCursor ?? "" });
		expect(idsOf(second)).toEqual([made[1]]);
		expect(idsOf(await changes(second.since))).toEqual([made[0]]);
	});

	test("a thread is there for who follows it, until they are no longer in its parent", async () => {
		const { id: chatId } = await group(bob);
		const thread = await t.as(bob)(chats.thread, { messageId: (await say(chatId)).id });
		await say(thread.id, [bob]);
		const page = await list();
		expect(idsOf(page)).toEqual([thread.id, chatId]);
		expect([page.items[0]?.unread, page.items[0]?.mentions, page.totalUnread]).toEqual([1, 1, 2]);
		// As where the end of following comes late: rights are the parent's.
		await t.db.query(`UPDATE ${t.db.t.members} SET left_at = now() WHERE chat_id = $1 AND user_id = $2`, [
			chatId,
			bob,
		]);
		expect(await list()).toMatchObject({ items: [], totalUnread: 0 });
	});

	test("a cursor or since that is made up is refused", async () => {
		for (const cursor of ["x", Buffer.from("[1,2,3]").toString("base64url")])
			expect(await codeOf(t.as(bob)(inbox.list, { cursor }))).toBe("VALIDATION_ERROR");
		expect(await codeOf(changes("x"))).toBe("VALIDATION_ERROR");
	});
});

describe("the changes", () => {
	test("are the chats that changed, or whose own membership did, and nothing else", async () => {
		const [said, read, muted, , renamed] = await Promise.all(Array.from({ length: 5 }, () => group(bob)));
		if (!said || !read || !muted || !renamed) throw new Error("no chats");
		await say(read.id);
		const given = await quiet(await since());
		await say(said.id);
		await t.as(bob)(messages.read, { chatId: read.id, seq: 1 });
		await t.as(bob)(chats.mute, { chatId: muted.id, until: "2099-01-01T00:00:00Z" });
		await t.as(ann)(chats.update, { chatId: renamed.id, name: "New" });
		const fresh = await group(bob);
		const page = await changes(given);
		expect(idsOf(page).sort()).toEqual([said.id, read.id, muted.id, renamed.id, fresh.id].sort());
		expect(page).toMatchObject({ removed: [], totalUnread: 1, hasMore: false });
		await quiet(page.since);
	});

	test("without since: everything, and nothing to forget", async () => {
		const [kept, left] = [await group(bob), await group(bob)];
		await t.as(bob)(chats.leave, { chatId: left.id });
		const page = await t.as(bob)(inbox.changes, {});
		expect([idsOf(page), page.removed, page.hasMore]).toEqual([[kept.id], [], false]);
	});

	test("of a time or a cluster that this server does not know: everything, and all there is to forget", async () => {
		const [kept, left] = [await group(bob), await group(bob)];
		await t.as(bob)(chats.leave, { chatId: left.id });
		const [cluster, from, , after] = JSON.parse(Buffer.from(await since(), "base64url").toString());
		const encode = (parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString("base64url");
		const future = String(BigInt(from) + 1_000_000n);
		for (const given of [
			encode([cluster, future, future, after]),
			encode([`${cluster}1`, from, from, after]),
		]) {
			const page = await changes(given);
			expect([idsOf(page), page.removed]).toEqual([[kept.id], [left.id]]);
			await quiet(page.since);
		}
	});

	test("come in pages, with what changed meanwhile in the round after", async () => {
		const given = await since();
		const made = await Promise.all(Array.from({ length: 7 }, () => group(bob)));
		const left = made.slice(0, 2).map(({ id }) => id);
		for (const chatId of left) await t.as(bob)(chats.leave, { chatId });
		const items: string[] = [];
		const removed: string[] = [];
		let at = given;
		for (let more = true, pages = 0; more; pages++) {
			const page = await t.as(bob)(inbox.changes, { since: at, limit: 2 });
			if (pages === 3) await say(items[0] as string);
			items.push(...idsOf(page));
			removed.push(...page.removed);
			at = page.since;
			more = page.hasMore;
		}
		expect(items.sort()).toEqual(
			made
				.slice(2)
				.map(({ id }) => id)
				.sort(),
		);
		expect(removed.sort()).toEqual(left.sort());
		expect(idsOf(await changes(at))).toContain(items[0]);
	});

	test("overlap rather than skip: a transaction that was open is told when it has committed", async () => {
		const { id: chatId } = await group(bob);
		const other = await group(bob);
		let given = "";
		await t.db.tx(async query => {
			await query(`UPDATE ${t.db.t.heads} SET rev = rev + 1, tx = pg_current_xact_id() WHERE chat_id = $1`, [
				chatId,
			]);
			await say(other.id);
			given = await since();
		});
		expect(idsOf(await changes(given))).toContain(chatId);
	});
});

describe("reading all", () => {
	test("reads every chat to its end, tells those who see receipts, other devices and integrators", async () => {
		const statuses = t.heard<Events["receipts.moved"]>("receipts.moved");
		const moved = t.heard<Events["inbox.moved"]>("inbox.moved");
		const batches = t.heard<LogBatch>("log.batch");
		const made = await Promise.all(Array.from({ length: 60 }, () => group(bob)));
		await Promise.all(made.slice(0, 55).map(({ id }) => say(id, [bob])));
		const [large] = made;
		await t.db.query(`UPDATE ${t.db.t.heads} SET member_count = 101 WHERE chat_id = $1`, [large?.id]);
		moved.length = batches.length = 0;
		expect(await t.as(bob, { socketId: "s1" })(inbox.readAll, {})).toEqual({ totalUnread: 0 });
		const page = await t.as(bob)(inbox.list, { limit: 200 });
		expect(page.items.every(({ unread, mentions }) => unread === 0 && mentions === 0)).toBe(true);
		expect(statuses.flatMap(({ marks }) => marks)).toHaveLength(54);
		expect(moved).toHaveLength(55);
		expect(moved.at(-1)).toMatchObject({
			userId: bob,
			exceptSocketId: "s1",
			update: { totalUnread: 0, readSeq: 1 },
		});
		const events = batches.flatMap(batch => batch.events);
		expect(events.map(({ change, rev }) => `${change} ${rev}`)).toEqual(Array(55).fill("message.read null"));
		moved.length = 0;
		await t.as(bob)(inbox.readAll, {});
		expect(moved).toEqual([]);
	});
});
