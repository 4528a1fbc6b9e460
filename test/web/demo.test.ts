/** What a first start in development offers those who only look, and what production does not. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Locator, Page } from "playwright-core";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { eventually } from "../support/stage.ts";
import { field, say, Web } from "../support/web.ts";

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

/** The colour of somebody's face. */
const hueOf = (within: Locator): Promise<string> =>
	within.locator(".parley-avatar").evaluate(face => getComputedStyle(face).getPropertyValue("--parley-hue"));

/** From now on, whom the page belonged to, other than to the one it belongs to now, while it showed these words. */
async function watchForLeaks(page: Page, words: string): Promise<() => Promise<string[]>> {
	await page.evaluate(words => {
		const owner = () => document.querySelector(".app-account")?.getAttribute("aria-label") ?? "nobody";
		const [first, leaks] = [owner(), [] as string[]];
		Object.assign(window, { leaks });
		const look = () => {
			if (owner() !== first && document.body.textContent?.includes(words)) leaks.push(owner());
		};
		new MutationObserver(look).observe(document.body, {
			subtree: true,
			childList: true,
			characterData: true,
			attributes: true,
		});
	}, words);
	return () => page.evaluate(() => (window as unknown as { leaks: string[] }).leaks);
}

test(
	"one click signs in as one of the demo people, who talks with the bot, and another as somebody else",
	async () => {
		const node = await start("development");
		await eventually(
			async () => node.output().includes("The demo is there"),
			isThere => isThere,
			60_000,
		);
		const { page } = await web.visitor({ url: node.url });
		const ann = page.getByRole("button", { name: "Ann", exact: true });
		const outside = await hueOf(ann);
		await ann.click();
		await page.locator(".parley-messenger").waitFor();
		expect(outside).toMatch(/^\d+$/);
		expect(await hueOf(page.getByRole("button", { name: "Account: Ann" }))).toBe(outside);
		await page.getByRole("button", { name: "Find people" }).click();
		await page.getByRole("dialog").getByRole("combobox").fill("echo");
		await page.getByRole("dialog").getByRole("option", { name: "Echo Bot" }).click();
		await field(page).waitFor();
		await say(page, "is there anybody?");
		await page
			.locator(".parley-main .parley-message:not([data-own])")
			.filter({ hasText: "is there anybody?" })
			.waitFor();
		const leaks = await watchForLeaks(page, "is there anybody?");
		await page.getByRole("button", { name: /^Account/ }).click();
		await page.getByRole("menuitem", { name: "Switch person" }).click();
		await page.getByRole("dialog").getByRole("button", { name: "Ben", exact: true }).click();
		await page.getByRole("button", { name: /^Account: Ben/ }).waitFor();
		await page.getByRole("heading", { name: "No chat is open" }).waitFor();
		expect(new URL(page.url()).pathname).toBe("/");
		expect(await leaks()).toEqual([]);
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
