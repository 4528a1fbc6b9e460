import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Member } from "../../contracts/chats.ts";
import * as messages from "../../contracts/messages.ts";
import { newId } from "../../lib/ids.ts";
import { showChat } from "../../services/chats/seen.store.ts";
import { changedMembersSql, changedMessagesSql } from "../../services/messages/catch-up.store.ts";
import messagesService from "../../services/messages/messages.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";
import { chatRows } from "../support/chat-rows.ts";
import { figure, inWords } from "../support/figure.ts";

let node: Awaited<ReturnType<typeof testBroker>>;
let rows: ReturnType<typeof chatRows>;
let ann: string;
let bob: string;

beforeAll(async () => {
	node = await testBroker(messagesService);
	rows = chatRows(node.db);
	[ann, bob] = [await node.user(), await node.user()];
});
afterAll(() => node?.stop());

const changes = (chatId: string, since: number, limit?: number, userId = bob) =>
	node.as(userId)(messages.changes, { chatId, since, ...(limit ? { limit } : {}) });
const newest = (chatId: string) => node.as(bob)(messages.open, { chatId });

/** Messages straight into the tables: as if sent, one revision each. */
async function fill(chatId: string, count: number): Promise<void> {
	const { query, t } = node.db;
	await query(
		`WITH head AS (UPDATE ${t.heads} SET last_seq = last_seq + $2::int, rev = rev + $2::int WHERE chat_id = $1
			RETURNING last_seq - $2::int AS seq, rev - $2::int AS rev)
		 INSERT INTO ${t.messages} (chat_id, seq, id, rev, sender_id, type, content, client_id, created_at)
		 SELECT $1, head.seq + i, gen_random_uuid(), head.rev + i, $3, 'text', 'x', gen_random_uuid()::text, now()
		 FROM head, generate_series(1, $2::int) AS i`,
		[chatId, count, ann],
	);
}

test("who opens a chat without a cursor gets its newest page, its head and their own member", async () => {
	const chatId = await rows.chat({ members: [ann, bob] });
	expect(await newest(chatId)).toMatchObject({
		rev: 2,
		hasMore: false,
		reset: false,
		messages: [],
		members: [],
	});
	await fill(chatId, 51);
	const opened = await newest(chatId);
	expect(opened.messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 50 }, (_, i) => i + 2));
	expect(opened).toMatchObject({ rev: 53, hasMore: true, reset: false, members: [] });
	expect(opened.chat).toMatchObject({ id: chatId, rev: 53, lastSeq: 51, memberCount: 2 });
	expect(opened.self).toMatchObject({ userId: bob, readSeq: 0, mutedUntil: null });
});

test("a chat is the same in its changes as where it is asked for by itself, through marks, leaving and an edit", async () => {
	const cyd = await node.user();
	const chatId = await rows.chat({ members: [ann, bob, cyd] });
	const same = async () => {
		const { chat, messages: told } = await changes(chatId, 0);
		expect(chat).toEqual(await showChat(node.db, chatId, bob));
		expect(chat.lastMessage).toEqual(told.find(({ seq }) => seq === chat.lastSeq) ?? null);
		return chat;
	};
	await same();
	await fill(chatId, 3);
	expect(await same()).toMatchObject({ minReadSeq: 0, lastMessage: { status: "SENT" } });
	await node.as(bob)(messages.read, { chatId, seq: 3 });
	await node.as(cyd)(messages.delivered, { chatId, seq: 3 });
	expect(await same()).toMatchObject({ minReadSeq: 0, lastMessage: { status: "DELIVERED" } });
	await rows.leave(chatId, cyd);
	const { lastMessage } = await same();
	expect(lastMessage?.status).toBe("READ");
	await node.as(ann)(messages.update, { messageId: lastMessage?.id ?? "", content: "edited" });
	expect((await same()).lastMessage).toMatchObject({ content: "edited", isEdited: true });
});

test("I9: changes are the present state of what changed, members who left too, one page after the other", async () => {
	const cyd = await node.user();
	const chatId = await rows.chat({ members: [ann, bob, cyd] });
	const sent = await node.as(ann)(messages.send, { chatId, content: "1" });
	const since = sent.rev;
	await node.as(ann)(messages.send, { chatId, content: "2" });
	await rows.leave(chatId, cyd);
	await node.as(ann)(messages.update, { messageId: sent.id, content: "edited" });
	const all = await changes(chatId, since);
	expect(all.messages.map(({ content, rev }) => [content, rev])).toEqual([
		["2", since + 1],
		["edited", since + 3],
	]);
	expect(all.members).toMatchObject([{ userId: cyd, leftAt: expect.any(String) }]);
	expect(all.members[0]).not.toHaveProperty("mutedUntil");
	expect(all).toMatchObject({ rev: since + 3, hasMore: false, reset: false });
	const first = await changes(chatId, since, 2);
	expect(first).toMatchObject({ rev: since + 2, hasMore: true });
	expect([first.messages.length, first.members.length]).toEqual([1, 1]);
	const second = await changes(chatId, first.rev, 2);
	expect(second).toMatchObject({ rev: since + 3, hasMore: false, members: [] });
	expect(second.messages.map(({ content }) => content)).toEqual(["edited"]);
	expect(await changes(chatId, since + 3)).toMatchObject({ messages: [], members: [], hasMore: false });
});

