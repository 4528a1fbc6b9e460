import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import type { Chat, Member } from "../../contracts/chats.ts";
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

async function panelOf(who: Person, chat: Chat) {
	const page = await messengers.open(who, { chat: chat.id });
	await page.getByRole("button", { name: "Members", exact: true }).click();
	const panel = page.getByRole("region", { name: "Members" });
	await panel.getByText(`@${ben.username}`).waitFor();
	return { page, panel };
}

async function choose(page: Page, name: string, item: string) {
	await page.getByRole("button", { name: `Actions for ${name}` }).click();
	await page.getByRole("menuitem", { name: item, exact: true }).click();
}

const member = async (chat: Chat, id: string) => {
	const { items } = (await ann.rest.get(`/chats/${chat.id}/members`)).body as { items: Member[] };
	return items.find(({ userId }) => userId === id);
};

test("an owner makes somebody a moderator, silences them, and lets them write again", async () => {
	const chat = await ann.group(ben);
	const { page, panel } = await panelOf(ann, chat);
	await choose(page, "ben", "Make Moderator");
	await panel.getByText("Moderator").waitFor();
	expect((await member(chat, ben.id))?.role).toBe("moderator");
	await choose(page, "ben", "Silence for 1 hour");
	await panel.getByRole("img", { name: "Silenced" }).waitFor();
	expect(Date.parse((await member(chat, ben.id))?.silencedUntil ?? "")).toBeGreaterThan(Date.now());
	await choose(page, "ben", "Let them write again");
	await panel.getByRole("img", { name: "Silenced" }).waitFor({ state: "detached" });
	expect((await member(chat, ben.id))?.silencedUntil).toBeNull();
	await page.close();
});

test("somebody is found and added, and removed after a question", async () => {
	const chat = await ann.group(ben);
	const { page, panel } = await panelOf(ann, chat);
	await panel.getByRole("button", { name: "Add people" }).click();
	const dialog = page.getByRole("dialog", { name: "Add people" });
	await dialog.getByRole("searchbox").fill(cleo.username);
	await dialog.getByRole("checkbox", { name: /cleo/ }).check();
	await dialog.getByRole("button", { name: "Add 1 person" }).click();
	await panel.getByText(`@${cleo.username}`).waitFor();
	await dialog.waitFor({ state: "detached" });
	await choose(page, "cleo", "Remove from the chat");
	await page.getByRole("alertdialog").getByRole("button", { name: "Remove from the chat" }).click();
	await panel.getByText(`@${cleo.username}`).waitFor({ state: "detached" });
	const gone = await eventually(
		() => member(chat, cleo.id),
		one => one === undefined,
	);
	expect(gone).toBeUndefined();
	await page.close();
});

test("a member is offered nothing about others but to write to them", async () => {
	const chat = await ann.group(ben, cleo);
	const { page, panel } = await panelOf(ben, chat);
	expect(await panel.getByRole("button", { name: "Add people" }).count()).toBe(0);
	await page.getByRole("button", { name: "Actions for ann" }).click();
	await page.getByRole("menu").waitFor();
	expect(await page.getByRole("menuitem").allTextContents()).toEqual(["Write to them"]);
	await page.close();
});
