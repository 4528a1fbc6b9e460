import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as chats from "../../contracts/chats.ts";
import { digestOf } from "../../lib/chat-digest.ts";
import { config } from "../../lib/config.ts";
import { newId } from "../../lib/ids.ts";
import chatsService from "../../services/chats/chats.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";
import { givenMessage } from "../support/rows.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let ann: string;
let bob: string;

beforeAll(async () => {
	t = await testBroker(chatsService);
	[ann, bob] = await Promise.all([t.user(), t.user()]);
});

afterAll(() => t.stop());

const group = (...participantIds: string[]) => t.as(ann)(chats.create, { type: "group", participantIds });

/** As rows of a user who is in many chats, without the cost of making them. */
async function inManyChats(userId: string, count: number): Promise<void> {
	await t.db.query(
		`WITH made AS (
			INSERT INTO ${t.db.t.chats} (id, type, created_by) SELECT gen_random_uuid(), 'group', $1 FROM generate_series(1, $2)
			RETURNING id
		 ), opened AS (
			INSERT INTO ${t.db.t.heads} (chat_id, rev, member_count) SELECT id, 1, 1 FROM made
		 )
		 INSERT INTO ${t.db.t.members} (chat_id, user_id, role, rev) SELECT id, $1, 'owner', 1 FROM made`,
		[userId, count],
	);
}

test("a gateway loads the chats of its users in pages, each once, with the threads they follow", async () => {
	const [cid, dan] = await Promise.all([t.user(), t.user()]);
	const { id: chatId } = await group(cid, dan);
	const thread = await t.as(cid)(chats.thread, { messageId: await givenMessage(t.db, chatId, ann) });
	await Promise.all([inManyChats(cid, 2_500), inManyChats(dan, 10)]);
	const rooms: string[] = [];
	let pages = 0;
	for (let cursor: string | null | undefined; cursor !== null; pages++) {
		const page = await t.as(ann)(chats.rooms, { userIds: [dan, cid], ...(cursor ? { cursor } : {}) });
		rooms.push(...page.items.map(room => `${room.userId} ${room.chatId}`));
		cursor = page.nextCursor;
	}
	expect([rooms.length, new Set(rooms).size, pages]).toEqual([2_513, 2_513, 2]);
	expect(rooms).toContain(`${cid} ${thread.id}`);
	const { items } = await t.as(ann)(chats.rooms, { userIds: [ann] });
	const { items: heads } = await t.as(ann)(chats.heads, { chatIds: [chatId] });
	expect(items.find(room => room.chatId === chatId)).toMatchObject({
		...heads[0],
		lastSeq: 1,
		memberCount: 3,
	});
});

test("a digest of someone's chats moves with what they are in, and with nothing else", async () => {
	const [cid, dan] = await Promise.all([t.user(), t.user()]);
	const digests = async () => {
		const found = await t.as(ann)(chats.digests, { userIds: [cid, dan] });
		return new Map(found.map(({ userId, digest }) => [userId, digest]));
	};
	expect((await digests()).size).toBe(0);
	const { id: chatId } = await group(cid, dan);
	const first = await digests();
	expect(first.get(cid)).toBe(first.get(dan));
	const messageId = await givenMessage(t.db, chatId, ann);
	expect(await digests()).toEqual(first);
	const thread = await t.as(cid)(chats.thread, { messageId });
	const second = await digests();
	expect(second.get(cid)).not.toBe(first.get(cid));
	const { items } = await t.as(ann)(chats.rooms, { userIds: [cid] });
	expect(second.get(cid)).toBe(digestOf(items.map(room => room.chatId)));
	expect(second.get(dan)).toBe(first.get(dan));
	await t.as(cid)(chats.leave, { chatId: thread.id });
	expect(await digests()).toEqual(first);
	const other = await group(dan);
	await t.as(dan)(chats.leave, { chatId });
	// As many as before, but others.
	const third = (await digests()).get(dan);
	expect(third?.split(" ")[0]).toBe("1");
	expect(third).not.toBe(first.get(dan));
	await t.as(ann)(chats.remove, { chatId: other.id });
	expect((await digests()).has(dan)).toBe(false);
});