test("I16: who has no right to a chat catches up on nothing", async () => {
	const stranger = await node.user();
	const [group, channel] = [
		await rows.chat({ members: [ann, bob] }),
		await rows.chat({ type: "channel", members: [ann, bob] }),
	];
	for (const contract of [messages.changes, messages.open])
		expect(await codeOf(node.as(stranger)(contract, { chatId: group, since: 0 }))).toBe("NOT_FOUND");
	expect(await codeOf(changes(channel, 0, 50, stranger))).toBe("FORBIDDEN");
	expect(await codeOf(node.as(stranger)(messages.history, { chatId: channel }))).toBe("FORBIDDEN");
	expect(await codeOf(node.as(stranger)(messages.history, { chatId: group }))).toBe("NOT_FOUND");
	await rows.leave(group, bob);
	expect(await codeOf(changes(group, 0))).toBe("NOT_FOUND");
	await rows.remove(channel);
	expect(await codeOf(changes(channel, 0))).toBe("NOT_FOUND");
	expect(await codeOf(node.broker.call("messages.gap", { chatId: channel, since: 0 }))).toBe("NOT_FOUND");
});

test("who reads a thread without following it has no member of their own in it", async () => {
	const chatId = await rows.chat({ members: [ann, bob] });
	const { id } = await node.as(ann)(messages.send, { chatId, content: "x" });
	const threadId = await rows.chat({
		type: "thread",
		parentChatId: chatId,
		parentMessageId: id,
		members: [ann],
	});
	expect((await newest(threadId)).self).toBeNull();
	await rows.join(threadId, bob);
	expect((await newest(threadId)).self).toMatchObject({ userId: bob });
	await rows.leave(threadId, bob);
	expect((await newest(threadId)).self).toBeNull();
});

test.each([999, 1_000, 1_001, 10_000])(
	"I13: a client that is %i changes behind is paged through them or told to begin anew, never left with a hole",
	async behind => {
		const chatId = await rows.chat({ members: [ann, bob] });
		await fill(chatId, 30);
		const since = (await rows.head(chatId)).rev;
		await fill(chatId, behind);
		const first = await changes(chatId, since, 200);
		expect(first.reset).toBe(behind > 1_000);
		const seqs = first.messages.map(({ seq }) => seq);
		if (first.reset) {
			expect(first).toMatchObject({ rev: since + behind, hasMore: true, members: [] });
			expect(seqs).toEqual(Array.from({ length: 50 }, (_, i) => 30 + behind - 49 + i));
			figure("I13", `${inWords(behind)} changes behind: \`reset\`, and the newest ${seqs.length}`);
			return;
		}
		for (let page = first; page.hasMore; ) {
			page = await changes(chatId, page.rev, 200);
			seqs.push(...page.messages.map(({ seq }) => seq));
		}
		expect(seqs).toEqual(Array.from({ length: behind }, (_, i) => 31 + i));
		figure("I13", `${inWords(behind)} changes behind: paged without a hole`);
	},
);

test("I13: a cursor beyond the chat is of another life of it, and is told to begin anew", async () => {
	const chatId = await rows.chat({ members: [ann, bob] });
	await fill(chatId, 3);
	expect(await changes(chatId, 6)).toMatchObject({ reset: true, rev: 5, hasMore: false });
	expect((await changes(chatId, 6)).messages).toHaveLength(3);
	expect(await changes(chatId, 5)).toMatchObject({ reset: false, messages: [] });
});

test("a gateway fills a gap in one call, with the epoch by which it knows the members", async () => {
	const chatId = await rows.chat({ members: [ann, bob] });
	await fill(chatId, 1_000);
	const gap = await node.broker.call<messages.Changes & { epoch: number }, object>("messages.gap", {
		chatId,
		since: 2,
	});
	expect(gap).toMatchObject({ rev: 1_002, epoch: 2, hasMore: false, reset: false });
	expect(gap.messages).toHaveLength(1_000);
	expect(gap).not.toHaveProperty("self");
	const tooFar = await node.broker.call<messages.Changes, object>("messages.gap", { chatId, since: 1 });
	expect(tooFar).toMatchObject({ reset: true, rev: 1_002 });
});

test("the history is read page by page in both directions, with the states of now", async () => {
	const chatId = await rows.chat({ members: [ann, bob] });
	await fill(chatId, 25);
	const page = (params: object) => node.as(bob)(messages.history, { chatId, ...params });
	const seqs = async (params: object) => (await page(params)).items.map(({ seq }) => seq);
	expect(await seqs({ limit: 3 })).toEqual([23, 24, 25]);
	expect(await seqs({ before: 23, limit: 3 })).toEqual([20, 21, 22]);
	expect(await seqs({ after: 20, limit: 3 })).toEqual([21, 22, 23]);
	expect(await seqs({ around: 10, limit: 5 })).toEqual([8, 9, 10, 11, 12]);
	expect(await codeOf(page({ before: 3, around: 3 }))).toBe("VALIDATION_ERROR");
	expect((await page({ limit: 3 })).nextCursor).toBe("23");
	expect(await codeOf(page({ limit: 201 }))).toBe("VALIDATION_ERROR");
});

