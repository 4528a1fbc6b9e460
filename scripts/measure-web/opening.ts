/** What it takes to open the client: its scripts, and the time until one can write. */
import type { Browser, BrowserContext } from "playwright-core";
import { progressBar } from "../../load/print/progress.ts";
import { median } from "../../load/print/table.ts";
import { COMPOSER, ROW, type Scripts, watch } from "./page.ts";
import type { Server } from "./server.ts";

const VIEWPORT = { width: 1_440, height: 900 };

export interface Opening {
	/** In ms since the navigation began. */
	firstPaint: number;
	/** When the first letter was in the composer. */
	interactive: number;
	longestTask: number;
	scripts: Scripts;
}

/** A browser of its own, at first with nobody in it. `worker`: with the service worker, as people have it. */
export const newVisitor = (browser: Browser, { worker }: { worker: boolean }): Promise<BrowserContext> =>
	browser.newContext({
		viewport: VIEWPORT,
		locale: "en-GB",
		reducedMotion: "reduce",
		serviceWorkers: worker ? "allow" : "block",
	});

/** Signs in as the first of the demo's people, and resolves with what the sign-in page took. */
export async function signIn(context: BrowserContext, { url }: Server): Promise<Scripts> {
	const { page, scripts } = await watch(context, { cache: true });
	await page.goto(url);
	await page.locator(".app-demo-person").first().waitFor();
	const weight = scripts({ ofThePage: true });
	await page.locator(".app-demo-person").first().click();
	await page.locator(".parley-chat").first().waitFor();
	await page.close();
	return weight;
}

/** Waits until later visits are the service worker's. */
export async function untilKept(context: BrowserContext, { url }: Server): Promise<void> {
	const page = await context.newPage();
	await page.goto(url);
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
	await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
	await page.close();
}

/** Opens the long chat in a tab of its own, so many times. */
export async function openOften(
	context: BrowserContext,
	server: Server,
	{ cache, runs, label }: { cache: boolean; runs: number; label: string },
): Promise<Opening[]> {
	const bar = progressBar(label);
	const openings: Opening[] = [];
	for (let run = 1; run <= runs; run++) {
		openings.push(await open(context, server, cache));
		bar.at(run / runs);
	}
	bar.end();
	return openings;
}

async function open(context: BrowserContext, server: Server, cache: boolean): Promise<Opening> {
	const { page, scripts, longestTask } = await watch(context, { cache });
	await page.goto(`${server.url}/c/${server.chatId}`, { waitUntil: "commit" });
	await page.locator(COMPOSER).press("x");
	const weight = scripts();
	await page.locator(ROW).last().waitFor();
	const [firstPaint, interactive] = await page.evaluate(() => [
		performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? Number.NaN,
		window.watch.typedAt || Number.NaN,
	]);
	const longest = await longestTask();
	await page.locator(COMPOSER).fill("");
	await page.close();
	return {
		firstPaint: firstPaint ?? Number.NaN,
		interactive: interactive ?? Number.NaN,
		longestTask: longest,
		scripts: weight,
	};
}

export const middle = (openings: Opening[], of: (opening: Opening) => number): number =>
	median(openings.map(of));
