/** Draws the web client's icons from `web/public/icons/logo.svg`; run it after the logo has changed: `node scripts/icons.ts`. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { chromium } from "playwright-core";

const FOLDER = path.join(import.meta.dirname, "../web/public/icons");
/** File name → side in pixels. A maskable one has a margin, as systems cut it to their own shape. */
const ICONS = {
	"icon-64": { size: 64, maskable: false },
	"icon-180": { size: 180, maskable: true },
	"icon-192": { size: 192, maskable: false },
	"icon-512": { size: 512, maskable: false },
	"maskable-512": { size: 512, maskable: true },
};

const logo = await readFile(path.join(FOLDER, "logo.svg"), "utf8");
const browser = await chromium.launch({
	executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
	args: ["--no-sandbox", "--disable-gpu"],
});
try {
	for (const [name, { size, maskable }] of Object.entries(ICONS)) {
		const page = await browser.newPage({ viewport: { width: size, height: size } });
		const side = maskable ? "86%" : "100%";
		const ground = maskable ? "linear-gradient(135deg,#6366f1,#4338ca)" : "transparent";
		const picture = maskable ? logo.replace(/<rect [^>]*\/>/, "") : logo;
		await page.setContent(
			`<style>body{margin:0;display:grid;place-items:center;height:100vh;background:${ground}}svg{width:${side}}</style>${picture}`,
		);
		await page.screenshot({ path: path.join(FOLDER, `${name}.png`), omitBackground: true });
		await page.close();
	}
} finally {
	await browser.close();
}
