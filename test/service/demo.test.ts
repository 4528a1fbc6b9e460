/** The demo of a first start in development: made once, in the background, and never in production. */
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "@jest/globals";
import type { InboxPage } from "../../contracts/inbox.ts";
import { type Api, api } from "../support/http.ts";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { readyData } from "../support/ready-data.ts";

const START_MS = 120_000;
const folder = mkdtempSync(join(tmpdir(), "parley-demo-"));
const nodes: ParleyNode[] = [];

afterAll(async () => {
	await Promise.all(nodes.map(node => (node.child.exitCode === null ? node.stop() : null)));
	rmSync(folder, { recursive: true, force: true });
}, START_MS);

/** A development start on a folder of its name, as `npm start` in a clone is. */
async function start(name: string, env: Record<string, string> = {}): Promise<ParleyNode> {
	const secret = randomBytes(32).toString("hex");
	const dataDir = join(folder, name);
	// One of them begins with nothing, as in a clone.
	if (name !== "twice" && !existsSync(dataDir)) readyData(dataDir);
	const node = await startNode({
		NODE_ENV: "development",
		CHAT_DATA_DIR: dataDir,
		CHAT_JWT_SECRET: secret,
		...env,
	});
	nodes.push(node);
	return node;
}

async function signIn(node: ParleyNode, login: string): Promise<Api> {
	const { body } = await api(node.url).post("/auth/login", { login, password: "parley-demo" });
	return api(node.url, body.accessToken);
}

async function until<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
	for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
		const found = await look();
		if (found !== undefined) return found;
		await new Promise(resolve => setTimeout(resolve, 200));
	}
	throw new Error(`Waited in vain: ${what}`);
}

const saidDemo = (node: ParleyNode) =>
	until(async () => (node.output().includes("The demo is there") ? true : undefined), "the demo is told");

const people = async (node: ParleyNode) => {
	const { items } = (await (await signIn(node, "ann")).get("/users?limit=50")).body;
	return items.map(({ username }: { username: string }) => username);
};
const chatsOf = async (node: ParleyNode, login: string): Promise<InboxPage["items"]> =>
	(await (await signIn(node, login)).get<InboxPage>("/inbox")).body.items;

const DEMO = ["ann", "ben", "carla", "david", "echo", "emma", "farid"];

test(
	"the first start in development makes the people of the switcher, and a second adds nothing",
	async () => {
		const first = await start("twice");
		await saidDemo(first);
		const { body, status } = await listOf(first);
		expect([status, body.password]).toEqual([200, "parley-demo"]);
		const { id } = (await (await signIn(first, "ann")).get<{ id: string }>("/users/me")).body;
		expect(body.people).toContainEqual({ id, username: "ann", displayName: "Ann Archer" });
		expect(body.people).toHaveLength(6);
		for (const { username } of body.people) await signIn(first, username);
		expect(await people(first)).toEqual(DEMO);
		const before = await chatsOf(first, "ann");
		expect(before.length).toBeGreaterThan(4);
		expect(await first.stop()).toBe(0);

		const second = await start("twice");
		await nothingMore(second);
		expect(await people(second)).toEqual(DEMO);
		expect((await chatsOf(second, "ann")).map(({ chat }) => chat.lastSeq)).toEqual(
			before.map(({ chat }) => chat.lastSeq),
		);
		expect(second.output()).not.toContain("The demo is there");
	},
	START_MS,
);

test(
	"a demo whose making was cut short is completed by the next start",
	async () => {
		const killed = await start("cut");
		const isBegun = async () => ((await signInStatus(killed, "ann")) === 200 ? true : undefined);
		await until(isBegun, "ann is there");
		await killed.kill9();
		const next = await start("cut");
		await until(async () => ((await signInStatus(next, "echo")) === 200 ? true : undefined), "echo is there");
		const complete = async () =>
			(await chatsOf(next, "echo")).some(chat => chat.lastMessage) ? true : undefined;
		await until(complete, "the last chat is there");
		expect(await people(next)).toEqual(DEMO);
	},
	START_MS,
);

test(
	"a database that somebody uses gets no demo people, and a node told off has no list of them",
	async () => {
		const used = await start("used", { CHAT_DEMO: "off" });
		expect((await listOf(used)).status).toBe(404);
		expect(await signInStatus(used, "ann")).toBe(401);
		const own = { username: "zoe", email: "zoe@example.com", password: "correct horse" };
		expect((await api(used.url).post("/auth/register", own)).status).toBe(201);
		await used.stop();

		const again = await start("used");
		await nothingMore(again);
		expect((await listOf(again)).status).toBe(200);
		expect(await signInStatus(again, "ann")).toBe(401);
	},
	START_MS,
);

test(
	"production has neither demo people nor a list of them",
	async () => {
		const production = await start("production", { NODE_ENV: "production" });
		expect((await listOf(production)).status).toBe(404);
		expect(await signInStatus(production, "ann")).toBe(401);
	},
	START_MS,
);

async function listOf(node: ParleyNode) {
	const response = await fetch(`${node.url}/dev/people.json`, { headers: { accept: "text/html" } });
	return { status: response.status, body: await response.json() };
}

async function signInStatus(node: ParleyNode, login: string): Promise<number> {
	return (await api(node.url).post("/auth/login", { login, password: "parley-demo" })).status;
}

/** Long enough for what a start would add to have begun: it begins with people, at once. */
async function nothingMore(node: ParleyNode): Promise<void> {
	for (let i = 0; i < 10; i++) {
		await new Promise(resolve => setTimeout(resolve, 200));
		expect(node.output()).not.toContain("The demo is there");
	}
}
