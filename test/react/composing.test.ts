import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import type { Client } from "../../client/api.ts";
import type { Chat } from "../../contracts/chats.ts";
import { LIMITS } from "../../contracts/limits.ts";
import type { Message } from "../../contracts/messages.ts";
import { watchHighlights } from "../support/highlights.ts";
import { goHome, type Person, people } from "../support/people.ts";
import { type Messengers, startMessengers } from "../support/react-page.ts";
import { eventually } from "../support/stage.ts";

let messengers: Messengers;
let ann: Person;
let ben: Person;

beforeAll(async () => {
	[messengers, [ann, ben]] = await Promise.all([startMessengers(), people("ann", "ben")]);
});

afterAll(async () => {
	goHome();
	await messengers.close();
	expect(messengers.complaints.filter(text => !text.includes("ERR_INTERNET_DISCONNECTED"))).toEqual([]);
});

/** A page of Ann's in a new group with Ben. */
async function inGroup(body: Record<string, unknown> = {}): Promise<{ page: Page; chat: Chat }> {
	const chat = await ann.chat({ type: "group", name: "a group", participantIds: [ben.id], ...body });
	const page = await messengers.open(ann, { chat: chat.id });
	await field(page).waitFor();
	return { page, chat };
}

const field = (page: Page) => page.getByRole("textbox", { name: "Message" });
const row = (page: Page, text: string) => page.locator("article", { hasText: text }).last();

async function sent(chat: Chat, count: number): Promise<Message[]> {
	const look = async () =>
		((await ben.rest.get(`/chats/${chat.id}/messages`)).body as { items: Message[] }).items;
	return eventually(look, items => items.length >= count);
}

describe("writing", () => {
	test("Enter sends, Shift+Enter begins a line, and nothing but blanks goes nowhere", async () => {
		const { page, chat } = await inGroup();
		await field(page).fill("   ");
		await page.keyboard.press("Enter");
		expect(await page.getByRole("button", { name: "Send" }).isDisabled()).toBe(true);
		await field(page).fill("one");
		await page.keyboard.press("Shift+Enter");
		await page.keyboard.type("two");
		await page.keyboard.press("Enter");
		await row(page, "one").waitFor();
		expect(await field(page).inputValue()).toBe("");
		expect((await sent(chat, 1)).map(({ content }) => content)).toEqual(["one\ntwo"]);
		await page.close();
	});

	test("what is too long is counted and not sent", async () => {
		const { page, chat } = await inGroup();
		await field(page).fill("a".repeat(LIMITS.contentUnitsMax - 2));
		await page.getByText("2 characters left").waitFor();
		await field(page).fill("a".repeat(LIMITS.contentUnitsMax + 3));
		await page.getByText("3 characters too many").waitFor();
		await field(page).press("Enter");
		await field(page).fill("short");
		await field(page).press("Enter");
		expect((await sent(chat, 1)).map(({ content }) => content)).toEqual(["short"]);
		await page.close();
	});

	test("a draft is kept for each chat, also while a message is edited", async () => {
		const [one, other] = [await ann.group(ben), await ann.chat({ type: "group", participantIds: [] })];
		await ann.say(one.id, "sent");
		const page = await messengers.open(ann);
		const holds = (text: string) =>
			page.waitForFunction(wanted => document.querySelector("textarea")?.value === wanted, text);
		await page.locator(`[data-chat="${one.id}"]`).click();
		await row(page, "sent").waitFor();
		await field(page).fill("half a thought");
		await row(page, "sent").hover();
		await row(page, "sent").getByRole("button", { name: "More actions" }).click();
		await page.getByRole("menuitem", { name: "Edit" }).click();
		await holds("sent");
		await page.keyboard.press("Escape");
		await holds("half a thought");
		await page.locator(`[data-chat="${other.id}"]`).click();
		await holds("");
		await page.locator(`[data-chat="${one.id}"]`).click();
		await holds("half a thought");
		await page.close();
	});

	test("a mention is completed by keys, highlighted, and told to the server", async () => {
		const { page, chat } = await inGroup();
		await field(page).pressSequentially("hello @be");
		const option = page.getByRole("option", { name: new RegExp(ben.username) });
		await option.waitFor();
		const active = await field(page).getAttribute("aria-activedescendant");
		expect(await option.getAttribute("id")).toBe(active);
		await page.keyboard.press("Enter");
		expect(await field(page).inputValue()).toBe(`hello @${ben.username} `);
		await page.keyboard.press("Enter");
		const [message] = await sent(chat, 1);
		expect(message?.mentions).toEqual([ben.id]);
		await page.locator(".parley-mention").waitFor();
		await page.close();
	});

	test("Escape closes the suggestions and keeps what is written", async () => {
		const { page } = await inGroup();
		await field(page).pressSequentially("@be");
		await page.getByRole("listbox").waitFor();
		await page.keyboard.press("Escape");
		await page.getByRole("listbox").waitFor({ state: "detached" });
		expect(await field(page).inputValue()).toBe("@be");
		await page.close();
	});

	test("an emoji from the picker stands where the caret was", async () => {
		const { page } = await inGroup();
		await field(page).fill("well done");
		await field(page).evaluate((one: HTMLTextAreaElement) => one.setSelectionRange(4, 4));
		await page.getByRole("button", { name: "Emoji" }).click();
		await page.getByRole("searchbox", { name: "Search emoji" }).fill("rocket");
		await page.getByRole("gridcell", { name: "Rocket" }).click();
		await page.waitForFunction(() => document.querySelector("textarea")?.value === "well🚀 done");
		expect(await field(page).evaluate(one => one === document.activeElement)).toBe(true);
		await page.close();
	});
});

