/** A chat scrolled by the wheel from its end to its beginning, and what the page holds meanwhile. */
import type { BrowserContext, CDPSession, Page } from "playwright-core";
import { progressBar } from "../../load/print/progress.ts";
import { COMPOSER, LOG, ROW, watch } from "./page.ts";
import type { Server } from "./server.ts";

/** One turn; less than what is drawn at once, so that nothing is passed by. */
const TURN_PX = 800;
const TURNS_A_LOOK = 20;
const WEIGHINGS = 10;
const STALL_MS = 60_000;
const SETTLE_MS = 3_000;

export interface Weight {
	/** How many messages had been drawn. */
	seen: number;
	/** Of the heap after a collection, in bytes. */
	heap: number;
	/** Of the document, and those that scripts still hold. */
	nodes: number;
}

export interface Scrolled {
	/** When opened, ten times on the way, and at the beginning. */
	weights: Weight[];
	/** In ms. */
	longestTask: number;
	unseen: number;
	seconds: number;
}

declare global {
	interface Window {
		/** By `seq`, whether it has been drawn. */
		seen: { marks: Uint8Array; count: number };
	}
}

export async function scrollThrough(
	context: BrowserContext,
	server: Server,
	count: number,
): Promise<Scrolled> {
	const { page, cdp, longestTask, aside } = await watch(context, { cache: true });
	await page.goto(`${server.url}/c/${server.chatId}`);
	await page.locator(COMPOSER).waitFor();
	await page.locator(ROW).last().waitFor();
	await page.waitForTimeout(SETTLE_MS);
	await markWhatIsDrawn(page, count);
	await longestTask();
	const weights = [await aside(() => weigh(cdp, 0))];
	await page.locator(LOG).hover();
	const bar = progressBar(`scrolling through ${count} messages`);
	const begun = performance.now();
	let [most, movedAt] = [0, Date.now()];
	for (let weighAt = count / WEIGHINGS; ; ) {
		for (let turn = 0; turn < TURNS_A_LOOK; turn++) {
			await page.mouse.wheel(0, -TURN_PX);
			// The wheel does not wait for the page; a person does, who reads. In one frame the list moves, in the next its
			// rows are drawn: two turns in a frame would pass some by.
			await page.evaluate(async () => {
				for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
			});
		}
		const { seen, isAtStart } = await look(page);
		if (isAtStart) break;
		if (seen > most) [most, movedAt] = [seen, Date.now()];
		else if (Date.now() - movedAt > STALL_MS) break;
		bar.at(seen / count);
		if (seen < weighAt) continue;
		weights.push(await aside(() => weigh(cdp, seen)));
		// A bar is drawn on terminals only, and this takes minutes.
		if (!process.stderr.isTTY) console.error(`  ${seen} of ${count}`);
		weighAt += count / WEIGHINGS;
	}
	const seconds = (performance.now() - begun) / 1_000;
	bar.end();
	const { seen } = await look(page);
	const longest = await longestTask();
	await page.waitForTimeout(SETTLE_MS);
	weights.push(await weigh(cdp, seen));
	await page.close();
	return { weights, longestTask: longest, unseen: count - seen, seconds };
}

/** From now on, with each frame. */
async function markWhatIsDrawn(page: Page, count: number): Promise<void> {
	await page.evaluate(count => {
		const seen = { marks: new Uint8Array(count + 1), count: 0 };
		window.seen = seen;
		const mark = () => {
			for (const row of document.querySelectorAll<HTMLElement>(".parley-main .parley-row[data-seq]")) {
				const seq = Number(row.dataset.seq);
				if (seq > count || seen.marks[seq] === 1) continue;
				seen.marks[seq] = 1;
				seen.count++;
			}
			requestAnimationFrame(mark);
		};
		mark();
	}, count);
}

function look(page: Page): Promise<{ seen: number; isAtStart: boolean }> {
	return page.evaluate(() => {
		const top = document.querySelector(".parley-main .parley-log")?.scrollTop ?? 0;
		return { seen: window.seen.count, isAtStart: window.seen.marks[1] === 1 && top <= 0 };
	});
}

async function weigh(cdp: CDPSession, seen: number): Promise<Weight> {
	// What the first one finalizes, the second one frees.
	for (let i = 0; i < 2; i++) await cdp.send("HeapProfiler.collectGarbage");
	const { usedSize } = await cdp.send("Runtime.getHeapUsage");
	const { nodes } = await cdp.send("Memory.getDOMCounters");
	return { seen, heap: usedSize, nodes };
}
