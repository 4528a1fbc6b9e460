import "../support/env.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import * as chats from "../../contracts/chats.ts";
import type { Events, LogBatch } from "../../contracts/events.ts";
import { newId } from "../../lib/ids.ts";
import chatsService from "../../services/chats/chats.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";
import { givenMessage } from "../support/rows.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let batches: LogBatch[];
let inbox: Events["inbox.moved"][];
let ann: string;
let bob: string;
let cid: string;

beforeAll(async () => {
	t = await testBroker(chatsService);
	batches = t.heard<LogBatch>("log.batch");
	inbox = t.heard<Events["inbox.moved"]>("inbox.moved");
	[ann, bob, cid] = await Promise.all([t.user(), t.user(), t.user()]);
});

afterAll(() => t.stop());

beforeEach(() => {
	batches.length = 0;
	inbox.length = 0;
});

const told = () => batches.flatMap(batch => batch.events);
const group = (participantIds: string[]) =>
	t.as(ann)(chats.create, { type: "group", participantIds, name: "G" });
const channel = () => t.as(ann)(chats.create, { type: "channel", participantIds: [], name: "C" });
const revOf = async (chatId: string) => (await t.as(ann)(chats.get, { chatId })).rev;

describe("coming in", () => {
	test("members added in one call are a revision each; those who are there already are none", async () => {
		const { id: chatId, rev } = await group([bob]);
		batches.length = 0;
		const dan = await t.user();
		const { items } = await t.as(ann)(chats.addMembers, {
			chatId,
			userIds: [dan, bob, cid],
			role: "moderator",
		});
		expect(items.map(({ userId, role }) => [userId, role])).toEqual([
			[dan, "moderator"],
			[bob, "member"],
			[cid, "moderator"],
		]);
		expect(told()).toMatchObject([
			{ change: "member.joined", rev: rev + 1, newUserIds: [dan], chat: { rev: rev + 1, memberCount: 3 } },
			{ change: "member.joined", rev: rev + 2, newUserIds: [cid], chat: { rev: rev + 2, memberCount: 4 } },
		]);
		batches.length = 0;
		await t.as(ann)(chats.addMembers, { chatId, userIds: [dan, bob, cid] });
		expect(told()).toEqual([]);
		expect(await revOf(chatId)).toBe(rev + 2);
	});

	test("who is new has read everything that was there", async () => {
		const { id: chatId } = await group([]);
		for (let i = 0; i < 3; i++) await givenMessage(t.db, chatId, ann);
		const { items } = await t.as(ann)(chats.addMembers, { chatId, userIds: [bob] });
		expect(items).toMatchObject([{ joinedSeq: 3, readSeq: 3, deliveredSeq: 3, leftAt: null }]);
	});

	test("who comes back starts anew", async () => {
		const { id: chatId } = await group([bob]);
		const as = t.as(ann);
		await as(chats.updateMember, {
			chatId,
			userId: bob,
			role: "admin",
			silencedUntil: "2099-01-01T00:00:00Z",
		});
		await t.as(bob)(chats.mute, { chatId, until: "2099-01-01T00:00:00Z" });
		await t.as(bob)(chats.leave, { chatId });
		await givenMessage(t.db, chatId, ann);
		await as(chats.addMembers, { chatId, userIds: [bob] });
		const own = (await t.as(bob)(chats.members, { chatId })).items.find(({ userId }) => userId === bob);
		expect(own).toMatchObject({
			role: "member",
			silencedUntil: null,
			mutedUntil: null,
			readSeq: 1,
			joinedSeq: 1,
		});
	});

	test("an unknown user is named as a wrong field, and nobody is added", async () => {
		const { id: chatId, rev } = await group([]);
		const call = t.as(ann)(chats.addMembers, { chatId, userIds: [bob, newId()] });
		await expect(call).rejects.toMatchObject({
			type: "VALIDATION_ERROR",
			data: { errors: [{ field: "userIds" }] },
		});
		expect(await revOf(chatId)).toBe(rev);
	});

	test("a group takes no more members than the limit", async () => {
		const { id: chatId } = await group([]);
		await t.db.query(`UPDATE ${t.db.t.heads} SET member_count = 9999 WHERE chat_id = $1`, [chatId]);
		expect(await codeOf(t.as(ann)(chats.addMembers, { chatId, userIds: [bob, cid] }))).toBe(
			"VALIDATION_ERROR",
		);
		expect(await codeOf(t.as(ann)(chats.addMembers, { chatId, userIds: [bob] }))).toBe("ok");
	});

	test("20 who join a channel at once, and 20 who add one, keep the revisions dense", async () => {
		const { id: chatId, rev } = await channel();
		const users = await Promise.all(Array.from({ length: 20 }, () => t.user()));
		batches.length = 0;
		await Promise.all([
			...users.map(userId => t.as(userId)(chats.join, { chatId })),
			...users.map(userId => t.as(ann)(chats.addMembers, { chatId, userIds: [userId] })),
		]);
		const revs = told().map(event => event.rev);
		expect(revs.sort((a, b) => (a ?? 0) - (b ?? 0))).toEqual(users.map((_, i) => rev + i + 1));
		expect(await t.as(ann)(chats.get, { chatId })).toMatchObject({ memberCount: 21, rev: rev + 20 });
	});
});

