/** What a first start in development offers those who only look, and what production does not. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { eventually } from "../support/stage.ts";
import { field, message, say, Web } from "../support/web.ts";

const START_MS = 120_000;
const folder = mkdtempSync(join(tmpdir(), "parley-web-demo-"));
const nodes: ParleyNode[] = [];
let web: Web;

beforeAll(async () => {
	web = await Web.open();
}, START_MS);

afterAll(async () => {
	await web.close();
	await Promise.all(nodes.map(node => node.stop()));
	rmSync(folder, { recursive: true, force: true });
	expect(web.complaints).toEqual([]);
}, START_MS);

async function start(form: "development" | "production"): Promise<ParleyNode> {
	const node = await startNode({
		NODE_ENV: form,
		CHAT_DATA_DIR: join(folder, form),
		CHAT_JWT_SECRET: randomBytes(32).toString("hex"),
	});
	nodes.push(node);
	return node;
}

test(
	"one click signs in as one of the demo people, who writes to the bot, and another as somebody else",
	async () => {
		const node = await start("development");
		await eventually(
			async () => node.output().includes("The demo is there"),
			isThere => isThere,
			60_000,
		);
		const { page } = await web.visitor({ url: node.url });
		await page.getByRole("button", { name: "Ann", exact: true }).click();
		await page.locator(".parley-messenger").waitFor();
		await page.getByRole("button", { name: "Find people" }).click();
		await page.getByRole("dialog").getByRole("combobox").fill("echo");
		await page.getByRole("dialog").getByRole("option").first().click();
		await field(page).waitFor();
		await say(page, "is there anybody?");
		await page.getByRole("button", { name: /^Account/ }).click();
		await page.getByRole("menuitem", { name: "Switch person" }).click();
		await page.getByRole("dialog").getByRole("button", { name: "Ben", exact: true }).click();
		await page.getByRole("button", { name: /^Account: Ben/ }).waitFor();
		expect(await message(page, "is there anybody?").count()).toBe(0);
	},
	START_MS,
);

test(
	"in production nobody is offered to be somebody else",
	async () => {
		const node = await start("production");
		const { page } = await web.visitor({ url: node.url });
		const asked = page.waitForResponse(response => response.url().endsWith("/dev/people.json"));
		await page.reload();
		expect((await asked).status()).toBe(404);
		await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
		expect(await page.locator(".app-demo").count()).toBe(0);
	},
	START_MS,
);
