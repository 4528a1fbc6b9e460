import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { MESSENGER_SCRIPT_MAX, SIGN_IN_SCRIPT_MAX, STYLES_MAX } from "../../scripts/measure-web/budget.ts";
import { httpProxy } from "../support/http-proxy.ts";
import { goHome, person, urls } from "../support/people.ts";
import { eventually } from "../support/stage.ts";
import { Web } from "../support/web.ts";

const DIST = path.join(import.meta.dirname, "../../web/dist");

let web: Web;

beforeAll(async () => {
	web = await Web.open();
});

afterAll(async () => {
	goHome();
	await web.close();
	expect(web.complaints).toEqual([]);
});

const sizeOf = (file: string): number => gzipSync(readFileSync(path.join(DIST, file))).length;
const sum = (files: Iterable<string>): number => [...files].reduce((total, file) => total + sizeOf(file), 0);

/** Scripts that are loaded with `file` at once: itself and what it imports, not what it imports later. */
function withImports(file: string, seen = new Set<string>()): Set<string> {
	if (seen.has(file)) return seen;
	seen.add(file);
	const code = readFileSync(path.join(DIST, file), "utf8");
	for (const [, name] of code.matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g))
		withImports(`assets/${name}`, seen);
	return seen;
}

test("what is loaded first stays within its budget", () => {
	const page = readFileSync(path.join(DIST, "index.html"), "utf8");
	const files = (pattern: RegExp) => [...page.matchAll(pattern)].map(([, file]) => String(file));
	const [entry] = files(/<script type="module" crossorigin src="\/([^"]+)"/g);
	const styles = files(/<link rel="stylesheet" crossorigin href="\/([^"]+)"/g);
	const first = withImports(String(entry));
	const code = readFileSync(path.join(DIST, String(entry)), "utf8");
	const [, home] = code.match(/import\([`"']\.\/(home-[\w-]+\.js)[`"']\)/) ?? [];
	const all = withImports(`assets/${home}`, new Set(first));
	expect(all.size).toBeGreaterThan(first.size);
	expect(sum(first)).toBeLessThan(SIGN_IN_SCRIPT_MAX);
	expect(sum(all)).toBeLessThan(MESSENGER_SCRIPT_MAX);
	expect(sum(styles)).toBeLessThan(STYLES_MAX);
});

test("the manifest says all that a browser asks before it installs an app", async () => {
	const answer = await fetch(`${urls()[0]}/manifest.webmanifest`);
	const manifest = (await answer.json()) as { icons: { src: string; sizes: string; purpose?: string }[] };
	expect(manifest).toMatchObject({ name: "Parley", start_url: "/", display: "standalone" });
	expect(manifest.icons.map(({ sizes }) => sizes)).toEqual(expect.arrayContaining(["192x192", "512x512"]));
	expect(manifest.icons.some(({ purpose }) => purpose === "maskable")).toBe(true);
	for (const { src } of manifest.icons) expect(existsSync(path.join(DIST, src))).toBe(true);
});

test("the service worker keeps the app, and nothing that people wrote", async () => {
	const ann = await person("ann");
	const seat = await web.seat(ann);
	const kept = () =>
		seat.page.evaluate(async () => {
			await navigator.serviceWorker.ready;
			const names = await caches.keys();
			const requests = await Promise.all(names.map(async name => (await caches.open(name)).keys()));
			return requests.flat().map(({ url }) => new URL(url).pathname);
		});
	await eventually(kept, paths => paths.includes("/"), 20_000);
	await seat.page.reload();
	await seat.page.locator(".parley-messenger").waitFor();
	const paths = await kept();
	expect(paths).toEqual(expect.arrayContaining(["/", "/icons/logo.svg", "/manifest.webmanifest"]));
	expect(paths.filter(one => /^\/(api|socket\.io|dev|health)/.test(one))).toEqual([]);
});

test("a newer build is offered, and taken by all tabs when one says so", async () => {
	const [ann, worker] = [await person("ann"), readFileSync(path.join(DIST, "sw.js"))];
	let isNewer = false;
	const front = await httpProxy(
		async () => urls()[0] as string,
		(req, res) => {
			if (req.url !== "/sw.js" || !isNewer) return false;
			res.writeHead(200, { "Content-Type": "text/javascript", "Cache-Control": "no-cache" });
			res.end(`${worker}\n// newer`);
			return true;
		},
	);
	const seat = await web.seat(ann, { url: front.url });
	const { page } = seat;
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
	await page.reload();
	await page.locator(".parley-messenger").waitFor();
	const other = await web.tab(seat);
	const busy = await web.tab(seat);
	await busy.keyboard.press("Control+k");
	await busy.getByRole("dialog").waitFor();
	isNewer = true;
	await page.evaluate(async () => {
		await (await navigator.serviceWorker.ready).update();
	});
	await page.getByText("A new version of Parley is ready.").waitFor();
	const loaded = Promise.all([page.waitForEvent("load"), other.waitForEvent("load")]);
	await page.getByRole("button", { name: "Update now" }).click();
	await loaded;
	await page.locator(".parley-messenger").waitFor();
	expect(await page.getByText("A new version of Parley is ready.").count()).toBe(0);
	// Where somebody is in the middle of something, it waits for them.
	expect(await busy.getByRole("dialog").count()).toBe(1);
	const reloaded = busy.waitForEvent("load");
	await busy.keyboard.press("Escape");
	await reloaded;
	await page.context().close();
	await front.close();
});
