import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import type { Chat } from "../../contracts/chats.ts";
import { watchHighlights } from "../support/highlights.ts";
import { goHome, type Person, people } from "../support/people.ts";
import { eventually } from "../support/stage.ts";
import { act, message, openChat, type Seat, Web } from "../support/web.ts";

let web: Web;
let ann: Person;
let ben: Person;
let chat: Chat;
let seat: Seat;

beforeAll(async () => {
	[web, [ann, ben]] = await Promise.all([Web.open(), people("ann", "ben")]);
	chat = await ann.group(ben);
	for (let n = 1; n <= 3; n++) await ben.say(chat.id, `message ${n}.`);
	seat = await web.seat(ann, { permissions: ["clipboard-read", "clipboard-write"] });
});

afterAll(async () => {
	goHome();
	await web.close();
	expect(web.complaints).toEqual([]);
});

const copied = (page: Page) => page.evaluate(() => navigator.clipboard.readText());

test("a copied link leads to its message", async () => {
	const { page } = seat;
	await openChat(page, chat.id);
	await act(page, "message 2.", "Copy link");
	const link = await eventually(
		() => copied(page),
		text => text.startsWith("http"),
	);
	expect(link).toMatch(new RegExp(`^${seat.url}/c/${chat.id}/m/[0-9a-f-]{36}$`));
	const tab = await seat.context.newPage();
	const highlighted = await watchHighlights(tab);
	await tab.goto(link);
	await message(tab, "message 2.").waitFor();
	expect(await highlighted(2)).toEqual(["2"]);
	await tab.close();
});

test("a link to a message that is gone says so where one looks", async () => {
	const { page } = seat;
	await page.goto(`${seat.url}/c/${chat.id}/m/01a1fec6-32dd-75e6-9773-87e9ccc404f0`);
	await message(page, "message 3.").waitFor();
	const told = page.locator(".parley-page-state", { hasText: "This message is not here any more." });
	await told.waitFor();
	await told.waitFor({ state: "detached" });
});
