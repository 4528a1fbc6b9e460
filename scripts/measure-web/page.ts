/** A page that is watched while it runs: its long tasks, when it first takes a letter, and what its scripts weigh. */
import type { BrowserContext, CDPSession, Page } from "playwright-core";

export const COMPOSER = ".parley-main .parley-composer-text";
export const LOG = ".parley-main .parley-log";
export const ROW = ".parley-main .parley-row";

/** A machine that does other things too is slow, and that is told by the figures. */
const PATIENCE_MS = 120_000;

/** What a watched page tells of itself. */
interface Watch {
	/** ms; the longest task since it was last asked. */
	longest: number;
	/** Tasks that began before, in ms, are not counted: they are the measuring's own. */
	from: number;
	/** When the first letter was in, in ms since the navigation began; 0 before. */
	typedAt: number;
	flush(): void;
}

declare global {
	interface Window {
		watch: Watch;
	}
}

export interface Scripts {
	/** In bytes, as they are sent; without headers. */
	sent: number;
	/** In bytes, as the engine reads them. */
	unpacked: number;
}

export interface Watched {
	page: Page;
	cdp: CDPSession;
	/** What has come so far; `ofThePage`: only what the page itself names, not what its scripts fetch later. */
	scripts(options?: { ofThePage: boolean }): Scripts;
	/** In ms, since this was asked before. */
	longestTask(): Promise<number>;
	/** Does something that is no work of the page's. */
	aside<T>(work: () => Promise<T>): Promise<T>;
}

export async function watch(context: BrowserContext, { cache }: { cache: boolean }): Promise<Watched> {
	const page = await context.newPage();
	page.setDefaultTimeout(PATIENCE_MS);
	const cdp = await context.newCDPSession(page);
	await cdp.send("Network.enable");
	await cdp.send("Network.setCacheDisabled", { cacheDisabled: !cache });
	const scripts = countScripts(cdp);
	await page.addInitScript(() => {
		const observer = new PerformanceObserver(list => take(list.getEntries()));
		const take = (tasks: PerformanceEntryList) => {
			for (const { startTime, duration } of tasks)
				if (startTime >= window.watch.from) window.watch.longest = Math.max(window.watch.longest, duration);
		};
		window.watch = { longest: 0, from: 0, typedAt: 0, flush: () => take(observer.takeRecords()) };
		observer.observe({ type: "longtask", buffered: true });
		const onInput = () => {
			window.watch.typedAt ||= performance.now();
		};
		addEventListener("input", onInput, true);
	});
	return {
		page,
		cdp,
		scripts,
		longestTask: () =>
			page.evaluate(() => {
				window.watch.flush();
				const { longest } = window.watch;
				window.watch.longest = 0;
				return longest;
			}),
		async aside(work) {
			await page.evaluate(() => window.watch.flush());
			const done = await work();
			await page.evaluate(() => {
				window.watch.from = performance.now();
			});
			return done;
		},
	};
}

function countScripts(cdp: CDPSession): Watched["scripts"] {
	const known = new Map<string, Scripts & { headers: number; isOfThePage: boolean }>();
	cdp.on("Network.requestWillBeSent", ({ requestId, type, initiator }) => {
		if (type === "Script" || initiator.type === "parser")
			known.set(requestId, { sent: 0, unpacked: 0, headers: 0, isOfThePage: initiator.type === "parser" });
	});
	cdp.on("Network.responseReceived", ({ requestId, response }) => {
		const script = known.get(requestId);
		if (script && /javascript/.test(response.mimeType)) script.headers = response.encodedDataLength;
		else known.delete(requestId);
	});
	cdp.on("Network.dataReceived", ({ requestId, dataLength }) => {
		const script = known.get(requestId);
		if (script) script.unpacked += dataLength;
	});
	cdp.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
		const script = known.get(requestId);
		if (script) script.sent = encodedDataLength - script.headers;
	});
	return ({ ofThePage } = { ofThePage: false }) => {
		const all = [...known.values()].filter(({ isOfThePage }) => isOfThePage || !ofThePage);
		const sum = (of: (script: Scripts) => number) => all.reduce((total, script) => total + of(script), 0);
		return { sent: sum(({ sent }) => sent), unpacked: sum(({ unpacked }) => unpacked) };
	};
}
