import "../support/env.ts";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { Sequelize } from "sequelize";
import * as messages from "../../contracts/messages.ts";
import { type Database, databaseOn, type Post, pipelined, type Query } from "../../lib/database.ts";
import { newId } from "../../lib/ids.ts";
import { ChatLog, silentExit } from "../../lib/log/change.ts";
import { readAccess } from "../../models/access.ts";
import { markBatch } from "../../services/messages/marks.ts";
import messagesService from "../../services/messages/messages.service.ts";
import { type Send, sendBatch } from "../../services/messages/send.ts";
import { testBroker } from "../support/broker.ts";
import { chatRows } from "../support/chat-rows.ts";
import { figure } from "../support/figure.ts";
import { proxy } from "../support/proxy.ts";

let node: Awaited<ReturnType<typeof testBroker>>;
let rows: ReturnType<typeof chatRows>;
let ann: string;
let bob: string;

beforeAll(async () => {
	node = await testBroker(messagesService);
	rows = chatRows(node.db);
	ann = await node.user();
	bob = await node.user();
});
afterAll(() => node?.stop());

const quiet = { keep: () => {}, grew: () => {} };

async function sendOf(
	chatId: string,
	userId: string,
	clientId = newId(),
	mentions: string[] = [],
): Promise<Send> {
	const access = await readAccess(node.db.query, node.db.t, chatId, userId);
	if (!access) throw new Error("no access");
	return {
		id: newId(),
		access,
		clientId,
		type: "text",
		content: "x",
		metadata: {},
		replyToId: null,
		mentions,
	};
}

/** The database, but transactions break right after their n-th statement. */
function breakingAfter(n: number): { db: Database; statements: () => number } {
	let done = 0;
	const db: Database = {
		...node.db,
		tx: (work, options) =>
			node.db.tx((query, post) => {
				const count = () => {
					if (++done === n) throw new Error("broken on purpose");
				};
				const counted: Query = async (...args) => {
					const result = await query(...args);
					count();
					return result as never;
				};
				const posted: Post = (...args) => {
					post(...args);
					count();
				};
				return work(counted, posted);
			}, options),
	};
	return { db, statements: () => done };
}

/** Everything of a chat that a change could have touched, and the outbox. */
async function everything(chatIds: string[]): Promise<string> {
	const { query, t } = node.db;
	const tables = [t.heads, t.members, t.messages, t.mentions];
	const contents = await Promise.all(
		tables.map(table =>
			query(`SELECT * FROM ${table} WHERE chat_id = ANY($1::uuid[]) ORDER BY 1, 2`, [chatIds]),
		),
	);
	return JSON.stringify([contents, await query(`SELECT * FROM ${t.outbox} ORDER BY id`)]);
}

test("I5: a send that breaks after any of its statements leaves neither message, mark, follower nor event", async () => {
	const parent = await rows.chat({ members: [ann, bob] });
	const first = await node.as(ann)(messages.send, { chatId: parent, content: "parent" });
	const threadId = await rows.chat({
		type: "thread",
		parentChatId: parent,
		parentMessageId: first.id,
		members: [ann],
	});
	const before = await everything([parent, threadId]);
	const batch = [await sendOf(parent, ann, newId(), [bob]), await sendOf(threadId, bob)];
	let broken = 0;
	for (let n = 1; ; n++) {
		const { db, statements } = breakingAfter(n);
		const outcome = sendBatch(new ChatLog(db, silentExit), batch, quiet);
		if (
			await outcome.then(
				() => true,
				() => false,
			)
		) {
			// It got through: every statement has had its turn.
			expect(statements()).toBe(n - 1);
			expect(n).toBeGreaterThan(8);
			break;
		}
		expect(await everything([parent, threadId])).toBe(before);
		broken++;
	}
	expect(await rows.head(threadId)).toMatchObject({ last_seq: 1, member_count: 2 });
	figure("I5", `broken after each of ${broken} statements: nothing left`);
});

test("I5: a mark that breaks after any of its statements neither moves nor is told", async () => {
	const chatId = await rows.chat({ members: [ann, bob] });
	await node.as(ann)(messages.send, { chatId, content: "x" });
	const before = await everything([chatId]);
	const move = { chatId, userId: bob, kind: "read" as const, seq: null, socketId: null, byMessage: false };
	for (const n of [1, 2]) {
		const log = new ChatLog(breakingAfter(n).db, silentExit);
		const told: unknown[] = [];
		const effects = { told: (it: unknown) => told.push(it), read: (it: unknown) => told.push(it) };
		await expect(markBatch(log, [move], effects)).rejects.toThrow("broken on purpose");
		expect(await everything([chatId])).toBe(before);
		expect(told).toEqual([]);
	}
});

test("I3: where PostgreSQL's answer is lost all of the batch hear UNAVAILABLE, and their repeats are stored once", async () => {
	const chatId = await rows.chat({ members: [ann, bob] });
	const url = process.env.TEST_DATABASE_URL ?? "";
	const link = await proxy(url);
	const sequelize = pipelined(
		new Sequelize(link.url, {
			dialect: "postgres",
			logging: false,
			pool: { max: 1, acquire: 15_000 },
			// More than a machine may stall.
			dialectOptions: { query_timeout: 4_000, connectionTimeoutMillis: 10_000 },
		}),
	);
	const db = databaseOn(sequelize, node.db.schema);
	const log = new ChatLog(db, silentExit);
	try {
		await db.query("SELECT 1");
		const batch = [await sendOf(chatId, ann, "a"), await sendOf(chatId, bob, "b")];
		let lost = 0;
		const losing: Database = {
			...db,
			tx: (work, options) =>
				db.tx(async (query, post) => {
					const result = await work(query, post);
					if (++lost === 1) link.dropDown();
					return result;
				}, options),
		};
		const outcomes = await sendBatch(new ChatLog(losing, silentExit), batch, quiet).catch(err => [
			{ error: err },
			{ error: err },
		]);
		expect(outcomes).toMatchObject([{ error: { type: "UNAVAILABLE" } }, { error: { type: "UNAVAILABLE" } }]);
		await link.pass();
		expect(await rows.count("messages", chatId)).toBe(2); // the COMMIT had arrived
		const repeats = batch.map(send => ({ ...send, id: newId() }));
		const again = await sendBatch(log, repeats, quiet);
		expect(again).toMatchObject([
			{ value: { replayed: true, message: { seq: 1, clientId: "a" } } },
			{ value: { replayed: true, message: { seq: 2, clientId: "b" } } },
		]);
		expect(await rows.count("outbox", chatId)).toBe(2);
	} finally {
		await sequelize.close();
		await link.close();
	}
});