test("heads are those that were touched since, and a transaction that was open then is not skipped", async () => {
	const [one, two] = await Promise.all([group(), group()]);
	const chatIds = [one.id, two.id];
	const first = await t.as(ann)(chats.heads, { chatIds });
	expect(first.items.map(({ chatId }) => chatId).sort()).toEqual([...chatIds].sort());
	// A transaction of anybody in the database that was open then makes answers overlap, until it has ended.
	const quiet = async (since: string): Promise<string> => {
		const page = await t.as(ann)(chats.heads, { chatIds, since });
		return page.items.length === 0 ? since : quiet(page.since);
	};
	const since = await quiet(first.since);
	await givenMessage(t.db, two.id, ann);
	const second = await t.as(ann)(chats.heads, { chatIds, since });
	expect(second.items).toMatchObject([{ chatId: two.id, lastSeq: 1, rev: 2 }]);
	await quiet(second.since);

	let between = { since: "" };
	await t.db.tx(async query => {
		await query(`UPDATE ${t.db.t.heads} SET rev = rev + 1, tx = pg_current_xact_id() WHERE chat_id = $1`, [
			one.id,
		]);
		await givenMessage(t.db, two.id, ann);
		between = await t.as(ann)(chats.heads, { chatIds, since: second.since });
	});
	const third = await t.as(ann)(chats.heads, { chatIds, since: between.since });
	expect(third.items.map(({ chatId }) => chatId)).toContain(one.id);
	expect(await codeOf(t.as(ann)(chats.heads, { chatIds, since: "x" }))).toBe("VALIDATION_ERROR");
});

test("among some users, members are those who are in the chat now", async () => {
	const [cid, dan] = await Promise.all([t.user(), t.user()]);
	const { id: chatId } = await group(bob, cid, dan);
	await t.as(cid)(chats.leave, { chatId });
	const among = () => t.as(ann)(chats.among, { chatId, userIds: [ann, bob, cid, newId()] });
	expect((await among()).sort()).toEqual([ann, bob].sort());
	await t.as(ann)(chats.remove, { chatId });
	expect(await among()).toEqual([]);
});

test("presence is for oneself and for those with whom one shares a chat that is small enough", async () => {
	const [cid, dan, eve, me] = await Promise.all([t.user(), t.user(), t.user(), t.user()]);
	const make = (userId: string) => t.as(me)(chats.create, { type: "group", participantIds: [userId] });
	const [, large, past] = await Promise.all([make(cid), make(dan), make(eve)]);
	await t.db.query(`UPDATE ${t.db.t.heads} SET member_count = $2 WHERE chat_id = $1`, [
		large.id,
		config.capabilities.presence + 1,
	]);
	await t.as(eve)(chats.leave, { chatId: past.id });
	const shared = await t.as(me)(chats.sharing, { userId: me, userIds: [cid, dan, eve, me, newId()] });
	expect(shared).toEqual([cid, me]);
});

test("typing is told where one may write and the chat is small enough", async () => {
	const { id: chatId } = await group(bob);
	const mayType = () => t.as(bob)(chats.mayType, { chatId, userId: bob });
	expect(await mayType()).toBe(true);
	await t.as(ann)(chats.updateMember, { chatId, userId: bob, silencedUntil: "2099-01-01T00:00:00Z" });
	expect(await mayType()).toBe(false);
	await t.as(ann)(chats.updateMember, { chatId, userId: bob, silencedUntil: null });
	await t.db.query(`UPDATE ${t.db.t.heads} SET member_count = $2 WHERE chat_id = $1`, [
		chatId,
		config.capabilities.receipts + 1,
	]);
	expect(await mayType()).toBe(false);
	expect((await t.as(bob)(chats.get, { chatId })).capabilities).toMatchObject({
		typing: false,
		presence: true,
	});
	expect(await codeOf(t.as(bob)(chats.mayType, { chatId: newId(), userId: bob }))).toBe("NOT_FOUND");
});
