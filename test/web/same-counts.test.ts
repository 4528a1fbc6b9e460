import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import type { Chat } from "../../contracts/chats.ts";
import { goHome, type Person, people, urls } from "../support/people.ts";
import { eventually } from "../support/stage.ts";
import { chatRow, message, openChat, Web } from "../support/web.ts";

let web: Web;
let ann: Person;
let ben: Person;
let chats: Chat[];
/** Ann's: two tabs of one browser, and another browser at another node. */
let pages: Page[];

beforeAll(async () => {
	[web, [ann, ben]] = await Promise.all([Web.open(), people("ann", "ben")]);
	chats = [await ann.direct(ben), await ann.group(ben), await ann.group(ben)];
	const [here, there] = await Promise.all([web.seat(ann), web.seat(ann, { url: urls().at(-1) as string })]);
	pages = [here.page, await web.tab(here), there.page];
});

afterAll(async () => {
	goHome();
	await web.close();
	expect(web.complaints).toEqual([]);
});

/** Title and badges of each page, as one line. */
const counts = (page: Page): Promise<string> =>
	page.evaluate(
		ids => {
			const badges = ids.map(id => document.querySelector(`[data-chat="${id}"] .parley-badge:not([title])`));
			return [
				document.title,
				...badges.map(badge => badge?.querySelector("[aria-hidden]")?.textContent ?? "0"),
			].join(" ");
		},
		chats.map(({ id }) => id),
	);

async function expectEverywhere(line: string): Promise<void> {
	const all = () => Promise.all(pages.map(counts));
	const lines = await eventually(all, found => found.every(one => one === line), 45_000);
	expect(lines).toEqual(pages.map(() => line));
}

test("I17: two tabs and two browsers of one person have the same counts", async () => {
	await expectEverywhere("Parley 0 0 0");
	for (let n = 1; n <= 3; n++) await ben.say(chats[1]?.id as string, `news ${n}`);
	await ben.say(chats[2]?.id as string, "more news");
	await expectEverywhere("(4) Parley 0 3 1");
	const [first] = pages as [Page];
	await openChat(first, chats[1]?.id as string);
	await message(first, "news 3").waitFor();
	await expectEverywhere("(1) Parley 0 0 1");
	await ben.say(chats[0]?.id as string, "and you?");
	await expectEverywhere("(2) Parley 1 0 1");
});

test("what is read in one place is read in all", async () => {
	const last = pages.at(-1) as Page;
	await last.bringToFront();
	await last.locator(".app-bar-title").click();
	await last.keyboard.press("Shift+Escape");
	await expectEverywhere("Parley 0 0 0");
	expect(await chatRow(last, chats[0]?.id as string).getAttribute("data-unread")).toBeNull();
});

test("the favicon shows that something waits", async () => {
	const page = pages.at(-1) as Page;
	const icon = () => page.locator("link[rel='icon']").getAttribute("href");
	expect(await icon()).toBe("/icons/icon-64.png");
	await ben.say(chats[2]?.id as string, "look here");
	await expectEverywhere("(1) Parley 0 0 1");
	expect(await eventually(icon, href => href?.startsWith("data:image/png") ?? false)).toMatch(
		/^data:image\/png/,
	);
});
