import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import type { Chat } from "../../contracts/chats.ts";
import { goHome, type Person, people } from "../support/people.ts";
import { chatRow, openChat, Web } from "../support/web.ts";

let web: Web;
let ann: Person;
let ben: Person;
let chat: Chat;
let page: Page;

beforeAll(async () => {
	[web, [ann, ben]] = await Promise.all([Web.open(), people("ann", "ben")]);
	chat = await ann.group(ben);
	await ben.say(chat.id, "good morning");
	({ page } = await web.seat(ann, { width: 360, height: 740 }));
	await openChat(page, chat.id);
});

afterAll(async () => {
	goHome();
	await web.close();
	expect(web.complaints).toEqual([]);
});

const header = () => page.locator(".parley-chat-header-name");
const panel = (kind: string) => page.locator(`.parley-side[data-panel='${kind}']`);

test("on a phone, back closes what stands over the chat, then the chat", async () => {
	await header().click();
	await panel("details").waitFor();
	await page.goBack();
	await panel("details").waitFor({ state: "detached" });
	await header().waitFor();
	await page.goBack();
	await chatRow(page, chat.id).waitFor();
});

test("on a phone, what was closed by its button is not gone back to", async () => {
	await openChat(page, chat.id);
	await header().click();
	await panel("details").getByRole("button", { name: "Members" }).click();
	await panel("members").waitFor();
	await panel("members").getByRole("button", { name: "Close" }).click();
	await panel("members").waitFor({ state: "detached" });
	await page.goBack();
	await chatRow(page, chat.id).waitFor();
});
