import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import { watchHighlights } from "../support/highlights.ts";
import { goHome, type Person, people } from "../support/people.ts";
import { type Messengers, startMessengers } from "../support/react-page.ts";
import { eventually } from "../support/stage.ts";

let messengers: Messengers;
let ann: Person;
let ben: Person;
let cleo: Person;

beforeAll(async () => {
	[messengers, [ann, ben, cleo]] = await Promise.all([startMessengers(), people("ann", "ben", "cleo")]);
});

afterAll(async () => {
	goHome();
	await messengers.close();
	expect(messengers.complaints).toEqual([]);
});

const row = (page: Page, text: string) => page.locator("article", { hasText: text }).last();

async function stage(text: string, owner = ann) {
	const others = [ann, ben].filter(person => person !== owner).map(({ id }) => id);
	const chat = await owner.chat({ type: "group", name: "a group", participantIds: others });
	const message = await ben.say(chat.id, text);
	const page = await messengers.open(ann, { chat: chat.id });
	await row(page, text).waitFor();
	return { chat, message, page };
}

async function menu(page: Page, text: string, item: string) {
	await row(page, text).hover();
	await row(page, text).getByRole("button", { name: "More actions" }).click();
	await page.getByRole("menuitem", { name: item, exact: true }).click();
}

const now = async (who: Person, { id }: Message) => (await who.rest.get(`/messages/${id}`)).body as Message;
/** The place of the message that the focus is on, once it is on that one. */
const focused = (page: Page, { seq }: Message) =>
	eventually(
		() => page.evaluate(() => document.activeElement?.closest("article")?.dataset.seq ?? null),
		place => place === String(seq),
	);

test("a reaction is added by the menu, seen by the other, and taken back by a press", async () => {
	const { page, message } = await stage("react to me");
	await row(page, "react to me").hover();
	await row(page, "react to me").getByRole("button", { name: "More actions" }).click();
	await page.getByRole("menuitem", { name: "React with 🎉" }).click();
	const chip = row(page, "react to me").getByRole("button", { name: "🎉 by You" });
	await chip.waitFor();
	expect(await chip.getAttribute("aria-pressed")).toBe("true");
	const after = await eventually(
		() => now(ben, message),
		({ reactions }) => reactions.length > 0,
	);
	expect(after.reactions).toEqual([{ emoji: "🎉", count: 1, userIds: [ann.id] }]);
	await ben.rest.put(`/messages/${message.id}/reactions/${encodeURIComponent("🎉")}`);
	await row(page, "react to me").getByRole("button", { name: "🎉 by You and ben" }).click();
	await row(page, "react to me").getByRole("button", { name: "🎉 by ben" }).waitFor();
	await page.close();
});

test("a message is deleted after a question, and the focus returns to its row", async () => {
	const { page, message } = await stage("delete me");
	await menu(page, "delete me", "Delete");
	await page.getByRole("alertdialog").getByRole("button", { name: "Cancel" }).click();
	await page.getByRole("alertdialog").waitFor({ state: "detached" });
	expect(await focused(page, message)).toBe(String(message.seq));
	await menu(page, "delete me", "Delete");
	await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
	await page.getByText("This message was deleted").waitFor();
	expect(
		(
			await eventually(
				() => now(ben, message),
				one => one.isDeleted,
			)
		).isDeleted,
	).toBe(true);
	await page.close();
});

test("a member is not offered what only moderators may", async () => {
	const { page } = await stage("not mine", ben);
	await row(page, "not mine").hover();
	await row(page, "not mine").getByRole("button", { name: "More actions" }).click();
	await page.getByRole("menu").waitFor();
	const items = await page.getByRole("menuitem").allTextContents();
	expect(items).toEqual(expect.arrayContaining(["Reply", "Forward"]));
	expect(items).not.toEqual(expect.arrayContaining(["Pin"]));
	expect(items).not.toEqual(expect.arrayContaining(["Delete"]));
	await page.close();
});

