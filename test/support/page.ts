/** A real Chromium with pages that run sources of ours, served on loopback. */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { type Browser, chromium } from "playwright-core";

const BUNDLE = path.join(import.meta.dirname, "bundle-process.ts");
/** The frame of the browser, which nobody looks at: for each context it would draw a page of its own, for over a second. */
const FRAME = ["WebUIOmniboxPopup", "WebUIOmniboxFullPopup", "WebUIOmniboxAimPopup"];

/** What Playwright switches off. Only the last list counts, so it is said again. */
const PLAYWRIGHT = [
	"AvoidUnnecessaryBeforeUnloadCheckSync",
	"DestroyProfileOnBrowserClose",
	"HttpsUpgrades",
	"HttpsFirstBalancedModeAutoEnable",
	"LensOverlay",
	"MediaRouter",
	"PaintHolding",
	"ThirdPartyStoragePartitioning",
	"AvoidCorsURLLoaderRestartOnRedirect",
	"OptimizationHints",
	"NetworkTimeServiceQuerying",
	"AimEnabled",
	"PreconnectToSearch",
];

const ARGS = [
	"--no-sandbox",
	"--disable-gpu",
	"--disable-quic",
	"--no-first-run",
	"--disable-sync",
	"--disable-background-networking",
	"--disable-component-update",
	// Pages of one browser share a process where they may, and none is started in reserve.
	"--renderer-process-limit=1",
	`--disable-features=${[...PLAYWRIGHT, ...FRAME].join(",")}`,
];

export interface Pages {
	browser: Browser;
	url: string;
	close(): Promise<void>;
}

const START_MS = 60_000;

export function launchChromium(...more: string[]): Promise<Browser> {
	return chromium.launch({
		executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
		args: [...ARGS, ...more],
		timeout: START_MS,
	});
}

/** Each page runs `entry`, a TypeScript file of ours. */
export async function servePages(entry: string): Promise<Pages> {
	const folder = await mkdtemp(path.join(tmpdir(), "parley-page-"));
	await promisify(execFile)(process.execPath, [BUNDLE, entry, folder], {
		env: { ...process.env, NODE_ENV: "" },
	});
	const script = await readFile(path.join(folder, "page.js"));
	await rm(folder, { recursive: true });
	const server = createServer((req, res) => {
		const isScript = req.url === "/page.js";
		res.setHeader("Content-Type", isScript ? "text/javascript" : "text/html");
		res.end(
			isScript ? script : '<!doctype html><title>test</title><script type="module" src="/page.js"></script>',
		);
	});
	await new Promise<void>(done => server.listen(0, "127.0.0.1", done));
	const browser = await launchChromium();
	return {
		browser,
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		async close() {
			await browser.close();
			server.closeAllConnections();
			await new Promise(done => server.close(done));
		},
	};
}
