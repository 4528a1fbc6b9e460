/**
 * `npm run screenshots`: each main view of the web client, on a server of its own with the demo in it, at three widths
 * and in both themes, into docs/screenshots/. It looks best with the fonts Inter and Noto Color Emoji installed.
 */
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { VIEWS } from "./screenshots/views.ts";

const ROOT = path.dirname(import.meta.dirname);
const FOLDER = path.join(ROOT, "docs/screenshots");
const SIZES = [
	{ width: 1_440, height: 900 },
	{ width: 768, height: 1_024 },
	{ width: 360, height: 780 },
];
const THEMES = ["light", "dark"] as const;
const START_MS = 180_000;

const data = await mkdtemp(path.join(tmpdir(), "parley-screenshots-"));
const server = spawn(process.execPath, ["scripts/start.ts", "--build"], {
	cwd: ROOT,
	env: { ...process.env, CHAT_PORT: "0", CHAT_DATA_DIR: data, CHAT_DEMO: "on", CHAT_RATE_LIMITS: "off" },
	stdio: ["ignore", "pipe", "inherit"],
});
try {
	const url = await addressOf();
	const browser = await chromium.launch({
		executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
		args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"],
	});
	try {
		await rm(FOLDER, { recursive: true, force: true });
		await mkdir(FOLDER, { recursive: true });
		await shootAll(browser, url);
	} finally {
		await browser.close();
	}
} finally {
	server.kill("SIGTERM");
	await new Promise(done => server.once("exit", done));
	await rm(data, { recursive: true, force: true });
}

interface Shown {
	page: Page;
	/** `1440-light` */
	as: string;
}

/** View by view in all windows: what is unread in one is so in the others. */
async function shootAll(browser: Browser, url: string): Promise<void> {
	const press = await browser.newPage();
	const shown: Shown[] = [];
	for (const viewport of SIZES)
		for (const colorScheme of THEMES) {
			const context = await browser.newContext({
				viewport,
				colorScheme,
				locale: "en-GB",
				reducedMotion: "reduce",
				serviceWorkers: "block",
			});
			const page = await context.newPage();
			await page.goto(url);
			shown.push({ page, as: `${viewport.width}-${colorScheme}` });
		}
	for (const { name, show } of VIEWS) {
		for (const { page, as } of shown) {
			await page.bringToFront();
			await show(page);
			await page.mouse.move(0, 0);
			await page.waitForTimeout(700);
			const picture = await page.screenshot({ animations: "disabled", caret: "hide" });
			await writeFile(path.join(FOLDER, `${name}-${as}.webp`), await webp(press, picture));
		}
		console.log(name);
	}
}

/** A third of a PNG's size, and as sharp to the eye. */
async function webp(page: Page, png: Buffer): Promise<Buffer> {
	const address = await page.evaluate(async base64 => {
		const image = new Image();
		image.src = `data:image/png;base64,${base64}`;
		await image.decode();
		const canvas = document.createElement("canvas");
		canvas.width = image.width;
		canvas.height = image.height;
		canvas.getContext("2d")?.drawImage(image, 0, 0);
		return canvas.toDataURL("image/webp", 0.9);
	}, png.toString("base64"));
	return Buffer.from(address.slice(address.indexOf(",") + 1), "base64");
}

/** The server's address, once it is ready and its demo is there. */
async function addressOf(): Promise<string> {
	const deadline = Date.now() + START_MS;
	let said = "";
	server.stdout.on("data", chunk => (said += chunk));
	while (Date.now() < deadline) {
		const [url] = said.match(/http:\/\/127\.0\.0\.1:\d+/) ?? [];
		if (url && said.includes("The demo is there")) return url;
		await new Promise(done => setTimeout(done, 300));
	}
	throw new Error(`The server did not start in time:\n${said}`);
}
