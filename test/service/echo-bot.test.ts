/** The demo's bot, which runs in a node of development, seen by those who talk to it. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Message } from "../../contracts/messages.ts";
import { type Api, api } from "../support/http.ts";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { readyData } from "../support/ready-data.ts";

const START_MS = 120_000;
const dataDir = mkdtempSync(join(tmpdir(), "parley-echo-"));
const env = {
	CHAT_DATA_DIR: readyData(dataDir),
	CHAT_JWT_SECRET: randomBytes(32).toString("hex"),
	NODE_ENV: "development",
};
let node: ParleyNode;
let ann: Api;
/** Username → id. */
let ids: Record<string, string>;

beforeAll(async () => {
	node = await startNode(env);
	await until(async () => (node.output().includes("The demo is there") ? true : undefined), "the demo");
	ann = await signIn();
	const { items } = (await ann.get("/users?limit=50")).body;
	ids = Object.fromEntries(items.map((user: { username: string; id: string }) => [user.username, user.id]));
}, START_MS);
afterAll(async () => {
	await node?.stop();
	rmSync(dataDir, { recursive: true, force: true });
}, START_MS);

async function signIn(): Promise<Api> {
	const { body } = await api(node.url).post("/auth/login", { login: "ann", password: "parley-demo" });
	return api(node.url, body.accessToken);
}

async function until<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
	for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
		const found = await look();
		if (found !== undefined) return found;
		await new Promise(resolve => setTimeout(resolve, 200));
	}
	throw new Error(`Waited in vain for ${what}:\n${node.output()}`);
}

async function newChat(wish: Record<string, unknown>): Promise<string> {
	return (await ann.post("/chats", wish)).body.id;
}

async function say(chatId: string, content: string, mentions: string[] = []): Promise<Message> {
	return (await ann.post(`/chats/${chatId}/messages`, { content, mentions })).body;
}

/** What the bot has said in a chat, oldest first, once it has said these words. */
async function saidWith(chatId: string, words: string): Promise<Message[]> {
	return until(async () => {
		const { items } = (await ann.get(`/chats/${chatId}/messages`)).body;
		const said = items.filter((message: Message) => message.senderId === ids.echo);
		return said.some(({ content }: Message) => content === words) ? said : undefined;
	}, `"${words}"`);
}

test(
	"it says again what it is told, each thing once and in order, and has read it",
	async () => {
		const chatId = await newChat({ participantIds: [ids.echo] });
		for (const words of ["one", "two", "three"]) await say(chatId, words);
		const said = await saidWith(chatId, "three");
		expect(said.map(({ content }) => content)).toEqual([
			"Say something, and I say it again.",
			"one",
			"two",
			"three",
		]);
	},
	START_MS,
);

test(
	"in a group it answers whoever mentions it, and nobody else",
	async () => {
		const chatId = await newChat({ type: "group", name: "Echoes", participantIds: [ids.echo, ids.ben] });
		await say(chatId, "not for you");
		const asked = await say(chatId, "@echo hello", [ids.echo ?? ""]);
		expect(await saidWith(chatId, "@echo hello")).toMatchObject([
			{ content: "@echo hello", replyToId: asked.id, mentions: [] },
		]);
	},
	START_MS,
);

test(
	"what it was told while it was away it answers when it is back, once",
	async () => {
		const chatId = await newChat({ participantIds: [ids.echo] });
		await node.stop();
		node = await startNode({ ...env, CHAT_DEMO: "off" });
		ann = await signIn();
		await say(chatId, "are you there");
		await node.stop();
		node = await startNode(env);
		ann = await signIn();
		await saidWith(chatId, "are you there");
		await node.stop();
		node = await startNode(env);
		ann = await signIn();
		await say(chatId, "and again");
		const said = await saidWith(chatId, "and again");
		expect(said.filter(({ content }) => content === "are you there")).toHaveLength(1);
	},
	START_MS,
);
