import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as chats from "../../contracts/chats.ts";
import type { Events } from "../../contracts/events.ts";
import * as inbox from "../../contracts/inbox.ts";
import * as messages from "../../contracts/messages.ts";
import chatsService from "../../services/chats/chats.service.ts";
import inboxService from "../../services/inbox/inbox.service.ts";
import messagesService from "../../services/messages/messages.service.ts";
import { testBroker } from "../support/broker.ts";
import { chatRows, until } from "../support/chat-rows.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let moved: Events["inbox.moved"][];
let ann: string;
let bob: string;

beforeAll(async () => {
	const settings = { ...chatsService.settings, sweepEveryMs: 600_000 };
	t = await testBroker({ ...chatsService, settings }, inboxService, messagesService);
	moved = t.heard("inbox.moved");
	[ann, bob] = await Promise.all([t.user(), t.user()]);
});
afterAll(() => t.stop());

const group = () => t.as(ann)(chats.create, { type: "group", participantIds: [bob], name: "G" });
const write = (chatId: string) => t.as(ann)(messages.send, { chatId, content: "x" });

test("I17: what devices are told in all is what the inbox counts, while a thread outlives its left parent", async () => {
	const [left, here] = [await group(), await group()];
	const root = await write(left.id);
	const thread = await t.as(bob)(chats.thread, { messageId: root.id });
	for (const id of [thread.id, thread.id, here.id, here.id, here.id]) await write(id);
	// As a removal leaves it until the sweep, where one transaction does not take all threads.
	await chatRows(t.db).leave(left.id, bob);

	await t.as(bob)(messages.read, { chatId: here.id, seq: 1 });
	await until(() => moved.some(({ userId }) => userId === bob));
	const { totalUnread } = await t.as(bob)(inbox.list, {});
	expect(totalUnread).toBe(2);
	expect(moved.at(-1)?.update).toEqual({
		chatId: here.id,
		readSeq: 1,
		unread: 2,
		mentions: 0,
		totalUnread,
	});
});
