import "../support/env.ts";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import * as chats from "../../contracts/chats.ts";
import type { LogBatch } from "../../contracts/events.ts";
import { newId } from "../../lib/ids.ts";
import chatsService from "../../services/chats/chats.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let batches: LogBatch[];
let ann: string;
let bob: string;
let cid: string;

beforeAll(async () => {
	t = await testBroker(chatsService);
	batches = t.heard<LogBatch>("log.batch");
	[ann, bob, cid] = await Promise.all([t.user(), t.user(), t.user()]);
});

afterAll(() => t.stop());

const told = (chatId: string) =>
	batches.flatMap(batch => batch.events).filter(event => event.chatId === chatId);

const countChats = async () =>
	(await t.db.query<{ n: number }>(`SELECT count(*) AS n FROM ${t.db.t.chats}`))[0]?.n;

describe("making a chat", () => {
	test("one participant and no type is a direct chat of equals", async () => {
		const chat = await t.as(ann)(chats.create, { participantIds: [bob] });
		expect(chat).toMatchObject({
			type: "direct",
			memberCount: 2,
			rev: 2,
			lastSeq: 0,
			createdBy: ann,
			name: null,
		});
		const { items } = await t.as(bob)(chats.members, { chatId: chat.id });
		expect(items.map(({ userId, role }) => [userId, role])).toEqual([
			[ann, "member"],
			[bob, "member"],
		]);
	});

	test("several participants and no type is a group, whose maker owns it", async () => {
		const chat = await t.as(ann)(chats.create, {
			participantIds: [bob, cid],
			name: "Plans",
			metadata: { a: 1 },
		});
		expect(chat).toMatchObject({ type: "group", name: "Plans", metadata: { a: 1 }, memberCount: 3, rev: 3 });
		const { items } = await t.as(cid)(chats.members, { chatId: chat.id });
		expect(items.map(({ userId, role }) => [userId, role])).toEqual([
			[ann, "owner"],
			[bob, "member"],
			[cid, "member"],
		]);
	});

	test("nobody else is fine for a group, and oneself among the participants counts once", async () => {
		expect(await t.as(ann)(chats.create, { participantIds: [] })).toMatchObject({
			type: "group",
			memberCount: 1,
		});
		const chat = await t.as(ann)(chats.create, { type: "group", participantIds: [ann, bob] });
		expect(chat.memberCount).toBe(2);
	});

	test("n members are n revisions, told together to members, and one by one to integrators", async () => {
		const chat = await t.as(ann)(chats.create, { type: "channel", participantIds: [bob, cid], name: "News" });
		const events = told(chat.id);
		expect(events.map(({ change, rev }) => [change, rev])).toEqual([
			["chat.created", 3],
			["member.created", 3],
			["member.created", 3],
			["member.created", 3],
		]);
		expect(events[0]).toMatchObject({ data: chat, newUserIds: [ann, bob, cid], actorId: ann });
		const rows = await t.db.query<{ event: string }>(
			`SELECT event FROM ${t.db.t.outbox} WHERE key = $1 ORDER BY id`,
			[chat.id],
		);
		expect(rows.map(({ event }) => JSON.parse(event).type)).toEqual([
			"chat.created",
			"user.joined.chat",
			"user.joined.chat",
			"user.joined.chat",
		]);
	});
});