test("every action is reached by keys: Enter goes to a message's controls, Escape comes back", async () => {
	const { page, message } = await stage("by keys");
	await row(page, "by keys").focus();
	await page.keyboard.press("Enter");
	await page.waitForFunction(() => document.activeElement?.tagName === "BUTTON");
	await page.getByRole("button", { name: "More actions" }).focus();
	await page.keyboard.press("Enter");
	await page.getByRole("menu").waitFor();
	await page.keyboard.press("Escape");
	await page.getByRole("menu").waitFor({ state: "detached" });
	await page.waitForFunction(() => document.activeElement?.getAttribute("aria-label") === "More actions");
	await page.keyboard.press("Escape");
	await page.waitForFunction(
		seq => (document.activeElement as HTMLElement).dataset.seq === seq,
		String(message.seq),
	);
	await page.close();
});

test("a pinned message is in the panel of pins, which leads to it and lets it go", async () => {
	const { page, message } = await stage("keep this");
	await menu(page, "keep this", "Pin");
	await row(page, "keep this").getByRole("img", { name: "Pinned" }).waitFor();
	await eventually(
		() => now(ben, message),
		one => one.isPinned,
	);
	await page.getByRole("button", { name: "Pinned messages" }).click();
	const panel = page.getByRole("region", { name: "Pinned messages" });
	await panel.getByText("keep this").waitFor();
	const highlighted = await watchHighlights(page);
	await panel.getByRole("button", { name: "Go to the message" }).click();
	expect(await highlighted(message.seq)).toEqual([String(message.seq)]);
	await panel.getByRole("button", { name: "Unpin" }).click();
	await panel.getByText("Nothing is pinned").waitFor();
	await page.close();
});

test("a message is forwarded to the chats that were chosen", async () => {
	const { page, message } = await stage("pass it on");
	const target: Chat = await ann.chat({ type: "group", name: "the others", participantIds: [cleo.id] });
	await menu(page, "pass it on", "Forward");
	const dialog = page.getByRole("dialog", { name: "Forward" });
	await dialog.getByRole("searchbox").fill("others");
	await dialog.getByRole("checkbox", { name: "the others" }).check();
	await dialog.getByRole("button", { name: "Forward to 1 chat" }).click();
	await dialog.waitFor({ state: "detached" });
	expect(await focused(page, message)).toBe(String(message.seq));
	const { items } = (await cleo.rest.get(`/chats/${target.id}/messages`)).body as { items: Message[] };
	expect(items.map(({ content, forwardedFromId }) => [content, forwardedFromId])).toEqual([
		["pass it on", message.id],
	]);
	await page.close();
});

test("who has read a message is told", async () => {
	const { page, chat } = await stage("read me");
	const mine = await ann.say(chat.id, "have you read it?");
	await ben.rest.post(`/chats/${chat.id}/read`, { seq: mine.seq });
	await row(page, "have you read it?").getByRole("img", { name: "Read" }).waitFor();
	await menu(page, "have you read it?", "Who has read it");
	const dialog = page.getByRole("dialog", { name: "Message info" });
	await dialog.getByRole("listitem").filter({ hasText: "ben" }).waitFor();
	await page.keyboard.press("Escape");
	await dialog.waitFor({ state: "detached" });
	expect(await focused(page, mine)).toBe(String(mine.seq));
	await page.close();
});

test("the first reply makes the thread, the next ones go into it", async () => {
	const { page, message } = await stage("let us discuss");
	await row(page, "let us discuss").hover();
	await row(page, "let us discuss").getByRole("button", { name: "Reply in a thread" }).click();
	const panel = page.getByRole("region", { name: "Thread" });
	await panel.getByRole("textbox", { name: "Message" }).fill("first");
	await page.keyboard.press("Enter");
	await panel.locator("article", { hasText: "first" }).waitFor();
	await panel.getByRole("heading", { name: /^Thread in ./ }).waitFor();
	await panel.getByRole("button", { name: "Do not follow" }).waitFor();
	await panel.getByRole("textbox", { name: "Message" }).fill("second");
	await page.keyboard.press("Enter");
	const after = await eventually(
		() => now(ben, message),
		({ thread }) => thread?.count === 2,
	);
	expect(after.thread?.count).toBe(2);
	await page.getByRole("button", { name: /2 replies/ }).waitFor();
	await page.close();
});
