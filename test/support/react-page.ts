/** The kit in a real Chromium: the messenger of test/react/fixture, or a page of a test's own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchChromium } from "./page.ts";
import { type Person, urls } from "./people.ts";

const FIXTURE = path.resolve(import.meta.dirname, "../react/fixture");
const PROCESS = path.join(import.meta.dirname, "react-page-process.ts");

export interface Show {
	chat?: string;
	language?: string;
	theme?: string;
	width?: number;
	height?: number;
}

export interface Messengers {
	/** What pages said was wrong, of all of them. */
	complaints: string[];
	/** The messenger of a person, with their chats loaded. */
	open(who: Person, show?: Show): Promise<Page>;
	close(): Promise<void>;
}

/** In front of the form that the tests run against. */
export async function startMessengers(): Promise<Messengers> {
	const { complaints, open, close } = await servePage(urls()[0] as string, FIXTURE);
	return {
		complaints,
		close,
		async open(who, { width, height, ...asked } = {}) {
			const page = await open(`?${new URLSearchParams({ token: who.token, ...asked })}`, { width, height });
			await page.locator("[data-chat], .parley-empty").first().waitFor({ state: "attached" });
			return page;
		},
	};
}

export interface ServedPage {
	complaints: string[];
	/** Opens the page in a browser of its own, with what stands behind its address. */
	open(query: string, size?: Pick<Show, "width" | "height">): Promise<Page>;
	close(): Promise<void>;
}

/** Builds the page in `folder` and serves it in front of a server. */
export async function servePage(server: string, folder: string): Promise<ServedPage> {
	const child = spawn(process.execPath, [PROCESS, server, folder], {
		env: { ...process.env, NODE_ENV: "" },
		stdio: ["ignore", "pipe", "inherit"],
	});
	const [address, browser] = await Promise.all([firstLine(child), launchChromium()]);
	const complaints: string[] = [];
	const idle: BrowserContext[] = [];
	return {
		complaints,
		open: async (query, size) => {
			const page = await newPage({ browser, idle, complaints }, size);
			await page.goto(`${address}${query}`);
			return page;
		},
		async close() {
			await browser.close();
			child.kill("SIGTERM");
			await once(child, "exit");
		},
	};
}

/** A page in a context that no other page is in; one that a page has left is taken again, with what it keeps warm. */
async function newPage(
	{ browser, idle, complaints }: { browser: Browser; idle: BrowserContext[]; complaints: string[] },
	{ width = 1200, height = 800 }: Pick<Show, "width" | "height"> = {},
): Promise<Page> {
	const context = idle.pop() ?? (await browser.newContext());
	await context.setOffline(false);
	const page = await context.newPage();
	page.once("close", () => idle.push(context));
	await page.setViewportSize({ width, height });
	page.on("pageerror", error => complaints.push(error.stack ?? error.message));
	page.on("console", message => {
		if (message.type() === "error") complaints.push(message.text());
	});
	return page;
}

async function firstLine(child: ChildProcess): Promise<string> {
	if (!child.stdout) throw new Error("Nothing can be heard of the page's process.");
	for await (const line of createInterface({ input: child.stdout })) return line;
	throw new Error("The page's process ended before it served.");
}
