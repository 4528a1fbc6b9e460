/** Pages of histories, other than the newest, at a replica that follows PostgreSQL by streaming, stands still, and dies. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { ok, type Person, person } from "../support/people.ts";
import { startReplica } from "../support/servers/postgres.ts";
import { type ServerProcess, startPostgres } from "../support/servers.ts";
import { eventually } from "../support/stage.ts";

let postgres: ServerProcess;
let replica: ServerProcess;
let node: ParleyNode;
let ann: Person;
let ben: Person;
let chat: Chat;

beforeAll(async () => {
	postgres = await startPostgres({ native: true });
	replica = await startReplica(postgres);
	node = await startNode({
		CHAT_DATABASE_URL: postgres.url,
		CHAT_DATABASE_REPLICA_URL: replica.url,
		CHAT_JWT_SECRET: "only for this test, and long enough",
	});
	[ann, ben] = (await Promise.all(["ann", "ben"].map(name => person(name, [node.url])))) as [Person, Person];
	chat = await ann.group(ben);
	for (const text of ["one", "two", "three"]) await ann.say(chat.id, text);
});
afterAll(async () => {
	await node?.kill9();
	await replica?.stop();
	await postgres?.stop();
});

async function connected<T>({ url }: ServerProcess, work: (client: pg.Client) => Promise<T>): Promise<T> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	try {
		return await work(client);
	} finally {
		await client.end();
	}
}

/** Lets the replica stand still from where the primary is now until `work` is done. */
async function standingStill(work: () => Promise<void>): Promise<void> {
	const { rows } = await connected(postgres, client => client.query("SELECT pg_current_wal_lsn() AS lsn"));
	const hasIt = `SELECT pg_last_wal_replay_lsn() >= '${rows[0].lsn}'::pg_lsn AS yes`;
	await connected(replica, async client => {
		await eventually(
			async () => (await client.query<{ yes: boolean }>(hasIt)).rows[0]?.yes,
			yes => yes === true,
		);
		await client.query("SELECT pg_wal_replay_pause()");
		await eventually(
			async () => (await client.query("SELECT pg_get_wal_replay_pause_state() AS state")).rows[0].state,
			state => state === "paused",
		);
		await work();
		await client.query("SELECT pg_wal_replay_resume()");
	});
}

async function historyOf(who: Person): Promise<Message[]> {
	return ok<{ items: Message[] }>(await who.rest.get(`/chats/${chat.id}/messages?after=0`)).items;
}
const texts = async (who: Person) => (await historyOf(who)).map(({ content }) => content);

test("a replica that has caught up is read in place of the primary", async () => {
	let shown: unknown[] = [];
	const withoutMessages = () =>
		connected(postgres, async client => {
			// Nobody can read a message at the primary.
			await client.query("BEGIN; LOCK TABLE chat.messages");
			const { status, body } = await ben.rest.get(`/chats/${chat.id}/messages?after=0`);
			shown = status === 200 ? body.items.map(({ content }: Message) => content) : [];
		});
	await eventually(
		// A machine may stall for longer than a node waits for its replica.
		() => standingStill(withoutMessages).then(() => shown.length),
		length => length > 0,
	);
	expect(shown).toEqual(expect.arrayContaining(["one", "two", "three"]));
});

test("what a replica has not got to comes from the primary, and so do rights and the sizes of threads", async () => {
	const [first] = (await historyOf(ann)).filter(({ content }) => content === "one") as [Message];
	const thread = ok<Chat>(await ann.rest.post(`/messages/${first.id}/thread`));
	await standingStill(async () => {
		// The chat itself stays as it was.
		await ann.say(thread.id, "in the thread");
		const shown = (await historyOf(ben)).find(({ id }) => id === first.id);
		expect(shown?.thread).toMatchObject({ chatId: thread.id, count: 1 });

		await ann.say(chat.id, "four");
		ok(await ann.rest.patch(`/messages/${first.id}`, { content: "first" }));
		expect(await texts(ben)).toEqual(expect.arrayContaining(["first", "two", "three", "four"]));
		ok(await ann.rest.delete(`/chats/${chat.id}/members/${ben.id}`));
		expect((await ben.rest.get(`/chats/${chat.id}/messages?after=0`)).status).toBe(404);
	});
});

test("without its replica a node reads on, and says so", async () => {
	await replica.kill9();
	for (let i = 0; i < 2; i++) expect(await texts(ann)).toEqual(expect.arrayContaining(["first", "four"]));
	expect(node.output()).toMatch("The replica is away");
	expect(await node.stop()).toBe(0);
});
