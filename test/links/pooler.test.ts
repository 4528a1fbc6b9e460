/** A pgbouncer in transaction mode between nodes and PostgreSQL. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import type { Message } from "../../contracts/messages.ts";
import { keepsStatements } from "../../lib/pooler.ts";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { goHome, ok, type Person, person } from "../support/people.ts";
import { startPgbouncer } from "../support/servers/pgbouncer.ts";
import { type ServerProcess, startPostgres } from "../support/servers.ts";

const SENDS = 24;
const NAMESPACES = ["one", "two"];

let postgres: ServerProcess;
let pooler: ServerProcess;
/** One of each of two installations, which share the pooler's sessions. */
const nodes: ParleyNode[] = [];

beforeAll(async () => {
	postgres = await startPostgres({ native: true });
	await asked(
		`CREATE ROLE app LOGIN; ALTER DEFAULT PRIVILEGES GRANT ALL ON SCHEMAS TO app;
		 ALTER DEFAULT PRIVILEGES GRANT ALL ON TABLES TO app; ALTER DEFAULT PRIVILEGES GRANT ALL ON SEQUENCES TO app`,
	);
	pooler = await startPgbouncer(postgres, "app");
	nodes.push(...(await Promise.all(NAMESPACES.map(start))));
});
afterAll(async () => {
	goHome();
	await Promise.all(nodes.map(node => node.kill9()));
	await pooler?.stop();
	await postgres?.stop();
});

/** The pooler's user may make no table: only past it can a node migrate. */
function start(namespace: string): Promise<ParleyNode> {
	return startNode({
		CHAT_NAMESPACE: namespace,
		CHAT_DATABASE_URL: pooler.url,
		CHAT_DATABASE_DIRECT_URL: postgres.url,
		CHAT_JWT_SECRET: "only for this test, and long enough",
	});
}

async function asked<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
	const client = new pg.Client({ connectionString: postgres.url });
	await client.connect();
	try {
		return (await client.query<Row>(sql)).rows;
	} finally {
		await client.end();
	}
}

/** Sends many at once, reads them back, and answers with their texts by place. */
async function talk(ann: Person, ben: Person): Promise<string[]> {
	const chat = await ann.group(ben);
	const texts = Array.from({ length: SENDS }, (_, i) => `${chat.id} ${i}`);
	const sent = await Promise.all(
		texts.map(async (text, i) => {
			const said = await (i % 2 ? ann : ben).say(chat.id, text);
			// Reads of other kinds between the writes: sessions change hands.
			await Promise.all([ann.rest.get("/inbox"), ben.rest.get(`/chats/${chat.id}/changes?since=0`)]);
			return said;
		}),
	);
	const page = await ok<{ items: Message[] }>(await ben.rest.get(`/chats/${chat.id}/messages?limit=100`));
	const kept = page.items.filter(({ type }) => type === "text").map(({ id, seq }) => ({ id, seq }));
	expect(kept).toEqual(sent.map(({ id, seq }) => ({ id, seq })).sort((a, b) => a.seq - b.seq));
	return page.items.flatMap(({ content }) => content ?? []);
}

test("whether prepared statements are kept is found out by asking", async () => {
	const kept = [postgres, pooler].map(async ({ url }) => {
		const client = new pg.Client({ connectionString: url });
		await client.connect();
		// Twice: the first one leaves its own behind.
		const answers = [await keepsStatements(client), await keepsStatements(client)];
		await client.end();
		return answers;
	});
	expect(await Promise.all(kept)).toEqual([
		[true, true],
		[false, false],
	]);
});

test("nodes of two installations send and read through one pgbouncer, and each finds only what is its own", async () => {
	const talks = nodes.map(async ({ url }) => {
		const [ann, ben] = (await Promise.all(["ann", "ben"].map(name => person(name, [url])))) as [
			Person,
			Person,
		];
		return talk(ann, ben);
	});
	const [one = [], two = []] = await Promise.all(talks);
	expect(new Set([...one, ...two]).size).toBe(one.length + two.length);
	const sessions = await asked<{ n: number }>(
		"SELECT count(*)::int AS n FROM pg_stat_activity WHERE usename = 'app'",
	);
	expect(sessions[0]?.n).toBeLessThanOrEqual(3);
	for (const node of nodes) expect(node.output()).not.toMatch(/"level":"(?:error|fatal)"/);
	expect(await Promise.all(nodes.map(node => node.stop()))).toEqual([0, 0]);
});
