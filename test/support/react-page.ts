/** The messenger of test/react/fixture in a real Chromium, in front of the form that the tests run against. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Browser, Page } from "playwright-core";
import { launchChromium } from "./page.ts";
import { type Person, urls } from "./people.ts";

const PROCESS = path.join(import.meta.dirname, "react-page-process.ts");

export interface Show {
	chat?: string;
	language?: string;
	theme?: string;
	width?: number;
	height?: number;
	/** Of the fixture: what it shows beside the messenger's own. */
	scene?: string;
}

export interface Messengers {
	/** What pages said was wrong, of all of them. */
	complaints: string[];
	/** The messenger of a person, with their chats loaded. */
	open(who: Person, show?: Show): Promise<Page>;
	close(): Promise<void>;
}

export async function startMessengers(): Promise<Messengers> {
	const child = spawn(process.execPath, [PROCESS, urls()[0] as string], {
		env: { ...process.env, NODE_ENV: "" },
		stdio: ["ignore", "pipe", "inherit"],
	});
	const [address, browser] = await Promise.all([firstLine(child), launchChromium()]);
	const complaints: string[] = [];
	return {
		complaints,
		open: (who, show = {}) => open(browser, address, who, show, complaints),
		async close() {
			await browser.close();
			child.kill("SIGTERM");
			await once(child, "exit");
		},
	};
}

async function open(browser: Browser, address: string, who: Person, show: Show, complaints: string[]) {
	const { width = 1200, height = 800, ...asked } = show;
	const page = await browser.newPage({ viewport: { width, height } });
	page.on("pageerror", error => complaints.push(error.stack ?? error.message));
	page.on("console", message => {
		if (message.type() === "error") complaints.push(message.text());
	});
	const query = new URLSearchParams({ token: who.token, ...asked });
	await page.goto(`${address}?${query}`);
	await page.locator("[data-chat], .parley-empty").first().waitFor();
	return page;
}

async function firstLine(child: ChildProcess): Promise<string> {
	if (!child.stdout) throw new Error("Nothing can be heard of the page's process.");
	for await (const line of createInterface({ input: child.stdout })) return line;
	throw new Error("The page's process ended before it served.");
}
