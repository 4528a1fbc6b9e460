/** What docs/client.md tells a newcomer to write, word for word but for the addresses. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import jwt from "jsonwebtoken";
import type { ChatStatus, ConnectionStatus } from "../../client/api.ts";
import { TRANSITIONS } from "../../client/connection/transitions.ts";
import { CHAT_TRANSITIONS } from "../../client/log/transitions.ts";
import { api } from "../support/http.ts";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { type Pages, servePages } from "../support/page.ts";
import { programFolder, run, typeErrors } from "../support/programs.ts";
import { readyData } from "../support/ready-data.ts";
import { freePorts } from "../support/servers/ports.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const PAGE = readFileSync(join(ROOT, "docs/client.md"), "utf8");
const LIMIT_MS = 120_000;
const PASSWORD = "parley-demo";
const ISSUER = {
	issuer: "https://host.example",
	audience: "parley",
	algorithms: ["HS256"],
	secret: "s".repeat(32),
};

const dataDir = mkdtempSync(join(tmpdir(), "parley-docs-"));
const folder = programFolder();
let node: ParleyNode;
let host: Server;
let pages: Pages;
let url = "";

beforeAll(async () => {
	const [port] = await freePorts(1);
	url = `http://127.0.0.1:${port}`;
	const sources = { "@parley/client/browser": "client/browser.ts", "@parley/client": "client/index.ts" };
	let text = blocks("page:browser").replaceAll("http://127.0.0.1:3000", url);
	for (const [name, source] of Object.entries(sources))
		text = text.replaceAll(`"${name}"`, `"${ROOT}${source}"`);
	pages = await servePages(write("page", text));
	node = await startNode({
		CHAT_PORT: String(port),
		CHAT_DATA_DIR: readyData(dataDir),
		CHAT_CORS_ORIGINS: pages.url,
		CHAT_JWT_ISSUERS: JSON.stringify([ISSUER]),
	});
	for (const username of ["ann", "ben"])
		await api(url).post("/auth/register", {
			username,
			email: `${username}@example.com`,
			password: PASSWORD,
			displayName: username,
		});
	host = createServer((_req, res) => {
		const { issuer, audience, secret } = ISSUER;
		res.end(jwt.sign({ name: "Seven" }, secret, { issuer, audience, subject: "7", expiresIn: "1h" }));
	});
	await new Promise<void>(done => host.listen(0, "127.0.0.1", done));
}, LIMIT_MS);

afterAll(async () => {
	folder.remove();
	host?.close();
	await pages?.close();
	await node?.stop();
	rmSync(dataDir, { recursive: true, force: true });
}, LIMIT_MS);

/** All code blocks behind a marker, as one program. */
function blocks(name: string): string {
	const found = [...PAGE.matchAll(new RegExp(`<!-- ${name} -->\\n\`\`\`\\w*\\n([\\s\\S]*?)\`\`\``, "g"))];
	if (found.length === 0) throw new Error(`The page has no block ${name}.`);
	return found.map(([, text]) => text).join("\n");
}

function write(name: string, text: string): string {
	const file = join(folder.path, `${name}.ts`);
	writeFileSync(file, text);
	return file;
}

function program(name: string): string {
	const { port } = host.address() as AddressInfo;
	const text = blocks(`run:${name}`).replaceAll("http://127.0.0.1:3000", url);
	return write(name, text.replaceAll("http://127.0.0.1:4000", `http://127.0.0.1:${port}`));
}

test("each snippet of code is run", () => {
	const marked = [...PAGE.matchAll(/<!-- (?:run|page):\w+ -->\n```ts/g)].length;
	expect([...PAGE.matchAll(/```ts/g)]).toHaveLength(marked);
});

test(
	"all snippets compile as strict as applications are",
	async () => {
		const stubs = write(
			"native.d",
			`declare module "@react-native-community/netinfo" {
				const NetInfo: { addEventListener(heard: (state: { isConnected: boolean | null }) => void): () => void };
				export default NetInfo;
			}
			declare module "react-native" {
				export const AppState: { currentState: string; addEventListener(on: "change", heard: (state: string) => void): void };
			}`,
		);
		const page = write("page-as-written", blocks("page:browser"));
		const own = ["app", "host", "signout", "native"].map(program);
		const said = await Promise.all([typeErrors([...own, page, stubs]), typeErrors([program("custom")])]);
		expect(said).toEqual(["", ""]);
	},
	LIMIT_MS,
);