describe("joining a channel", () => {
	test("tells the channel, gives the Chat, and wakes one's other devices; again it does nothing", async () => {
		const { id: chatId, rev } = await channel();
		const as = t.as(bob, { socketId: "s1" });
		expect(await as(chats.join, { chatId })).toMatchObject({ id: chatId, rev: rev + 1, memberCount: 2 });
		expect(inbox).toMatchObject([{ userId: bob, update: { chatId, unread: 0 }, exceptSocketId: "s1" }]);
		await as(chats.join, { chatId });
		expect(inbox).toHaveLength(1);
		expect(await revOf(chatId)).toBe(rev + 1);
	});

	test("who was removed comes back only when someone adds them", async () => {
		const { id: chatId } = await channel();
		await t.as(bob)(chats.join, { chatId });
		await t.as(ann)(chats.removeMember, { chatId, userId: bob });
		expect(await codeOf(t.as(bob)(chats.join, { chatId }))).toBe("FORBIDDEN");
		await t.as(ann)(chats.addMembers, { chatId, userIds: [bob] });
		await t.as(bob)(chats.leave, { chatId });
		expect(await codeOf(t.as(bob)(chats.join, { chatId }))).toBe("ok");
	});

	test("leaving and joining does not end a silence", async () => {
		const { id: chatId } = await channel();
		await t.as(bob)(chats.join, { chatId });
		const silencedUntil = "2099-01-01T00:00:00.000Z";
		await t.as(ann)(chats.updateMember, { chatId, userId: bob, silencedUntil });
		await t.as(bob)(chats.leave, { chatId });
		await t.as(bob)(chats.join, { chatId });
		const { items } = await t.as(ann)(chats.members, { chatId });
		expect(items.find(({ userId }) => userId === bob)).toMatchObject({ silencedUntil });
	});
});

describe("going out", () => {
	test("who is removed is told of in the chat, and sees it no more", async () => {
		const { id: chatId, rev } = await group([bob]);
		batches.length = 0;
		await t.as(ann)(chats.removeMember, { chatId, userId: bob });
		expect(told()).toMatchObject([
			{ change: "member.left", rev: rev + 1, actorId: ann, data: { rev: rev + 1, member: { userId: bob } } },
		]);
		expect(told()[0]).toHaveProperty("data.member.leftAt", expect.any(String));
		expect(await codeOf(t.as(bob)(chats.get, { chatId }))).toBe("NOT_FOUND");
		expect(await codeOf(t.as(ann)(chats.removeMember, { chatId, userId: bob }))).toBe("NOT_FOUND");
	});

	test("T23: the last owner neither leaves nor gives the role up, even when two try at once", async () => {
		const { id: chatId } = await group([bob]);
		expect(await codeOf(t.as(ann)(chats.leave, { chatId }))).toBe("CONFLICT");
		expect(await codeOf(t.as(ann)(chats.removeMember, { chatId, userId: ann }))).toBe("CONFLICT");
		expect(await codeOf(t.as(ann)(chats.updateMember, { chatId, userId: ann, role: "admin" }))).toBe(
			"CONFLICT",
		);
		await t.as(ann)(chats.updateMember, { chatId, userId: bob, role: "owner" });
		const codes = await Promise.all([ann, bob].map(me => codeOf(t.as(me)(chats.leave, { chatId }))));
		expect(codes.sort()).toEqual(["CONFLICT", "ok"]);
	});
});

