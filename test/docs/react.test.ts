/** What docs/react.md tells a newcomer to write, word for word but for the address. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { api } from "../support/http.ts";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { type Person, person } from "../support/people.ts";
import { programFolder, typeErrors } from "../support/programs.ts";
import { type ServedPage, servePage } from "../support/react-page.ts";
import { readyData } from "../support/ready-data.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const PAGE = read("docs/react.md");
const LIMIT_MS = 180_000;
const PARTS = ["routed", "support", "own", "slots", "words"];

/** Shows what a snippet exports, to the person whom the address names. */
const HARNESS = `
import { createClient } from "@parley/client";
import { Messenger, ParleyProvider } from "@parley/react";
import "@parley/react/styles.css";
import { createRoot } from "react-dom/client";
import { Own } from "./own.tsx";
import { Routed } from "./routed.tsx";
import { slots } from "./slots.tsx";
import { Support } from "./support.tsx";
import { German } from "./words.tsx";

const asked = new URLSearchParams(location.search);
const show = asked.get("show");
if (show === "messenger") await import("./messenger.tsx");
else {
	if (show === "theme") await import("./theme.css");
	const client = createClient({ url: location.origin, token: asked.get("token") ?? "" });
	const chatId = asked.get("chat") ?? "";
	const root = createRoot(document.getElementById("root") as HTMLElement);
	const shown = {
		routed: <Routed />,
		support: <Support chatId={chatId} />,
		own: <Own chatId={chatId} />,
		slots: <Messenger chatId={chatId} />,
		theme: <Messenger chatId={chatId} />,
	}[show ?? ""];
	if (show === "words") root.render(<German client={client} />);
	else root.render(<ParleyProvider client={client} language="en" slots={show === "slots" ? slots : {}}>{shown}</ParleyProvider>);
}
`;
const HTML = `<!doctype html><html lang="en"><title>docs</title><link rel="icon" href="data:,">
<style>html, body, #root { height: 100% }</style><div id="root"></div>
<script type="module" src="/main.tsx"></script></html>`;

const dataDir = mkdtempSync(join(tmpdir(), "parley-docs-"));
const folder = programFolder();
let node: ParleyNode;
let page: ServedPage;
let ben: Person;
let chatId: string;

beforeAll(async () => {
	const write = (name: string, text: string) => writeFileSync(join(folder.path, name), text);
	for (const name of PARTS) write(`${name}.tsx`, block(`part:${name}`));
	write("messenger.tsx", block("app:messenger").replaceAll('"http://127.0.0.1:3000"', "location.origin"));
	write("theme.css", block("css:theme"));
	const [, css] = PAGE.match(/^echo '(.+)' > src\/index\.css$/m) ?? [];
	write("index.css", css ?? "");
	write("main.tsx", HARNESS);
	write("index.html", HTML);
	// As the application's own that Vite makes.
	write("vite-env.d.ts", '/// <reference types="vite/client" />\n');

	node = await startNode({ CHAT_DATA_DIR: readyData(dataDir) });
	await api(node.url).post("/auth/register", {
		username: "ann",
		email: "ann@example.com",
		password: "parley-demo",
		displayName: "Ann",
	});
	ben = await person("Ben", [node.url]);
	const ann = (await ben.rest.get("/users?search=ann")).body as { items: { id: string }[] };
	const made = await ben.rest.post("/chats", { participantIds: [ann.items[0]?.id] });
	chatId = (made.body as { id: string }).id;
	await ben.say(chatId, "hello from Ben");
	page = await servePage(node.url, folder.path);
}, LIMIT_MS);

afterAll(async () => {
	await page?.close();
	await node?.stop();
	folder.remove();
	rmSync(dataDir, { recursive: true, force: true });
	expect(page.complaints).toEqual([]);
}, LIMIT_MS);

function block(name: string): string {
	const [, text] = PAGE.match(new RegExp(`<!-- ${name} -->\\n\`\`\`\\w*\\n([\\s\\S]*?)\`\`\``)) ?? [];
	if (text === undefined) throw new Error(`The page has no block ${name}.`);
	return text;
}

