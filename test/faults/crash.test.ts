import { afterAll, beforeAll, expect, test } from "@jest/globals";
import pg from "pg";
import { figure, inWords } from "../support/figure.ts";
import { Load } from "../support/load.ts";
import type { ClientModel } from "../support/model.ts";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { type Person, person } from "../support/people.ts";
import { check, NOTHING, type Stored } from "../support/record.ts";
import { freePorts, type ServerProcess, startPostgres, startRedis } from "../support/servers.ts";
import { eventually } from "../support/stage.ts";

const KILLS = 5;
/** Sends that are acknowledged before each kill. */
const OK_EACH = 1_010;

let postgres: ServerProcess;
let redis: ServerProcess;
let env: Record<string, string>[];
let nodes: ParleyNode[] = [];

beforeAll(async () => {
	[postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
	const ports = await freePorts(2);
	// The same addresses after each crash, as behind a balancer.
	env = ports.map(port => ({
		CHAT_PORT: String(port),
		CHAT_DATABASE_URL: postgres.url,
		CHAT_REDIS_URL: redis.url,
		CHAT_JWT_SECRET: "only for this test, and long enough",
	}));
	await startNodes();
}, 120_000);

afterAll(async () => {
	await Promise.all(nodes.map(node => node.kill9()));
	await Promise.all([postgres?.stop(), redis?.stop()]);
});

async function startNodes(): Promise<void> {
	nodes = await Promise.all(env.map(one => startNode(one)));
}

test("I1 I17: what was acknowledged survives kill -9 of every process, and each device gets it once, in order", async () => {
	const urls = nodes.map(({ url }) => url);
	const crowd = await Promise.all(["ann", "ben", "cem", "dan"].map(name => person(name, urls)));
	const [ann, ben, cem, dan] = crowd as [Person, Person, Person, Person];
	// Ann and Ben are in all of them. So many, that none grows by more than `changes` spans while all is down.
	const chats = await Promise.all(
		Array.from({ length: 12 }, (_, n) => (n % 2 ? ann.group(ben, cem) : ben.group(ann, dan, cem))),
	);
	const models: ClientModel[] = await Promise.all([ann, ann, ben, ben].map(who => who.model()));

	const load = new Load({ senders: [ann, ben], chatIds: chats.map(({ id }) => id), parallel: 12 });
	for (let kill = 0; kill < KILLS; kill++) {
		await eventually(
			() => load.ok,
			ok => ok > OK_EACH * (kill + 1),
			40_000,
		);
		await new Promise(done => setTimeout(done, Math.random() * 1_000));
		await Promise.all([postgres.kill9(), redis.kill9(), ...nodes.map(node => node.kill9())]);
		await Promise.all([postgres.restart(), redis.restart()]);
		await startNodes();
		for (const model of models) await model.resume();
	}
	await new Promise(done => setTimeout(done, 500));
	const operations = await load.stop();
	for (const model of models) await model.resume();

	const db = new pg.Client({ connectionString: postgres.url });
	await db.connect();
	const ids = chats.map(({ id }) => id);
	const { rows } = await db.query(
		"SELECT chat_id, client_id, id, seq FROM chat.messages WHERE chat_id = ANY($1)",
		[ids],
	);
	const stored: Stored[] = rows.map(row => ({ ...row, seq: Number(row.seq) }));
	const { rows: drift } = await db.query(
		`SELECT m.chat_id, m.user_id FROM chat.members m JOIN chat.chat_heads h USING (chat_id)
		 WHERE h.last_seq - m.read_seq <> (SELECT count(*) FROM chat.messages x WHERE x.chat_id = m.chat_id AND x.seq > m.read_seq)`,
	);
	await db.end();

	const shown = models.map(model => model.shown);
	expect(load.ok).toBeGreaterThan(5_000);
	expect(check(operations, stored, shown)).toEqual(NOTHING);
	expect(drift).toEqual([]);
	const sends = `${inWords(load.ok)} sends acknowledged, both nodes, PostgreSQL and Redis killed ${KILLS} times`;
	figure(
		"I1",
		`${sends}: none lost or stored twice, and ${models.length} devices that catch up have all, in order`,
	);
	figure("I17", `${sends}: ${drift.length} counts that differ from the rows`);
}, 480_000);
