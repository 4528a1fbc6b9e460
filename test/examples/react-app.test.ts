/** The React app as it stands, built with the packages as they are built, in a browser. */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Browser } from "playwright-core";
import { api } from "../support/http.ts";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { launchChromium } from "../support/page.ts";
import { ok } from "../support/people.ts";
import { readyData } from "../support/ready-data.ts";
import { freePorts } from "../support/servers/ports.ts";
import { eventually } from "../support/stage.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LIMIT_MS = 240_000;
const TYPES: Record<string, string> = { html: "text/html", js: "text/javascript", css: "text/css" };

const folder = mkdtempSync(join(tmpdir(), "parley-react-app-"));
let node: ParleyNode;
let server: Server;
let browser: Browser;
let pageUrl = "";

const run = (file: string, args: string[], env: Record<string, string> = {}) =>
	promisify(execFile)(process.execPath, [join(ROOT, file), ...args], {
		cwd: ROOT,
		env: { ...process.env, NODE_ENV: "", NODE_OPTIONS: "", ...env },
	});

beforeAll(async () => {
	const [port, pagePort] = (await freePorts(2)) as [number, number];
	const url = `http://127.0.0.1:${port}`;
	pageUrl = `http://127.0.0.1:${pagePort}`;
	const built = (async () => {
		await run("scripts/build.ts", ["client", "react"]);
		const args = ["build", "examples/react-app", "--outDir", join(folder, "page"), "--logLevel", "error"];
		await run("node_modules/vite/bin/vite.js", args, { VITE_PARLEY_URL: url });
	})();
	const env = {
		CHAT_PORT: String(port),
		CHAT_DATA_DIR: readyData(join(folder, "data")),
		CHAT_CORS_ORIGINS: pageUrl,
	};
	[node, browser] = await Promise.all([startNode(env), launchChromium(), built]);
	server = createServer((req, res) => {
		const file = join(folder, "page", req.url === "/" ? "index.html" : (req.url ?? ""));
		res.statusCode = existsSync(file) ? 200 : 404;
		res.setHeader("Content-Type", TYPES[file.split(".").at(-1) ?? ""] ?? "application/octet-stream");
		res.end(existsSync(file) ? readFileSync(file) : "");
	});
	await new Promise<void>(done => server.listen(pagePort, "127.0.0.1", done));
}, LIMIT_MS);

afterAll(async () => {
	await browser?.close();
	await new Promise(done => server?.close(done));
	await node?.stop();
	rmSync(folder, { recursive: true, force: true });
}, LIMIT_MS);

test(
	"somebody's message is read in the app, and answered",
	async () => {
		const register = async (username: string) => {
			const body = {
				username,
				email: `${username}@example.com`,
				password: "parley-demo",
				displayName: username,
			};
			return ok<{ user: { id: string }; accessToken: string }>(
				await api(node.url).post("/auth/register", body),
			);
		};
		const [ann, ben] = [await register("ann"), await register("ben")];
		const rest = api(node.url, ben.accessToken);
		const { id } = ok<{ id: string }>(await rest.post("/chats", { participantIds: [ann.user.id] }));
		await rest.post(`/chats/${id}/messages`, { content: "Hello from elsewhere" });

		const page = await browser.newPage({ viewport: { width: 1_280, height: 800 }, locale: "en" });
		const problems: string[] = [];
		page.on("pageerror", err => problems.push(String(err)));
		await page.goto(pageUrl);
		await page.getByText("ben", { exact: true }).first().click();
		await page.getByRole("log").getByText("Hello from elsewhere").waitFor();
		await page.getByRole("textbox").last().fill("Hello from the app");
		await page.keyboard.press("Enter");
		await page.getByRole("log").getByText("Hello from the app").waitFor();
		const said = async () =>
			ok<{ items: { content: string }[] }>(await rest.get(`/chats/${id}/messages`)).items.map(
				it => it.content,
			);
		await expect(eventually(said, words => words.length === 2)).resolves.toEqual([
			"Hello from elsewhere",
			"Hello from the app",
		]);
		expect(problems).toEqual([]);
	},
	LIMIT_MS,
);