describe("answering and editing", () => {
	test("↑ edits one's last message, Escape leaves it, and the change reaches all", async () => {
		const { page, chat } = await inGroup();
		await ann.say(chat.id, "teh end");
		await row(page, "teh end").waitFor();
		await field(page).press("ArrowUp");
		await page.getByText("Edit message").waitFor();
		await page.waitForFunction(() => document.querySelector("textarea")?.value === "teh end");
		await page.keyboard.press("Escape");
		expect(await field(page).inputValue()).toBe("");
		await field(page).press("ArrowUp");
		await page.waitForFunction(() => document.querySelector("textarea")?.value === "teh end");
		await field(page).fill("the end");
		await field(page).press("Enter");
		await row(page, "the end").getByText("edited").waitFor();
		const [message] = await eventually(
			() => sent(chat, 1),
			([one]) => one?.isEdited === true,
		);
		expect(message?.content).toBe("the end");
		await page.close();
	});

	test("an answer quotes what it answers, and the quote leads there", async () => {
		const { page, chat } = await inGroup();
		const question = await ben.say(chat.id, "shall we?");
		await row(page, "shall we?").hover();
		await row(page, "shall we?").getByRole("button", { name: "Reply", exact: true }).click();
		await page.getByText("Reply to ben").waitFor();
		await page.waitForFunction(() => document.activeElement?.tagName === "TEXTAREA");
		await page.keyboard.type("we shall");
		await page.keyboard.press("Enter");
		const highlighted = await watchHighlights(page);
		await page.locator(".parley-quote", { hasText: "shall we?" }).click();
		expect(await highlighted(question.seq)).toEqual([String(question.seq)]);
		expect((await sent(chat, 2)).at(-1)?.replyToId).toBe(question.id);
		await page.close();
	});
});

describe("where one may not write", () => {
	test("the reason stands there, and goes when it is over", async () => {
		const chat = await ben.chat({ type: "group", name: "quiet", participantIds: [ann.id] });
		const page = await messengers.open(ann, { chat: chat.id });
		await field(page).waitFor();
		await ben.rest.patch(`/chats/${chat.id}`, { announceOnly: true });
		await page.getByText("Only moderators and above write here.").waitFor();
		await ben.rest.patch(`/chats/${chat.id}`, { announceOnly: false });
		await field(page).waitFor();
		const until = new Date(Date.now() + 8_000).toISOString();
		await ben.rest.patch(`/chats/${chat.id}/members/${ann.id}`, { silencedUntil: until });
		await page.getByText("You may write again").waitFor();
		await field(page).waitFor();
		await page.close();
	});

	test("what cannot be kept is told, and its words stay", async () => {
		const { page, chat } = await inGroup();
		await page.context().setOffline(true);
		await page.evaluate(id => {
			const { client } = globalThis as unknown as { client: Client };
			for (;;)
				try {
					client.chat(id).send({ content: "one of too many" });
				} catch {
					return;
				}
		}, chat.id);
		await field(page).fill("one more");
		await field(page).press("Enter");
		await page.getByRole("alert").getByText("It could not be sent.").waitFor();
		expect(await field(page).inputValue()).toBe("one more");
		await page.close();
	});

	test("what was written before one knew is marked as not sent, and can be given up", async () => {
		const chat = await ben.chat({ type: "group", name: "quiet", participantIds: [ann.id] });
		const page = await messengers.open(ann, { chat: chat.id });
		await field(page).waitFor();
		await page.context().setOffline(true);
		await field(page).fill("too late");
		await field(page).press("Enter");
		await row(page, "too late").getByRole("img", { name: "Waiting to be sent" }).waitFor();
		await ben.rest.patch(`/chats/${chat.id}`, { announceOnly: true });
		await page.context().setOffline(false);
		await row(page, "too late").getByText("Not sent", { exact: true }).waitFor();
		await row(page, "too late").getByRole("button", { name: "Discard" }).click();
		await row(page, "too late").waitFor({ state: "detached" });
		expect(await sent(chat, 0)).toEqual([]);
		await page.close();
	});
});
