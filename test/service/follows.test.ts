/** Following a thread while its parent is left: a thread has nobody who is not in its parent. */
import "../support/env.ts";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import type { LogEvent } from "../../contracts/changes.ts";
import * as chats from "../../contracts/chats.ts";
import * as messages from "../../contracts/messages.ts";
import type { Query } from "../../lib/database.ts";
import { newId } from "../../lib/ids.ts";
import { ChatLog, silentExit } from "../../lib/log/change.ts";
import { readAccess } from "../../models/access.ts";
import { depart } from "../../models/membership.ts";
import chatsService from "../../services/chats/chats.service.ts";
import { endLateFollows } from "../../services/chats/leaving.store.ts";
import messagesService from "../../services/messages/messages.service.ts";
import { type Send, sendBatch } from "../../services/messages/send.ts";
import { codeOf, testBroker } from "../support/broker.ts";
import { chatRows } from "../support/chat-rows.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let rows: ReturnType<typeof chatRows>;
let ann: string;
let bob: string;
let cid: string;
let dan: string;
let parent: string;
let thread: string;
let root: string;

beforeAll(async () => {
	const settings = { ...chatsService.settings, sweepEveryMs: 600_000 };
	t = await testBroker({ ...chatsService, settings }, messagesService);
	rows = chatRows(t.db);
	[ann, bob, cid, dan] = await Promise.all([t.user(), t.user(), t.user(), t.user()]);
});
beforeEach(async () => {
	const wish = { type: "group" as const, participantIds: [bob, cid, dan], name: "G" };
	parent = (await t.as(ann)(chats.create, wish)).id;
	root = (await t.as(ann)(messages.send, { chatId: parent, content: "root" })).id;
	thread = (await t.as(ann)(chats.thread, { messageId: root })).id;
});
afterAll(() => t.stop());

/** What becomes of something that is begun while Bob's removal from the parent is on its way. */
async function whileBobIsRemoved(work: () => Promise<unknown>): Promise<string> {
	let outcome = Promise.resolve("never begun");
	await new ChatLog(t.db, silentExit).change([parent], async change => {
		await depart(change, t.db.t, [{ chatId: parent, userId: bob }], { removed: true, actorId: ann });
		outcome = codeOf(work());
		await sleep(200);
	});
	return outcome;
}

async function followers(): Promise<string[]> {
	const found = await t.db.query<{ user_id: string }>(
		`SELECT user_id FROM ${t.db.t.members} WHERE chat_id = $1 AND left_at IS NULL ORDER BY joined_at`,
		[thread],
	);
	return found.map(row => row.user_id);
}

const send = (userId: string) => t.as(userId)(messages.send, { chatId: thread, content: "x" });

test.each<[string, () => Promise<unknown>, string]>([
	["writes in the thread", () => send(bob), "NOT_FOUND"],
	["joins the thread", () => t.as(bob)(chats.join, { chatId: thread }), "NOT_FOUND"],
	[
		"forwards into the thread",
		() => t.as(bob)(messages.forward, { messageId: root, chatIds: [thread] }),
		"NOT_FOUND",
	],
	[
		"is added to the thread",
		() => t.as(ann)(chats.addMembers, { chatId: thread, userIds: [bob] }),
		"VALIDATION_ERROR",
	],
])("who %s while being removed from its parent does not follow it", async (_, work, refusal) => {
	expect(await whileBobIsRemoved(work)).toBe(refusal);
	expect(await followers()).toEqual([ann]);
});

test("nor does a former follower, whom this node still counts as one", async () => {
	await send(bob);
	await rows.leave(thread, bob);
	expect(await whileBobIsRemoved(() => send(bob))).toBe("NOT_FOUND");
	expect(await followers()).toEqual([ann]);
});

test("a follower's message does not wait for changes of the parent", async () => {
	await send(cid);
	let sent = false;
	await new ChatLog(t.db, silentExit).change([parent], async () => {
		await send(cid);
		sent = true;
	});
	expect(sent).toBe(true);
});

test("who has come back, and follows again, before the sweep has its locks, goes on following", async () => {
	await send(bob);
	await rows.leave(parent, bob);
	const query: Query = async (text, values, name) => {
		const found = await t.db.query(text, values, name);
		if (name === "late-follows") await rows.join(parent, bob);
		return found as never;
	};
	await endLateFollows(new ChatLog({ ...t.db, query }, silentExit), "everySweep");
	expect(await followers()).toEqual([ann, bob]);
});

test("those who follow by writing at the same time each hear how many there were at their revision", async () => {
	const told: LogEvent[] = [];
	const log = new ChatLog(t.db, { publish: events => void told.push(...events) });
	const sends = await Promise.all([bob, cid, dan].map(sendOf));
	await sendBatch(log, sends, { keep: () => {}, grew: () => {} });
	const joined = told.flatMap(event => (event.change === "member.joined" ? [event] : []));
	expect(joined.map(({ rev, chat }) => [rev, chat?.rev, chat?.memberCount])).toEqual([
		[2, 2, 2],
		[3, 3, 3],
		[4, 4, 4],
	]);
});

async function sendOf(userId: string): Promise<Send> {
	const access = await readAccess(t.db.query, t.db.t, thread, userId);
	if (!access) throw new Error("no access");
	const id = newId();
	const body = { type: "text" as const, content: "x", metadata: {}, replyToId: null, mentions: [] };
	return { ...body, id, clientId: id, access };
}
