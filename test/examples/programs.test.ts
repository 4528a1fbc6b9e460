/** The examples as they stand: with the package as it is built, against a server of their own. */
import { execFile } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import type { Message } from "../../contracts/messages.ts";
import { clientOf, endClients, enter, until } from "../support/clients.ts";
import { api } from "../support/http.ts";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { ok, Person } from "../support/people.ts";
import { type Running, start } from "../support/programs.ts";
import { readyData } from "../support/ready-data.ts";
import { freePorts } from "../support/servers/ports.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LIMIT_MS = 120_000;
const LINES_MAX = 15;
const SECRET = "a secret of the host, long enough for HS256";

const dataDir = mkdtempSync(join(tmpdir(), "parley-examples-"));
let node: ParleyNode;
let ann: Person;
let ben: Person;
let running: Running[] = [];

const example = (name: string) => join(ROOT, "examples", name);

function begin(name: string, env: Record<string, string> = {}): Running {
	const program = start(example(name), { PARLEY_URL: node.url, ...env }, { built: true });
	running.push(program);
	return program;
}

async function register(username: string): Promise<Person> {
	const password = "parley-demo";
	const body = { username, email: `${username}@example.com`, password, displayName: username };
	const {
		user,
		accessToken: token,
		refreshToken,
	} = ok<{
		user: { id: string };
		accessToken: string;
		refreshToken: string;
	}>(await api(node.url).post("/auth/register", body));
	return new Person({ id: user.id, username, password, token, refreshToken, urls: [node.url] });
}

beforeAll(async () => {
	await promisify(execFile)(process.execPath, [join(ROOT, "scripts/build.ts"), "client"], { cwd: ROOT });
	const issuer = {
		issuer: "https://my-app.example",
		audience: "parley",
		algorithms: ["HS256"],
		secret: SECRET,
	};
	node = await startNode({ CHAT_DATA_DIR: readyData(dataDir), CHAT_JWT_ISSUERS: JSON.stringify([issuer]) });
	[ann, ben] = [await register("ann"), await register("ben")];
}, LIMIT_MS);

afterEach(() => {
	endClients();
	for (const program of running) program.stop();
	running = [];
});

afterAll(async () => {
	await node?.stop();
	rmSync(dataDir, { recursive: true, force: true });
}, LIMIT_MS);

test.each(globSync("examples/**/*.{ts,tsx,mjs,sh}", { cwd: ROOT }))("%s is a few lines", file => {
	const code = readFileSync(join(ROOT, file), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|^\s*(?:\/\/|#).*$/gm, "");
	expect(code.split("\n").filter(line => line.trim() !== "").length).toBeLessThan(LINES_MAX);
});

test(
	"the bot answers a direct chat, and in a group only who mentions it",
	async () => {
		const bot = begin("bot.ts");
		await bot.says("ben listens");
		const client = await enter(ann);
		const direct = await client.createChat({ participantIds: [ben.id] });
		direct.open();
		direct.send({ content: "Are you there?" });
		await until(direct.state, ({ messages }) => messages.at(-1)?.content === "You said: Are you there?");
		const group = await client.createChat({ type: "group", participantIds: [ben.id] });
		group.open();
		group.send({ content: "to all" });
		group.send({ content: "to the bot", mentions: [ben.id] });
		await until(group.state, ({ messages }) => messages.length === 3);
		expect(group.state.get().messages.at(-1)?.content).toBe("You said: to the bot");
	},
	LIMIT_MS,
);

test(
	"socket.io-client alone opens a chat, sends and hears",
	async () => {
		const { id } = await ann.group(ben);
		await ben.say(id, "first");
		const program = begin("socket.mjs", { TOKEN: ann.token, CHAT: id });
		await program.says("1 messages, up to revision 3");
		await program.says("sent: ok 2");
		await ben.say(id, "and heard");
		await program.says("3: and heard");
	},
	LIMIT_MS,
);

test(
	"curl signs in, writes and reads, and may repeat itself",
	async () => {
		const curl = () =>
			promisify(execFile)("sh", [example("rest.sh")], {
				env: {
					...process.env,
					PARLEY_URL: node.url,
					NO_PROXY: "127.0.0.1",
					no_proxy: "127.0.0.1",
					NODE_OPTIONS: "",
				},
			});
		const { stdout: once } = await curl();
		const { stdout: again } = await curl();
		expect(again).toBe(once);
		expect(once).toMatch(/^Hello by curl\n\d+: Hello by curl\n$/);
	},
	LIMIT_MS,
);

test(
	"an application's own user chats with a token that it has signed",
	async () => {
		const [port = 0] = await freePorts(1);
		const host = begin("host-app.ts", { PORT: String(port), CHAT_SECRET: SECRET });
		await host.says(`tokens at http://127.0.0.1:${port}/chat-token`);
		const token = async () => (await fetch(`http://127.0.0.1:${port}/chat-token`)).text();
		const client = clientOf(ann, { token, account: "7" });
		client.connect();
		await client.ready();
		expect(client.me.get()).toMatchObject({ displayName: "Grace Hopper" });
		const chat = await client.createChat({ participantIds: [ben.id] });
		chat.send({ content: "from another application" });
		await until(client.waiting, waiting => waiting === 0);
		const page = ok<{ items: Message[] }>(await ben.rest.get(`/chats/${chat.id}/messages`));
		expect(page.items.map(({ content }) => content)).toEqual(["from another application"]);
	},
	LIMIT_MS,
);