describe("what a new chat may be", () => {
	const problem = async (call: Promise<unknown>) =>
		call.then(
			() => null,
			err => err.data?.errors?.[0]?.field,
		);

	test.each(["name", "description", "avatarUrl"] as const)("a direct chat has no %s", async field => {
		const value = field === "avatarUrl" ? "https://example.org/a.png" : "x";
		expect(await problem(t.as(ann)(chats.create, { participantIds: [bob], [field]: value }))).toBe(field);
	});

	test("a direct chat has exactly one other user", async () => {
		const make = (participantIds: string[], type?: "direct") =>
			problem(t.as(ann)(chats.create, { participantIds, type }));
		expect(await make([ann])).toBe("participantIds");
		expect(await make([], "direct")).toBe("participantIds");
		expect(await make([bob, cid], "direct")).toBe("participantIds");
	});

	test("an unknown participant is named as a wrong field, and nothing is made", async () => {
		const before = await countChats();
		expect(await problem(t.as(ann)(chats.create, { participantIds: [newId()] }))).toBe("participantIds");
		expect(await problem(t.as(ann)(chats.create, { participantIds: [bob, newId()] }))).toBe("participantIds");
		expect(await countChats()).toBe(before);
	});

	test("T9: a field that is not the caller's to set is of no effect", async () => {
		const id = newId();
		const wish = { participantIds: [], id, createdBy: bob, rev: 9, lastSeq: 9 } as never;
		const chat = await t.as(ann)(chats.create, wish);
		expect(chat).toMatchObject({ createdBy: ann, rev: 1, lastSeq: 0 });
		expect(chat.id).not.toBe(id);
	});
});

describe("once", () => {
	test("50 calls at the same time, from both sides, make one direct chat", async () => {
		const [dan, eve] = await Promise.all([t.user(), t.user()]);
		const before = Number(await countChats());
		const made = await Promise.all(
			Array.from({ length: 50 }, (_, i) => {
				const [me, other] = i % 2 ? [dan, eve] : [eve, dan];
				return t.as(me)(chats.create, { participantIds: [other], clientId: newId() });
			}),
		);
		expect(new Set(made.map(({ id }) => id)).size).toBe(1);
		expect(await countChats()).toBe(before + 1);
		expect(told(made[0]?.id ?? "").filter(({ change }) => change === "chat.created")).toHaveLength(1);
	});

	/** The meta of a call, with what the service has set in it. */
	async function create(userId: string, params: object) {
		const meta: Record<string, unknown> = { user: { id: userId } };
		const chat = await t.broker.call<{ id: string; name: string | null }, object>("chats.create", params, {
			meta,
		});
		return { chat, existed: meta.existed === true, replayed: meta.replayed === true };
	}

	test("the direct chat of a pair is there already for whoever asks again", async () => {
		const [dan, eve] = await Promise.all([t.user(), t.user()]);
		const first = await create(dan, { participantIds: [eve], clientId: "k" });
		expect(first).toMatchObject({ existed: false, replayed: false });
		const again = await create(eve, { type: "direct", participantIds: [dan], clientId: "k" });
		expect(again).toMatchObject({ chat: { id: first.chat.id }, existed: true, replayed: false });
		const repeated = await create(dan, { participantIds: [eve], clientId: "k" });
		expect(repeated).toMatchObject({ chat: { id: first.chat.id }, existed: false, replayed: true });
	});

	test("I2: the same key gives the first chat, whatever the body, and another user's key another", async () => {
		const clientId = newId();
		const made = await Promise.all(
			Array.from({ length: 20 }, (_, i) =>
				create(ann, { type: "group", participantIds: [], name: `n${i}`, clientId }),
			),
		);
		expect(new Set(made.map(({ chat }) => chat.id)).size).toBe(1);
		expect(made.filter(({ replayed }) => !replayed)).toHaveLength(1);
		const wrong = await create(ann, { type: "direct", participantIds: [], clientId });
		expect(wrong).toMatchObject({ chat: { id: made[0]?.chat.id }, replayed: true });
		const other = await create(bob, { type: "group", participantIds: [], clientId });
		expect(other.chat.id).not.toBe(made[0]?.chat.id);
	});

	test("a key whose chat was deleted makes no second one", async () => {
		const clientId = newId();
		const { chat } = await create(ann, { type: "group", participantIds: [], clientId });
		await t.as(ann)(chats.remove, { chatId: chat.id });
		expect(await codeOf(create(ann, { type: "group", participantIds: [], clientId }))).toBe("CONFLICT");
	});
});
