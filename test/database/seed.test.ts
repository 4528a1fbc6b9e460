/** `npm run seed`: what it makes is what users could have made, and made once. */
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import pg from "pg";
import type { InboxPage } from "../../contracts/inbox.ts";
import { type Api, api } from "../support/http.ts";
import { type ParleyNode, startNode } from "../support/nodes.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const RUN_MS = 120_000;
const secret = randomBytes(32).toString("hex");

/** Runs the seed as a person does, and answers with what it says. */
function seed(env: Record<string, string>, ...args: string[]): Promise<{ code: number; text: string }> {
	const own = { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: "test", CHAT_JWT_SECRET: secret };
	const options = { cwd: ROOT, env: { ...own, ...env }, timeout: RUN_MS };
	return new Promise(resolve => {
		execFile(process.execPath, ["scripts/seed.ts", ...args], options, (err, stdout, stderr) =>
			resolve({ code: err ? Number(err.code ?? 1) : 0, text: stdout + stderr }),
		);
	});
}

const FIRST = "Added 7 people, 8 chats and 20 messages.";
const AGAIN = "Nothing to add: all of it is there.";

describe("on PostgreSQL", () => {
	const schema = `seed_${randomBytes(5).toString("hex")}`;
	const env = { CHAT_DATABASE_URL: process.env.TEST_DATABASE_URL ?? "", CHAT_NAMESPACE: schema };
	const client = new pg.Client({ connectionString: env.CHAT_DATABASE_URL });
	const all = async (sql: string) => (await client.query(sql)).rows;

	beforeAll(() => client.connect());
	afterAll(async () => {
		await client.query(`DROP SCHEMA IF EXISTS "${schema}" CASCADE`);
		await client.end();
	});

	/** Every row that the seed may write, but for the times of reading. */
	const state = async () => ({
		heads: await all(`SELECT chat_id, last_seq, rev, member_count FROM "${schema}".chat_heads ORDER BY 1`),
		marks: await all(
			`SELECT chat_id, user_id, role, read_seq, muted_until FROM "${schema}".members ORDER BY 1, 2`,
		),
		messages: await all(`SELECT * FROM "${schema}".messages ORDER BY chat_id, seq`),
		reactions: await all(`SELECT * FROM "${schema}".reactions ORDER BY 1, 2, 3, 4`),
		counts: await all(`SELECT (SELECT count(*) FROM "${schema}".users) AS users,
			(SELECT count(*) FROM "${schema}".sessions) AS sessions, (SELECT count(*) FROM "${schema}".outbox) AS events`),
	});

	test(
		"a second run adds nothing twice",
		async () => {
			expect((await seed(env)).text).toContain(FIRST);
			const before = await state();
			expect(before.counts[0]).toMatchObject({ users: "7" });
			expect((await seed(env)).text).toContain(AGAIN);
			expect(await state()).toEqual(before);
		},
		RUN_MS,
	);

	test(
		"a large set is dense in each chat, each message has its event, and the set is there once",
		async () => {
			const [{ n: eventsBefore }] = await all(`SELECT count(*)::int AS n FROM "${schema}".outbox`);
			const size = ["--users", "30", "--messages", "400"];
			expect((await seed(env, ...size)).text).toContain("Added 30 people, 3 chats and 400 messages.");
			const holes = await all(`SELECT chat_id FROM "${schema}".messages GROUP BY chat_id
				HAVING count(*) <> max(seq) OR min(seq) <> 1`);
			expect(holes).toEqual([]);
			const [{ n: events }] = await all(`SELECT count(*)::int AS n FROM "${schema}".outbox`);
			// 30 registrations, 3 chats, 60 who are in one from its beginning.
			expect(events - eventsBefore).toBe(400 + 30 + 3 + 60);
			const before = await state();
			expect((await seed(env, ...size)).text).toContain(AGAIN);
			expect(await state()).toEqual(before);
		},
		RUN_MS,
	);

	test("it runs neither in production nor at another machine", async () => {
		const production = await seed({ ...env, NODE_ENV: "production" });
		expect(production).toMatchObject({ code: 1, text: expect.stringContaining("NODE_ENV=production") });
		const elsewhere = await seed(env, "--url", "https://chat.example.com");
		expect(elsewhere).toMatchObject({ code: 1, text: expect.stringContaining("another machine") });
	});
});

describe("on the embedded database", () => {
	const dataDir = mkdtempSync(join(tmpdir(), "parley-seed-"));
	const env = { CHAT_DATA_DIR: dataDir, CHAT_JWT_SECRET: secret };
	let node: ParleyNode;
	let first: { text: string };

	beforeAll(async () => {
		first = await seed(env);
		node = await startNode(env);
	}, RUN_MS);
	afterAll(async () => {
		await node?.stop();
		rmSync(dataDir, { recursive: true, force: true });
	}, RUN_MS);

	async function signIn(login: string): Promise<Api> {
		const { body } = await api(node.url).post("/auth/login", { login, password: "parley-demo" });
		return api(node.url, body.accessToken);
	}

	test("ann signs in and finds chats of all types, with something to read", async () => {
		expect(first.text).toContain(FIRST);
		const ann = await signIn("ann");
		const { items, totalUnread } = (await ann.get<InboxPage>("/inbox")).body;
		expect(new Set(items.map(({ chat }) => chat.type))).toEqual(new Set(["direct", "group", "channel"]));
		expect(totalUnread).toBeGreaterThan(0);
		expect(items.some(({ mentions }) => mentions > 0)).toBe(true);

		const launch = items.find(({ chat }) => chat.name === "Launch")?.chat.id;
		const { items: messages } = (await ann.get(`/chats/${launch}/messages`)).body;
		expect(messages).toMatchObject([
			{ isEdited: true, isPinned: true },
			{ thread: { count: 3 }, reactions: [{ emoji: "👍", count: 3 }], mentions: [expect.any(String)] },
			{ isDeleted: true, content: null },
			{ replyToId: messages[1].id },
			{ mentions: [expect.any(String)] },
		]);
	});

	test(
		"while a server has it the seed says so, and goes through that server, where it finds everything",
		async () => {
			const refused = await seed(env);
			expect(refused).toMatchObject({
				code: 1,
				text: expect.stringContaining("--url http://127.0.0.1:3000"),
			});
			const before = (await (await signIn("ann")).get("/inbox")).body.items;
			expect((await seed(env, "--url", node.url)).text).toContain(AGAIN);
			expect((await (await signIn("ann")).get("/inbox")).body.items).toEqual(before);
		},
		RUN_MS,
	);
});
