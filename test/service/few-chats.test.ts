/** A house of some 1,000 chats, as most are: PostgreSQL might take going through all of them for cheaper than a look at one. */
import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as chats from "../../contracts/chats.ts";
import * as messages from "../../contracts/messages.ts";
import chatsService from "../../services/chats/chats.service.ts";
import messagesService from "../../services/messages/messages.service.ts";
import { testBroker } from "../support/broker.ts";
import { chatRows } from "../support/chat-rows.ts";
import { rowsRead, type Statement, watchStatements } from "../support/statements.ts";

const CHATS = 1_000;
/** Who are in a few of them each. */
const USERS = 250;
const EACH = 4;

let t: Awaited<ReturnType<typeof testBroker>>;
let people: string[];
let ids: string[];

beforeAll(async () => {
	t = await testBroker(chatsService, messagesService);
	const rows = chatRows(t.db);
	people = [];
	for (let i = 0; i < USERS; i++) people.push(await t.user());
	const [owner] = people as [string];
	ids = await rows.many(CHATS - USERS, [owner]);
	for (const userId of people) ids.push(...(await rows.many(1, [userId])));
	for (const [i, userId] of people.entries())
		for (let n = 1; n < EACH; n++) await rows.join(ids[(i * EACH + n) % ids.length] as string, userId);
}, 60_000);

afterAll(() => t.stop());

test("a send goes through its own chat alone, where all of them would fit on a few pages too", async () => {
	const sender = people[7] as string;
	const watched = watchStatements();
	// The first finds out how the chat stands, the later ones only compare it.
	for (const content of ["one", "two", "three"])
		await t.as(sender)(messages.send, { chatId: ids[7 * EACH + 1] as string, content });
	watched.end();
	const read: Record<string, number> = {};
	for (const statement of watched.all().filter(({ text }) => /^\s*(SELECT|WITH)/.test(text)))
		for (const table of ["chat_heads", "members", "chats"])
			read[`${statement.name} ${table}`] = await rowsRead(t.db, statement, table, true);
	expect(Object.keys(read)).toContain("compare-heads chat_heads");
	expect(Object.entries(read).filter(([, rows]) => rows > 3)).toEqual([]);
});

test("what a gateway asks of some of its users goes through their chats alone", async () => {
	const userIds = people.slice(100, 200);
	const watched = watchStatements();
	const { items } = await t.as(userIds[0] as string)(chats.rooms, { userIds });
	watched.end();
	expect(items.length).toBeGreaterThan(EACH * 50);
	const paging = watched.all().find(({ name }) => name === "page-rooms") as Statement;
	for (const table of ["chat_heads", "members", "chats"])
		expect(await rowsRead(t.db, paging, table, true)).toBeLessThanOrEqual(items.length);
});
