import "../support/env.ts";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import * as chats from "../../contracts/chats.ts";
import type { LogBatch } from "../../contracts/events.ts";
import chatsService from "../../services/chats/chats.service.ts";
import { codeOf, testBroker } from "../support/broker.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
let batches: LogBatch[];
let ann: string;
let bob: string;

beforeAll(async () => {
	t = await testBroker(chatsService);
	batches = t.heard<LogBatch>("log.batch");
	[ann, bob] = await Promise.all([t.user(), t.user()]);
});

afterAll(() => t.stop());

beforeEach(() => {
	batches.length = 0;
});

const told = () => batches.flatMap(batch => batch.events);

async function given(type: "group" | "channel" = "group", name = "G") {
	const chat = await t.as(ann)(chats.create, { type, participantIds: [bob], name });
	batches.length = 0;
	return chat;
}

describe("settings", () => {
	test("a change is one revision, told with the Chat as it then is", async () => {
		const before = await given();
		const chat = await t.as(ann)(chats.update, { chatId: before.id, name: "New", description: "d" });
		expect(chat).toMatchObject({ name: "New", description: "d", rev: before.rev + 1 });
		expect(chat.updatedAt > before.updatedAt).toBe(true);
		expect(told()).toMatchObject([{ change: "chat.updated", rev: chat.rev, data: chat, actorId: ann }]);
	});

	test("a change that changes nothing raises nothing, whatever the order of the metadata's keys", async () => {
		const { id: chatId } = await given();
		await t.as(ann)(chats.update, { chatId, metadata: { a: 1, b: { c: [2] } } });
		batches.length = 0;
		const { rev } = await t.as(ann)(chats.get, { chatId });
		await t.as(ann)(chats.update, {
			chatId,
			metadata: { b: { c: [2] }, a: 1 },
			name: "G",
			announceOnly: false,
		});
		await t.as(ann)(chats.update, { chatId });
		expect([told(), (await t.as(ann)(chats.get, { chatId })).rev]).toEqual([[], rev]);
	});

	test("null empties a name or description, and leaves what cannot be empty", async () => {
		const { id: chatId } = await given();
		await t.as(ann)(chats.update, { chatId, description: "d", metadata: { a: 1 }, announceOnly: true });
		const chat = await t.as(ann)(chats.update, {
			chatId,
			name: null,
			description: null,
			metadata: null as never,
			announceOnly: null as never,
		});
		expect(chat).toMatchObject({ name: null, description: null, metadata: { a: 1 }, announceOnly: true });
	});

	test("who may send is another question after announceOnly: the epoch rises", async () => {
		const { id: chatId } = await given("channel");
		const epoch = async () => (await t.as(ann)(chats.heads, { chatIds: [chatId] })).items[0]?.epoch ?? 0;
		const before = await epoch();
		await t.as(ann)(chats.update, { chatId, name: "Other" });
		expect(await epoch()).toBe(before);
		await t.as(ann)(chats.update, { chatId, announceOnly: true });
		expect(await epoch()).toBe(before + 1);
		expect(await t.as(bob)(chats.mayType, { chatId, userId: bob })).toBe(false);
		expect(await t.as(ann)(chats.mayType, { chatId, userId: ann })).toBe(true);
	});
});

describe("finding channels", () => {
	const found = async (search?: string) =>
		(await t.as(bob)(chats.channels, { ...(search ? { search } : {}) })).items.map(({ name }) => name);

	beforeAll(async () => {
		const names = [
			"Zebra talk",
			"general",
			"General-help",
			"The general store",
			"algebra",
			"100% real_names",
			"secret",
		];
		for (const name of names) await given("channel", name);
		await t.as(ann)(chats.create, { type: "group", participantIds: [], name: "general group" });
		const gone = await given("channel", "general past");
		await t.as(ann)(chats.remove, { chatId: gone.id });
	});

	test("names that begin so come first, then words that do, then names that hold it", async () => {
		expect(await found("gen")).toEqual(["general", "General-help", "The general store"]);
		expect(await found("STORE")).toEqual(["The general store"]);
		expect(await found("ebra")).toEqual(["algebra", "Zebra talk"]);
	});

	test("a name is found in spite of a slip", async () => {
		expect(await found("genaral")).toContain("general");
	});

	test.each(["100%", "real_", "%", "_"])("T25: %s is text, not a pattern", async search => {
		expect(await found(search)).toEqual(["100% real_names"]);
	});

	test("T25: an injection finds nothing and breaks nothing", async () => {
		expect(await found("' OR '1'='1")).toEqual([]);
		expect(await found("\\")).toEqual([]);
	});

	test("without a term all come, in pages, each once, and none shows a message", async () => {
		const seen: chats.Chat[] = [];
		for (let cursor: string | null | undefined; cursor !== null; ) {
			const page = await t.as(bob)(chats.channels, { limit: 3, ...(cursor ? { cursor } : {}) });
			seen.push(...page.items);
			cursor = page.nextCursor;
		}
		const names = seen.map(({ name }) => name ?? "");
		expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
		expect(names).toEqual([...names].sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)));
		expect(names).toContain("Zebra talk");
		expect(seen.every(({ lastMessage }) => lastMessage === null)).toBe(true);
	});

	test("a cursor that is made up is refused", async () => {
		const cursor = Buffer.from('[0,"a","not-a-uuid"]').toString("base64url");
		expect(await codeOf(t.as(bob)(chats.channels, { cursor }))).toBe("VALIDATION_ERROR");
	});
});