test("catching up in a chat of 200,000 messages reads the changes and nothing else", async () => {
	const chatId = await rows.chat({ members: [ann, bob] });
	for (let i = 0; i < 20; i++) await fill(chatId, 10_000);
	const { query, t } = node.db;
	await query(`ANALYZE ${t.messages}`);
	const { rev } = await rows.head(chatId);
	for (const [table, sql] of [
		["messages", changedMessagesSql(t)],
		["members", changedMembersSql(t)],
	] as const) {
		const [row] = await query<{ "QUERY PLAN": { Plan: PlanNode }[] }>(
			`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`,
			[[chatId], [rev - 1_000], [51], 1_000],
		);
		const nodes = flatten(row?.["QUERY PLAN"][0]?.Plan);
		const scan = nodes.find(it => it["Relation Name"] === table);
		if (table === "messages")
			expect(scan).toMatchObject({ "Node Type": "Index Scan", "Index Name": "messages_rev" });
		for (const it of nodes)
			expect(it["Actual Rows"] + (it["Rows Removed by Filter"] ?? 0)).toBeLessThanOrEqual(1_000);
	}
}, 60_000);

interface PlanNode {
	"Node Type": string;
	"Relation Name"?: string;
	"Index Name"?: string;
	"Actual Rows": number;
	"Rows Removed by Filter"?: number;
	Plans?: PlanNode[];
}
const flatten = (plan?: PlanNode): PlanNode[] => (plan ? [plan, ...(plan.Plans ?? []).flatMap(flatten)] : []);

/** Receipts are no changes of the chat. */
const withoutMarks = ({ readSeq: _, deliveredSeq: __, ...member }: Member) => member;

test("I9: whatever happened, changes put on an older state give the state of now", async () => {
	const cyd = await node.user();
	const step = fc.oneof(
		fc.record({ kind: fc.constant("send" as const) }),
		...(["edit", "remove", "pin", "unpin", "react", "unreact"] as const).map(kind =>
			fc.record({ kind: fc.constant(kind), at: fc.nat(20) }),
		),
		fc.record({ kind: fc.constant("join" as const) }),
		fc.record({ kind: fc.constant("leave" as const) }),
		fc.record({ kind: fc.constant("look" as const) }),
	);
	await fc.assert(
		fc.asyncProperty(
			fc.array(step, { minLength: 5, maxLength: 25 }),
			fc.integer({ min: 1, max: 5 }),
			async (steps, limit) => {
				const chatId = await rows.chat({ members: [ann], roles: { moderator: [bob] } });
				const ids: string[] = [];
				const known = {
					rev: 0,
					messages: new Map<string, messages.Message>(),
					members: new Map<string, object>(),
				};
				const look = async () => {
					for (let more = true; more; ) {
						const page = await changes(chatId, known.rev, limit);
						for (const message of page.messages) known.messages.set(message.id, message);
						for (const member of page.members) known.members.set(member.userId, withoutMarks(member));
						known.rev = page.rev;
						more = page.hasMore;
					}
				};
				for (const step of steps) {
					const messageId = "at" in step ? ids[step.at % ids.length] : undefined;
					const on = { messageId: messageId ?? "" };
					if (step.kind === "send")
						ids.push((await node.as(bob)(messages.send, { chatId, content: newId() })).id);
					else if (step.kind === "join") await rows.join(chatId, cyd);
					else if (step.kind === "leave") await rows.leave(chatId, cyd);
					else if (step.kind === "look") await look();
					else if (!messageId) continue;
					else if (step.kind === "edit")
						await node
							.as(bob)(messages.update, { ...on, content: newId() })
							.catch(() => {});
					else if (step.kind === "react") await node.as(ann)(messages.react, { ...on, emoji: "👍" });
					else if (step.kind === "unreact") await node.as(ann)(messages.unreact, { ...on, emoji: "👍" });
					else if (step.kind === "pin") await node.as(bob)(messages.pin, on);
					else if (step.kind === "unpin") await node.as(bob)(messages.unpin, on);
					else await node.as(bob)(messages.remove, on);
				}
				await look();
				const fresh = await newest(chatId);
				expect([...known.messages.values()].sort((a, b) => a.seq - b.seq)).toEqual(fresh.messages);
				expect(known.rev).toBe(fresh.rev);
				const all = await changes(chatId, 0, 200);
				expect([...known.members.values()]).toEqual(expect.arrayContaining(all.members.map(withoutMarks)));
				expect(known.members.size).toBe(all.members.length);
			},
		),
		{ numRuns: 25 },
	);
}, 60_000);