const open = (show: string) => page.open(`?${new URLSearchParams({ show, token: ben.token, chat: chatId })}`);

test("the compiler has nothing against them", async () => {
	const files = [...PARTS.map(name => `${name}.tsx`), "messenger.tsx", "vite-env.d.ts"];
	expect(await typeErrors(files.map(name => join(folder.path, name)))).toBe("");
}, 60_000);

test("the first one is a whole messenger, signed in", async () => {
	const shown = await open("messenger");
	await shown.locator(`[data-chat="${chatId}"]`).click();
	await shown.getByRole("textbox", { name: "Message" }).fill("hello from the docs");
	await shown.keyboard.press("Enter");
	await shown.locator("[data-seq='2']").waitFor();
	expect(await shown.evaluate(() => document.documentElement.scrollHeight <= innerHeight)).toBe(true);
	await shown.close();
}, 60_000);

test("a router can hold the state", async () => {
	const shown = await open("routed");
	await shown.locator(`[data-chat="${chatId}"]`).click();
	await shown.locator("[data-seq='1']").waitFor();
	expect(await shown.evaluate(() => location.hash)).toBe(`#${chatId}`);
	await shown.close();
}, 60_000);

test("parts stand in a view of one's own", async () => {
	const shown = await open("support");
	await shown.getByRole("region", { name: "Support" }).getByText("hello from Ben").waitFor();
	await shown.getByPlaceholder("How can we help?").waitFor();
	await shown.close();
}, 60_000);

test("hooks are enough for one without parts", async () => {
	const shown = await open("own");
	await shown.getByText("hello from Ben").waitFor();
	await shown.getByRole("button", { name: "Say hello" }).click();
	await shown.getByText(/^Hello \((sent|delivered|read)\)$/).waitFor();
	await shown.getByText("online, 0 unread").waitFor();
	await shown.close();
}, 60_000);

test("slots replace parts everywhere", async () => {
	const shown = await open("slots");
	await shown.locator("strong", { hasText: "HELLO FROM BEN" }).waitFor();
	expect(await shown.locator(".square").count()).toBeGreaterThan(1);
	await shown.close();
}, 60_000);

test("variables outside of layers win", async () => {
	const shown = await open("theme");
	const bubble = shown.locator("[data-own] .parley-bubble").first();
	await bubble.waitFor();
	const colours = await bubble.evaluate(one => getComputedStyle(one).backgroundColor);
	expect(["rgb(11, 110, 79)", "rgb(13, 92, 67)"]).toContain(colours);
	await shown.close();
}, 60_000);

test("a language is named, and a word is one's own", async () => {
	const shown = await open("words");
	await shown.getByRole("heading", { name: "Gespräche" }).waitFor();
	await shown.getByPlaceholder("Unterhaltungen filtern").waitFor();
	await shown.close();
}, 60_000);

/** What stands between backticks in the first column of a table, as `a`, `b(…)`. */
function named(heading: string): string[] {
	const [, rows] = PAGE.match(new RegExp(`\\| ${heading}[^\\n]*\\n\\|[ -|]*\\n((?:\\|[^\\n]*\\n)+)`)) ?? [];
	if (!rows) throw new Error(`The page has no table ${heading}.`);
	return rows
		.split("\n")
		.flatMap(row => [...(row.split("|")[1] ?? "").matchAll(/`([\w-]+)/g)].map(([, name]) => name as string));
}

test("the tables name all hooks, slots and variables, and no others", () => {
	const hooks = [...read("client/react/index.ts").matchAll(/\b(use[A-Z]\w+)\b/g)].map(([, name]) => name);
	expect(named("hook ").sort()).toEqual([...new Set(hooks)].sort());
	const slots = [...read("client/react/slots.ts").matchAll(/^\t(\w+): ComponentType/gm)].map(
		([, name]) => name,
	);
	expect(named("slots ").sort()).toEqual(slots.sort());
	const variables = [...read("client/react/styles/base.css").matchAll(/^\t--parley-([\w-]+):/gm)];
	const used = [...new Set(variables.map(([, name]) => name)), "layer"];
	expect(named("variables,").sort()).toEqual(used.sort());
});
