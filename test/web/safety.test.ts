import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { violations } from "../support/axe.ts";
import { httpProxy } from "../support/http-proxy.ts";
import { goHome, type Person, people, urls } from "../support/people.ts";
import { detailsButton, message, openChat, Web } from "../support/web.ts";

/** Each would leave a mark on `window` if it ran. */
const PAYLOADS = [
	"<script>window.__ran=1</script>",
	"<img src=x onerror=window.__ran=1>",
	"<svg/onload=window.__ran=1>",
	"\"><iframe srcdoc='<script>parent.__ran=1</script>'>",
	"javascript:window.__ran=1",
	"[click](javascript:window.__ran=1)",
	'https://example.com/"onmouseover="window.__ran=1',
	"{{constructor.constructor('window.__ran=1')()}}",
];

let web: Web;
let ann: Person;
let mallory: Person;

beforeAll(async () => {
	[web, [ann, mallory]] = await Promise.all([Web.open(), people("ann", "mallory")]);
});

afterAll(async () => {
	goHome();
	await web.close();
	// What the browser says of a page elsewhere that asks the server.
	expect(web.complaints.filter(text => !/blocked by CORS policy|net::ERR_FAILED/.test(text))).toEqual([]);
});

const hasRun = (page: Page) => page.evaluate(() => "__ran" in window);

test("T6: payloads in every field that is shown run nothing", async () => {
	const all = PAYLOADS.join(" ");
	await mallory.rest.patch("/users/me", {
		displayName: "<img src=x onerror=window.__ran=1> Mallory",
		avatarUrl: 'https://evil.example/x.svg?"onerror="window.__ran=1',
		metadata: { bio: all },
	});
	await mallory.rest.put("/presence", { status: "online", text: all.slice(0, 140) });
	const group = await mallory.chat({
		type: "group",
		name: all.slice(0, 100),
		description: all,
		avatarUrl: "https://evil.example/y.svg",
		participantIds: [ann.id],
	});
	const direct = await mallory.direct(ann);
	await mallory.chat({ type: "channel", name: all.slice(0, 100), description: all });
	const sent = [];
	for (const content of PAYLOADS)
		sent.push(await mallory.say(group.id, content, { metadata: { html: content } }));
	await mallory.say(group.id, `@${ann.username} ${all}`, { mentions: [ann.id], replyToId: sent[1]?.id });
	await mallory.rest.put(`/messages/${sent[0]?.id}/pin`);
	await mallory.rest.put(`/messages/${sent[0]?.id}/reactions/${encodeURIComponent("<b>x")}`);
	const thread = (await mallory.rest.post(`/messages/${sent[2]?.id}/thread`)).body;
	await mallory.say(thread.id, all);
	await mallory.say(direct.id, all);

	const { page } = await web.seat(ann);
	await openChat(page, group.id);
	await message(page, "window.__ran=1").waitFor();
	await detailsButton(page).click();
	await page.getByRole("button", { name: "Members", exact: true }).first().click();
	await page.locator(".parley-side").getByText("Mallory").first().waitFor();
	await page.getByRole("button", { name: "Pinned messages" }).click();
	await page.locator(".parley-side").getByText("__ran").first().waitFor();
	await page.goto(new URL(`/t/${thread.id}`, page.url()).href);
	await page.locator(".parley-side .parley-row").first().waitFor();
	await openChat(page, direct.id);
	await detailsButton(page).click();
	await page.keyboard.press("Control+k");
	await page.getByRole("dialog").getByRole("option").first().waitFor();
	await page.keyboard.press("Escape");
	await page.getByRole("button", { name: "Browse channels" }).first().click();
	await page.getByRole("dialog").getByRole("listitem").first().waitFor();
	for (const link of await page.locator("a[href]").all())
		expect(await link.getAttribute("href")).toMatch(/^(https?:|mailto:|\/)/);
	expect(await hasRun(page)).toBe(false);
});

test("no request leaves the origin, and pictures of other hosts stay out", () => {
	expect(web.requests.length).toBeGreaterThan(10);
	expect(web.requests.filter(url => url.includes("evil.example"))).toEqual([]);
});

test("the page lets no script in that is not its own", async () => {
	const answer = await fetch(urls()[0] as string, { headers: { accept: "text/html" } });
	expect(answer.headers.get("content-security-policy")).toMatch(/script-src 'self'/);
	expect(answer.headers.get("content-security-policy")).not.toMatch(/unsafe/);
});

test("a stored session is no use to a page of another origin", async () => {
	const elsewhere = await httpProxy(
		async () => null,
		(_req, res) => {
			res.writeHead(200, { "Content-Type": "text/html" }).end("<!doctype html><title>elsewhere</title>");
			return true;
		},
	);
	// A browser of its own first: so that its address is a known one.
	await (await web.visitor({ url: elsewhere.url })).context.close();
	const seat = await web.seat(ann);
	const page = await seat.context.newPage();
	await page.goto(elsewhere.url);
	const look = () =>
		page.evaluate(async address => {
			const statusOf = (init: RequestInit) =>
				fetch(`${address}/api/users/me`, init).then(
					({ status }) => status,
					() => "refused",
				);
			return {
				databases: (await indexedDB.databases()).length,
				kept: localStorage.length + document.cookie.length,
				asked: await statusOf({ credentials: "include" }),
			};
		}, seat.url);
	expect(await look()).toMatchObject({ databases: 0, kept: 0, asked: "refused" });
	await seat.context.close();
	await elsewhere.close();
});

for (const colorScheme of ["light", "dark"] as const)
	test(`axe finds nothing, ${colorScheme}`, async () => {
		const { page } = await web.visitor({ colorScheme });
		expect(await violations(page)).toEqual([]);
		await page.getByRole("button", { name: "Create account" }).click();
		expect(await violations(page)).toEqual([]);
		const [kim, lee] = await people("kim", "lee");
		const group = await kim.group(lee);
		await lee.say(group.id, "hello **there** `code`");
		await kim.say(group.id, "hello you");
		const seat = await web.seat(kim, { colorScheme });
		expect(await violations(seat.page)).toEqual([]);
		await openChat(seat.page, group.id);
		await message(seat.page, "hello you").waitFor();
		await detailsButton(seat.page).click();
		expect(await violations(seat.page)).toEqual([]);
		await seat.page.locator(".app-bar-title").click();
		for (const key of ["n", "b", "p", "s", "?", "g", "Control+k", "Control+,"]) {
			await seat.page.keyboard.press(key);
			await seat.page.getByRole("dialog").waitFor();
			expect(await violations(seat.page)).toEqual([]);
			await seat.page.keyboard.press("Escape");
			await seat.page.getByRole("dialog").waitFor({ state: "detached" });
		}
		await seat.page.getByRole("button", { name: /^Account/ }).click();
		await seat.page.getByRole("menu").waitFor();
		// An open menu floats above the page, and so is in none of its regions.
		expect(await violations(seat.page, { rulesOff: ["region"] })).toEqual([]);
	}, 240_000);
