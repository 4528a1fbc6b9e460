import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import type { Chat } from "../../contracts/chats.ts";
import { goHome, type Person, people } from "../support/people.ts";
import { chatRow, openChat, say, Web } from "../support/web.ts";

let web: Web;
let ann: Person;
let ben: Person;
let direct: Chat;
let page: Page;
let setOffline: (isOffline: boolean) => Promise<void>;

beforeAll(async () => {
	[web, [ann, ben]] = await Promise.all([Web.open(), people("ann", "ben")]);
	direct = await ann.direct(ben);
	await ben.say(direct.id, "good morning");
	const [seat] = await Promise.all([web.seat(ann), web.seat(ben)]);
	({ page } = seat);
	setOffline = isOffline => seat.context.setOffline(isOffline);
	await openChat(page, direct.id);
});

afterAll(async () => {
	goHome();
	await web.close();
	expect(web.complaints).toEqual([]);
});

test("without a connection nobody is said to be online or offline", async () => {
	const told = page.locator(".parley-main .parley-chat-header-text");
	await told.getByText("Online").waitFor();
	await page.locator(".parley-dot").first().waitFor();
	await setOffline(true);
	await told.waitFor({ state: "detached" });
	expect(await page.locator(".parley-dot").count()).toBe(0);
	await setOffline(false);
	await told.getByText("Online").waitFor();
});

test("what waits to be sent is the newest of its chat, and is called a message", async () => {
	await setOffline(true);
	await page.locator(".parley-banner[data-status='offline']").waitFor();
	await say(page, "good night");
	const preview = chatRow(page, direct.id).locator(".parley-chat-preview");
	await preview.getByText("good night").waitFor();
	expect(await preview.textContent()).toContain("You:");
	await preview.getByRole("img", { name: "Waiting to be sent" }).waitFor();
	await page.locator(".parley-banner").getByText("1 message waits to be sent.").waitFor();
	await setOffline(false);
	await preview.getByRole("img", { name: "Waiting to be sent" }).waitFor({ state: "detached" });
	expect(await preview.textContent()).toContain("good night");
});