test(
	"the application runs from nothing to its end, and first prints what the page shows",
	async () => {
		const lines = await run(program("app"));
		const shown = blocks("printed:app").trimEnd().split("\n");
		expect(lines.slice(0, shown.length)).toEqual(shown);
		expect(lines).toEqual(
			expect.arrayContaining([
				"ann",
				"ben 0 0 Hello Ben",
				"unread in all: 0",
				"refused: VALIDATION_ERROR",
				"VALIDATION_ERROR name",
			]),
		);
	},
	LIMIT_MS,
);

test(
	"a host application's user, one who signs out, and custom data do what the page says",
	async () => {
		expect(await run(program("host"))).toEqual(["Seven"]);
		expect(await run(program("signout"))).toEqual(["signed-out"]);
		expect(await run(program("custom"))).toEqual(["a7 7"]);
	},
	LIMIT_MS,
);

test(
	"the snippet for React Native runs where there is only what React Native has",
	async () => {
		const netInfo = write(
			"netinfo",
			"export default { addEventListener: heard => (heard({ isConnected: true }), () => {}) };",
		);
		const appState = write(
			"appstate",
			'export const AppState = { currentState: "active", addEventListener() {} };',
		);
		const standIns = {
			"@react-native-community/netinfo": `file://${netInfo}`,
			"react-native": `file://${appState}`,
		};
		const more = `\nclient.connect();\nawait client.ready().catch(err => console.log(err.code));\n`;
		const file = write("native-run", `${readFileSync(program("native"), "utf8")}${more}`);
		expect(await run(file, { TEST_STAND_INS: JSON.stringify(standIns) })).toEqual(["UNAUTHENTICATED"]);
	},
	LIMIT_MS,
);

test(
	"the snippet for browsers runs in one, and a reload needs no password",
	async () => {
		const page = await pages.browser.newPage();
		const problems: string[] = [];
		page.on("pageerror", err => problems.push(String(err)));
		const signedIn = page.waitForResponse(answer => answer.url().endsWith("/auth/login"));
		await page.goto(pages.url);
		await signedIn;
		const met = page.waitForResponse(answer => answer.url().endsWith("/users/me"));
		expect((await met).status()).toBe(200);
		const logins: string[] = [];
		page.on("request", request => request.url().endsWith("/auth/login") && logins.push(request.url()));
		const again = page.waitForResponse(answer => answer.url().endsWith("/users/me"));
		await page.reload();
		expect((await again).status()).toBe(200);
		expect(logins).toEqual([]);
		expect(problems).toEqual([]);
	},
	LIMIT_MS,
);

test("the tables of states name every state", () => {
	const connection: Record<ConnectionStatus, true> = {
		idle: true,
		connecting: true,
		online: true,
		resuming: true,
		reconnecting: true,
		unreachable: true,
		offline: true,
		"signed-out": true,
	};
	const chat: Record<ChatStatus, true> = {
		closed: true,
		opening: true,
		live: true,
		recovering: true,
		gone: true,
	};
	const section = (title: string) => PAGE.split(`\n## ${title}\n`)[1]?.split("\n## ")[0] ?? "";
	const states = (title: string) => {
		const [, table = ""] = section(title).split(/\| status \|.*\n\| ---.*\n/);
		return [...(table.split("\n\n")[0] ?? "").matchAll(/^\| `([\w-]+)`/gm)].map(([, state]) => state);
	};
	expect(states("The connection")).toEqual(Object.keys(connection));
	expect(states("A chat")).toEqual(Object.keys(chat));
	expect(new Set(CHAT_TRANSITIONS.flatMap(({ from, to }) => [from, to]))).toEqual(new Set(Object.keys(chat)));
	expect(new Set(TRANSITIONS.flatMap(({ from, to }) => [from, to]))).toEqual(
		new Set(Object.keys(connection)),
	);
});
