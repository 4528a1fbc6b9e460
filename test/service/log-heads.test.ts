import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { LogEvent } from "../../contracts/changes.ts";
import type { Post } from "../../lib/database.ts";
import { ChatLog } from "../../lib/log/change.ts";
import messagesService from "../../services/messages/messages.service.ts";
import { testBroker } from "../support/broker.ts";
import { chatRows } from "../support/chat-rows.ts";

let node: Awaited<ReturnType<typeof testBroker>>;
let rows: ReturnType<typeof chatRows>;
let ann: string;

beforeAll(async () => {
	node = await testBroker(messagesService);
	rows = chatRows(node.db);
	ann = await node.user();
});
afterAll(() => node?.stop());

/** A node's log, with what it told. */
function nodeLog() {
	const told: LogEvent[] = [];
	const log = new ChatLog(node.db, { publish: events => told.push(...events) });
	/** One change of a chat; answers the revision that it was given. */
	const rename = (chatId: string) =>
		log.change([chatId], async change => {
			const rev = change.nextRev(chatId);
			change.tell({ change: "chat.updated", chatId, rev, actorId: ann, data: {} as never });
			return rev;
		});
	return { log, told, rename };
}

const headOf = async (chatId: string) =>
	(await node.db.query<{ rev: number }>(`SELECT rev FROM ${node.db.t.heads} WHERE chat_id = $1`, [chatId]))[0]
		?.rev;

test("I8: two nodes that take turns in a chat each go on from where the other one was", async () => {
	const chatId = await rows.chat({ members: [ann] });
	const first = (await headOf(chatId)) ?? 0;
	const [one, two] = [nodeLog(), nodeLog()];
	const taken: number[] = [];
	// Each has the chat for itself long enough to take its head for known, and is then overtaken.
	for (const node of [one, one, one, one, two, one, two, two, two, two, one, one])
		taken.push(await node.rename(chatId));
	expect(taken).toEqual(taken.map((_, i) => first + 1 + i));
	expect(await headOf(chatId)).toBe(first + taken.length);
	const told = [...one.told, ...two.told].map(({ rev }) => rev ?? 0);
	expect(told.sort((a, b) => a - b)).toEqual(taken);
});

test("I8: of two nodes that change a chat at once neither takes the other's revision", async () => {
	const chatId = await rows.chat({ members: [ann] });
	const first = (await headOf(chatId)) ?? 0;
	const nodes = [nodeLog(), nodeLog()];
	const taken = (
		await Promise.all(
			nodes.map(async ({ rename }) => {
				const revs: number[] = [];
				for (let i = 0; i < 40; i++) revs.push(await rename(chatId));
				return revs;
			}),
		)
	).flat();
	expect(taken.sort((a, b) => a - b)).toEqual(taken.map((_, i) => first + 1 + i));
});

test("what a change refuses is judged by the heads as they are, also where another node has moved them", async () => {
	const chatId = await rows.chat({ members: [ann] });
	const [one, two] = [nodeLog(), nodeLog()];
	for (let i = 0; i < 3; i++) await one.rename(chatId);
	const rev = await two.rename(chatId);
	const seen: number[] = [];
	const refusing = one.log.change([chatId], async change => {
		seen.push(change.head(chatId).rev);
		throw new Error(`refused at ${change.head(chatId).rev}`);
	});
	await expect(refusing).rejects.toThrow(`refused at ${rev}`);
	expect(seen).toEqual([rev - 1, rev]);
	expect(await headOf(chatId)).toBe(rev);
});

const tag = "never kept";
const setTo = (post: Post, value: string) =>
	post(`UPDATE ${node.db.t.users} SET display_name = $2 WHERE id = $1`, [ann, value]);
const nameOfAnn = async () =>
	(
		await node.db.query<{ name: string }>(
			`SELECT display_name AS name FROM ${node.db.t.users} WHERE id = $1`,
			[ann],
		)
	)[0]?.name;

test("a posted statement that fails undoes its transaction, which throws what it threw", async () => {
	const before = await nameOfAnn();
	const work = node.db.tx(async (query, post) => {
		setTo(post, tag);
		post("SELECT 1 / 0");
		setTo(post, `${tag} again`);
		await query("SELECT 1");
	});
	await expect(work).rejects.toMatchObject({ code: "22012" });
	expect(await nameOfAnn()).toBe(before);
});

test("a refusal that follows a failed query is thrown, not what the statements behind it threw", async () => {
	const work = node.db.tx(async (query, post) => {
		try {
			await query("SELECT 1 / 0");
		} catch {
			setTo(post, tag);
			throw new Error("refused");
		}
	});
	await expect(work).rejects.toThrow("refused");
	expect(await nameOfAnn()).not.toBe(tag);
});

test("posted statements run in their order, also behind a query and before the commit", async () => {
	const seen = await node.db.tx(async (query, post) => {
		setTo(post, "one");
		const [row] = await query<{ name: string }>(
			`SELECT display_name AS name FROM ${node.db.t.users} WHERE id = $1`,
			[ann],
		);
		setTo(post, "two");
		setTo(post, "three");
		return row?.name;
	});
	expect([seen, await nameOfAnn()]).toEqual(["one", "three"]);
});
