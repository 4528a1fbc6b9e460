/** How users stand to chats is read for many at once, and for each as if they had asked alone. */
import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import * as chats from "../../contracts/chats.ts";
import type { Database } from "../../lib/database.ts";
import { newId } from "../../lib/ids.ts";
import chatsService from "../../services/chats/chats.service.ts";
import { AccessCache } from "../../services/messages/access-cache.ts";
import { codeOf, testBroker } from "../support/broker.ts";

let t: Awaited<ReturnType<typeof testBroker>>;
beforeAll(async () => {
	t = await testBroker(chatsService);
});
afterAll(() => t.stop());

test("a crowd that nobody knows yet is one statement, and each is told of themselves", async () => {
	const [ann, bob, eve] = await Promise.all([t.user(), t.user(), t.user()]);
	const made = Array.from({ length: 10 }, () =>
		t.as(ann)(chats.create, { type: "group", participantIds: [bob] }),
	);
	const ids = (await Promise.all(made)).map(({ id }) => id);
	let statements = 0;
	const counted: Database = {
		...t.db,
		query: (...args) => {
			statements++;
			return t.db.query(...args);
		},
	};
	const cache = new AccessCache(counted, 1_000);
	const owners = ids.map(id => cache.of(id, ann));
	const members = ids.map(id => cache.of(id, bob));
	const strangers = [...ids.map(id => cache.of(id, eve)), cache.of(newId(), ann)].map(codeOf);
	expect((await Promise.all(owners)).map(({ chatId, userId, role }) => [chatId, userId, role])).toEqual(
		ids.map(id => [id, ann, "owner"]),
	);
	expect((await Promise.all(members)).map(({ userId, role }) => [userId, role])).toEqual(
		ids.map(() => [bob, "member"]),
	);
	expect(new Set(await Promise.all(strangers))).toEqual(new Set(["NOT_FOUND"]));
	expect(statements).toBe(1);
	await cache.of(ids[0] ?? "", ann);
	expect(statements).toBe(1);
});
