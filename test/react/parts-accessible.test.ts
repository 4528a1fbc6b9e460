import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import type { Chat } from "../../contracts/chats.ts";
import { violations } from "../support/axe.ts";
import { goHome, type Person, people } from "../support/people.ts";
import { type Messengers, startMessengers } from "../support/react-page.ts";

let messengers: Messengers;
let ann: Person;
let chat: Chat;

beforeAll(async () => {
	const [started, [first, ben, cleo]] = await Promise.all([startMessengers(), people("ann", "ben", "cleo")]);
	[messengers, ann] = [started, first];
	chat = await ann.group(ben, cleo);
	const code = "Look: **bold**, `code`, https://parley.example/ and\n```\nconst a = 1;\n```";
	const message = await ben.say(chat.id, code);
	const mine = await ann.say(chat.id, `yes, @${ben.username}, https://parley.example/ and \`code\``, {
		mentions: [ben.id],
		replyToId: message.id,
	});
	const gone = await ben.say(chat.id, "gone");
	await ben.rest.delete(`/messages/${gone.id}`);
	await ann.rest.put(`/messages/${mine.id}/pin`, {});
	await ann.rest.patch(`/messages/${mine.id}`, { content: "yes, edited", mentions: [] });
	for (const who of [ann, ben])
		await who.rest.put(`/messages/${message.id}/reactions/${encodeURIComponent("👍")}`);
	const thread = (await ben.rest.post(`/messages/${message.id}/thread`, {})).body as Chat;
	await ben.say(thread.id, "a reply");
	await cleo.say(chat.id, "the last one");
});

afterAll(async () => {
	goHome();
	await messengers.close();
	expect(messengers.complaints).toEqual([]);
});

const last = (page: Page) => page.locator("article", { hasText: "the last one" }).last();

async function openMenu(page: Page, item?: string) {
	await last(page).hover();
	await last(page).getByRole("button", { name: "More actions" }).click();
	await page.getByRole("menu").waitFor();
	if (item) await page.getByRole("menuitem", { name: item, exact: true }).click();
}

/** What can stand open, and how it is opened. */
const SCENES: Record<string, (page: Page) => Promise<unknown>> = {
	"a message's menu": page => openMenu(page),
	"the emoji picker": async page => {
		await page.getByRole("button", { name: "Emoji", exact: true }).click();
		await page.getByRole("gridcell").first().waitFor();
	},
	"suggestions for a mention": async page => {
		await page.getByRole("textbox", { name: "Message" }).fill("@");
		await page.getByRole("option").first().waitFor();
	},
	"an answer": async page => {
		await openMenu(page, "Reply");
		await page.getByText("Reply to cleo").waitFor();
	},
	"the dialog to forward": async page => {
		await openMenu(page, "Forward");
		await page.getByRole("checkbox").first().waitFor();
	},
	"the question before deleting": async page => {
		await openMenu(page, "Delete");
		await page.getByRole("alertdialog").waitFor();
	},
	"a thread": async page => {
		await page.getByRole("button", { name: /1 reply/ }).click();
		await page.getByRole("region", { name: "Thread" }).locator("article", { hasText: "a reply" }).waitFor();
	},
	"the members": async page => {
		await page.getByRole("button", { name: "Members", exact: true }).click();
		await page.getByRole("button", { name: "Actions for cleo" }).click();
		await page.getByRole("menu").waitFor();
	},
};

/** Base UI's guards take the focus only to pass it on. */
const KIT = { include: ".parley", exclude: "[data-base-ui-focus-guard]" };

describe.each(["light", "dark"])("in the %s theme axe finds nothing about", theme => {
	let page: Page;
	beforeAll(async () => {
		page = await messengers.open(ann, { chat: chat.id, theme });
		await last(page).waitFor();
	});
	afterAll(() => page.close());
	afterEach(async () => {
		await page.keyboard.press("Escape");
		await page.locator(".parley-portal > *").first().waitFor({ state: "detached" });
	});

	test.each(Object.keys(SCENES))("%s", async scene => {
		await SCENES[scene]?.(page);
		expect(await violations(page, KIT)).toEqual([]);
	});
});