describe("roles and silence", () => {
	test("T23: nobody gives a role that is not below their own, nor acts on one", async () => {
		const { id: chatId } = await group([bob, cid]);
		const owner = t.as(ann);
		await owner(chats.updateMember, { chatId, userId: bob, role: "admin" });
		const admin = t.as(bob);
		const change = (userId: string, role: chats.Role) =>
			codeOf(admin(chats.updateMember, { chatId, userId, role }));
		expect(await change(cid, "admin")).toBe("FORBIDDEN");
		expect(await change(cid, "owner")).toBe("FORBIDDEN");
		expect(await change(bob, "owner")).toBe("FORBIDDEN");
		expect(await change(ann, "member")).toBe("FORBIDDEN");
		expect(await change(cid, "moderator")).toBe("ok");
		expect(await codeOf(admin(chats.removeMember, { chatId, userId: ann }))).toBe("FORBIDDEN");
		const userIds = [await t.user()];
		expect(await codeOf(admin(chats.addMembers, { chatId, userIds, role: "admin" }))).toBe("FORBIDDEN");
	});

	test("a change is one revision that raises the epoch; the same again is none", async () => {
		const { id: chatId, rev } = await group([bob]);
		const epoch = async () => (await t.as(ann)(chats.heads, { chatIds: [chatId] })).items[0]?.epoch ?? 0;
		const before = await epoch();
		batches.length = 0;
		const edit = { chatId, userId: bob, role: "moderator", silencedUntil: "2099-01-01T00:00:00Z" } as const;
		const member = await t.as(ann)(chats.updateMember, edit);
		expect(member).toMatchObject({ role: "moderator", silencedUntil: "2099-01-01T00:00:00.000Z" });
		expect(await t.as(ann)(chats.updateMember, edit)).toEqual(member);
		expect(told()).toMatchObject([
			{ change: "member.updated", rev: rev + 1, data: { member, rev: rev + 1 } },
		]);
		expect(await epoch()).toBe(before + 1);
	});

	test("a silence ends by null, and a time that has passed silences nobody", async () => {
		const { id: chatId } = await group([bob]);
		const silence = (silencedUntil: string | null) =>
			t.as(ann)(chats.updateMember, { chatId, userId: bob, silencedUntil });
		expect((await silence("2099-01-01T00:00:00Z")).silencedUntil).not.toBeNull();
		expect((await silence(null)).silencedUntil).toBeNull();
		const rev = await revOf(chatId);
		expect((await silence("2001-01-01T00:00:00Z")).silencedUntil).toBeNull();
		expect(await revOf(chatId)).toBe(rev);
	});
});

test("a mute is for oneself: no revision, nothing told, and others do not see it", async () => {
	const { id: chatId, rev } = await group([bob]);
	batches.length = 0;
	const until = "2099-01-01T00:00:00.000Z";
	expect(await t.as(bob)(chats.mute, { chatId, until })).toMatchObject({ userId: bob, mutedUntil: until });
	const { items } = await t.as(ann)(chats.members, { chatId });
	expect(items.find(({ userId }) => userId === bob)).not.toHaveProperty("mutedUntil");
	expect([told(), await revOf(chatId)]).toEqual([[], rev]);
	expect(inbox).toMatchObject([{ userId: bob, update: { chatId } }]);
});

test("members come in pages, in the order of joining, each once", async () => {
	const users = await Promise.all(Array.from({ length: 6 }, () => t.user()));
	const { id: chatId } = await group(users);
	const seen: string[] = [];
	for (let cursor: string | null | undefined; cursor !== null; ) {
		const page = await t.as(ann)(chats.members, { chatId, limit: 2, ...(cursor ? { cursor } : {}) });
		seen.push(...page.items.map(({ userId }) => userId));
		cursor = page.nextCursor;
	}
	expect(seen).toEqual([ann, ...users]);
	expect(await codeOf(t.as(ann)(chats.members, { chatId, cursor: "x" }))).toBe("VALIDATION_ERROR");
});
