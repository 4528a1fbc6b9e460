import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import type { browser } from "../../client/browser.ts";
import type { Database } from "../../client/storage.ts";
import { memoryStorage } from "../../client/storage-memory.ts";
import { type Pages, servePages } from "../support/page.ts";
import { STORAGE_CASES } from "../support/storage-cases.ts";

/** What stands in the pages. */
declare const parley: {
	browser: typeof browser;
	STORAGE_CASES: typeof STORAGE_CASES;
	db: Database;
	heard: string[];
};

let pages: Pages;

beforeAll(async () => {
	pages = await servePages(path.join(import.meta.dirname, "../support/storage-page.ts"));
}, 60_000);

afterAll(() => pages?.close());

/** A page of a browser with nothing stored; `prepare` runs in it before anything else. */
async function open(prepare: () => void = () => {}): Promise<Page> {
	const context = await pages.browser.newContext();
	await context.addInitScript(prepare);
	return visit(context.pages()[0] ?? (await context.newPage()));
}

async function visit(page: Page): Promise<Page> {
	await page.goto(pages.url);
	await page.waitForFunction(() => "parley" in globalThis);
	return page;
}

const put = (page: Page, key: string, value: unknown) =>
	page.evaluate(
		async ([key, value]) => {
			const db = await parley.browser().storage.open("db");
			await db.write(tx => tx.put("kv", key as string, value));
		},
		[key, value] as const,
	);

const get = (page: Page, key: string) =>
	page.evaluate(async key => {
		const db = await parley.browser().storage.open("db");
		return (await db.read(tx => tx.get("kv", key))) ?? null;
	}, key);

describe.each(Object.entries(STORAGE_CASES))("%s", (title, { run, gives }) => {
	test("in memory", async () => {
		expect(await run(memoryStorage(), title)).toEqual(gives);
	});

	test("in IndexedDB", async () => {
		const page = await open();
		const given = await page.evaluate(
			title => parley.STORAGE_CASES[title]?.run(parley.browser().storage, title),
			title,
		);
		expect(given).toEqual(gives);
		await page.context().close();
	});

	test("in memory, where the browser gives no IndexedDB", async () => {
		const page = await open(() => {
			indexedDB.open = () => {
				throw new DOMException("denied", "SecurityError");
			};
		});
		const given = await page.evaluate(
			title => parley.STORAGE_CASES[title]?.run(parley.browser().storage, title),
			title,
		);
		expect(given).toEqual(gives);
		await page.context().close();
	});
});

test("what one tab has stored another one reads, and a reload finds it", async () => {
	const first = await open();
	await put(first, "draft", "hello");
	const second = await visit(await first.context().newPage());
	expect(await get(second, "draft")).toBe("hello");
	await visit(first);
	expect(await get(first, "draft")).toBe("hello");
	await first.context().close();
});

test("a tab that erases waits for no other, and the others write nothing anew", async () => {
	const first = await open();
	const second = await visit(await first.context().newPage());
	await put(first, "secret", 1);
	await second.evaluate(async () => {
		Object.assign(parley, { db: await parley.browser().storage.open("db") });
	});
	await first.evaluate(async () => (await parley.browser().storage.open("db")).erase());
	const late = await second.evaluate(() =>
		parley.db
			.write(tx => tx.put("kv", "secret", 2))
			.then(
				() => "written",
				() => "refused",
			),
	);
	expect(late).toBe("refused");
	expect(await get(first, "secret")).toBeNull();
	await first.context().close();
});

test("a full disk loses nothing that was there, and everything works on in memory", async () => {
	const page = await open();
	const devtools = await page.context().newCDPSession(page);
	await devtools.send("Storage.overrideQuotaForOrigin", { origin: pages.url, quotaSize: 200_000 });
	await put(page, "before", "kept");
	const seen = await page.evaluate(async () => {
		const db = await parley.browser().storage.open("db");
		const noise = () => Array.from({ length: 50_000 }, () => Math.random().toString(36)).join("");
		for (let n = 0; n < 8; n++) await db.write(tx => tx.put("messages", ["c", n], noise()));
		await db.write(tx => tx.put("kv", "after", "works"));
		return db.read(async tx => [
			await tx.get("kv", "before"),
			await tx.get("kv", "after"),
			(await tx.range("messages", ["c", 0], ["c", 99], 99)).length,
		]);
	});
	expect(seen).toEqual(["kept", "works", 8]);
	await page.reload();
	await visit(page);
	expect(await get(page, "before")).toBe("kept");
	// Else the disk was not full.
	expect(await get(page, "after")).toBeNull();
	await page.context().close();
});

test("a lock is held by one tab at a time, and a channel reaches the others only", async () => {
	const first = await open();
	const second = await visit(await first.context().newPage());
	const heard = await first.evaluate(async () => {
		const heard: string[] = [];
		const channel = parley.browser().channel("c", text => heard.push(text));
		channel.post("mine");
		Object.assign(parley, { heard });
		return heard;
	});
	expect(heard).toEqual([]);
	await second.evaluate(() =>
		parley
			.browser()
			.channel("c", () => {})
			.post("yours"),
	);
	await first.waitForFunction(() => parley.heard.length > 0);
	expect(await first.evaluate(() => parley.heard)).toEqual(["yours"]);

	const order = await Promise.all(
		[first, second].map(page =>
			page.evaluate(async () => {
				const times: [number, number][] = [];
				const { lock } = parley.browser();
				for (let n = 0; n < 5; n++)
					await lock("l", async () => {
						const from = Date.now();
						await new Promise(done => setTimeout(done, 20));
						times.push([from, Date.now()]);
					});
				return times;
			}),
		),
	);
	const all = order.flat().sort(([a], [b]) => a - b);
	for (const [n, [from]] of all.entries()) expect(from).toBeGreaterThanOrEqual(all[n - 1]?.[1] ?? 0);
	await first.context().close();
});
