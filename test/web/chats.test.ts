import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import { goHome, type Person, people, urls } from "../support/people.ts";
import { eventually } from "../support/stage.ts";
import { chatRow, detailsButton, field, message, openChat, type Seat, say, Web } from "../support/web.ts";

let web: Web;
let ann: Person;
let ben: Person;
let carol: Person;
let left: Seat;
let right: Seat;
const unique = (name: string) => `${name} ${randomBytes(4).toString("hex")}`;

beforeAll(async () => {
	[web, [ann, ben, carol]] = await Promise.all([Web.open(), people("ann", "ben", "carol")]);
	[left, right] = await Promise.all([web.seat(ann), web.seat(ben, { url: urls().at(-1) as string })]);
});

afterAll(async () => {
	goHome();
	await web.close();
	expect(web.complaints).toEqual([]);
});

const dialog = (page: Page) => page.getByRole("dialog");
const rowOf = (page: Page, name: string) => page.locator(".parley-chat", { hasText: name });

test("a search finds a person, and a click begins to talk with them", async () => {
	await left.page.getByRole("button", { name: "Find people" }).click();
	await dialog(left.page).getByRole("combobox").fill(ben.username);
	await dialog(left.page)
		.getByRole("option", { name: new RegExp(ben.username) })
		.click();
	await say(left.page, "nice to meet you");
	await rowOf(right.page, "nice to meet you").click();
	await message(right.page, "nice to meet you").waitFor();
});

test("the enter key never picks who was found by what was typed before", async () => {
	const { page } = left;
	await page.getByRole("button", { name: "New chat" }).first().click();
	await dialog(page).getByText("Group", { exact: true }).click();
	await dialog(page).getByLabel("Name", { exact: true }).fill(unique("Enter"));
	const box = dialog(page).getByRole("combobox");
	await box.fill(carol.username);
	await dialog(page)
		.getByRole("option", { name: new RegExp(carol.username) })
		.waitFor();
	await box.fill(ben.username);
	await box.press("Enter");
	await eventually(
		async () => {
			if ((await dialog(page).getByRole("list", { name: "1 person chosen" }).count()) === 0)
				await box.press("Enter");
			return dialog(page).locator(".app-chips").allInnerTexts();
		},
		chips => chips.length > 0,
	);
	expect(await dialog(page).locator(".app-chips").textContent()).toContain("ben");
	await dialog(page).getByRole("button", { name: "Cancel" }).click();
	await dialog(page).waitFor({ state: "detached" });
});

test("what was typed of a new group outlives the escape key, and not the word Cancel", async () => {
	const { page } = left;
	const begin = () => page.getByRole("button", { name: "New chat" }).first().click();
	const name = dialog(page).getByLabel("Name", { exact: true });
	const box = dialog(page).getByRole("combobox");
	await begin();
	await dialog(page).getByText("Group", { exact: true }).click();
	await name.fill("Not finished");
	await box.fill(ben.username);
	await dialog(page)
		.getByRole("option", { name: new RegExp(ben.username) })
		.click();
	await box.fill("car");
	await page.keyboard.press("Escape");
	expect(await box.inputValue()).toBe("");
	expect(await name.inputValue()).toBe("Not finished");
	await page.keyboard.press("Escape");
	await dialog(page).waitFor({ state: "detached" });
	await begin();
	expect(await name.inputValue()).toBe("Not finished");
	await dialog(page).getByRole("list", { name: "1 person chosen" }).waitFor();
	await dialog(page).getByRole("button", { name: "Cancel" }).click();
	await dialog(page).waitFor({ state: "detached" });
	await begin();
	await dialog(page).getByText("Group", { exact: true }).click();
	expect(await name.inputValue()).toBe("");
	await page.keyboard.press("Escape");
	await dialog(page).waitFor({ state: "detached" });
});

test("a group is made with a name and people, who see it at once", async () => {
	const name = unique("Picnic");
	await left.page.getByRole("button", { name: "New chat" }).first().click();
	await dialog(left.page).getByText("Group", { exact: true }).click();
	await dialog(left.page).getByLabel("Name", { exact: true }).fill(name);
	await dialog(left.page).getByRole("combobox").fill(ben.username);
	await dialog(left.page)
		.getByRole("option", { name: new RegExp(ben.username) })
		.click();
	await dialog(left.page).getByRole("list", { name: "1 person chosen" }).waitFor();
	await dialog(left.page).getByRole("button", { name: "Create" }).click();
	await left.page.locator(".parley-chat-header").getByText(name).waitFor();
	await rowOf(right.page, name).waitFor();
});

test("a channel is made, found by its name, joined and left", async () => {
	const name = unique("gardening");
	await left.page.getByRole("button", { name: "Browse channels" }).first().click();
	await dialog(left.page).getByRole("button", { name: "New channel" }).click();
	await dialog(left.page).getByLabel("Name", { exact: true }).fill(name);
	await dialog(left.page)
		.getByLabel(/^Description/)
		.fill("Plants and such");
	await dialog(left.page).getByRole("button", { name: "Create" }).click();
	await left.page.locator(".parley-chat-header").getByText(name).waitFor();

	await right.page.getByRole("button", { name: "Browse channels" }).first().click();
	await dialog(right.page).getByRole("searchbox").fill(name);
	const found = dialog(right.page).getByRole("listitem").filter({ hasText: name });
	await found.getByText("Plants and such").waitFor();
	await found.getByRole("button", { name: "Join" }).click();
	await right.page.locator(".parley-chat-header").getByText(name).waitFor();
	await left.page.locator(".parley-chat-header").getByText("2 members").waitFor();

	await right.page.keyboard.press("Escape");
	await detailsButton(right.page).click();
	await right.page.getByRole("button", { name: "Leave" }).click();
	await dialog(right.page).getByRole("button", { name: "Leave" }).click();
	await rowOf(right.page, name).waitFor({ state: "detached" });
	await left.page.locator(".parley-chat-header").getByText("1 member").waitFor();
});

test("an owner renames a group, changes a role, removes a member, and deletes the group", async () => {
	const before = unique("Old name");
	const after = unique("New name");
	const group = await ann.chat({ type: "group", name: before, participantIds: [ben.id, carol.id] });
	await openChat(left.page, group.id);
	await openChat(right.page, group.id);
	await detailsButton(left.page).click();
	await left.page.getByRole("button", { name: "Add a description" }).click();
	await dialog(left.page).getByLabel("Name", { exact: true }).fill(after);
	await dialog(left.page).getByRole("button", { name: "Save" }).click();
	await right.page.locator(".parley-chat-header").getByText(after).waitFor();

	await left.page.getByRole("button", { name: "Members", exact: true }).first().click();
	await left.page.getByRole("button", { name: /Actions for ben/ }).click();
	await left.page.getByRole("menuitem", { name: /Make moderator/i }).click();
	const roleOfBen = async () => {
		const { items } = (await ann.rest.get(`/chats/${group.id}/members`)).body;
		return items.find((member: { userId: string }) => member.userId === ben.id)?.role;
	};
	expect(await eventually(roleOfBen, role => role === "moderator", 20_000)).toBe("moderator");

	await left.page.getByRole("button", { name: /Actions for carol/ }).click();
	await left.page.getByRole("menuitem", { name: "Remove from the chat" }).click();
	await left.page
		.getByRole("alertdialog")
		.getByRole("button", { name: /Remove/ })
		.click();
	await right.page.locator(".parley-chat-header").getByText("2 members").waitFor();

	await detailsButton(left.page).click();
	await left.page.getByRole("button", { name: "Delete" }).last().click();
	await dialog(left.page).getByRole("button", { name: "Delete" }).click();
	await chatRow(right.page, group.id).waitFor({ state: "detached" });
	await chatRow(left.page, group.id).waitFor({ state: "detached" });
});

test("a chat is muted for a time, and heard again", async () => {
	const direct = await ann.direct(ben);
	await openChat(left.page, direct.id);
	await detailsButton(left.page).click();
	await left.page.getByRole("button", { name: "For 8 hours" }).click();
	await left.page.getByText(/Muted until/).waitFor();
	await chatRow(left.page, direct.id).locator(".parley-chat-muted").waitFor();
	await left.page.getByRole("button", { name: "Unmute" }).click();
	await left.page.getByText("You are told of new messages.").waitFor();
	await left.page.keyboard.press("Escape");
});

/** Whether a browser has stored something under this name. */
function isStored(page: Page, name: string): Promise<boolean> {
	return page.evaluate(async key => {
		const asked = <T>(request: IDBRequest<T>) =>
			new Promise<T>((resolve, reject) => {
				request.onsuccess = () => resolve(request.result);
				request.onerror = () => reject(request.error);
			});
		for (const { name = "" } of await indexedDB.databases()) {
			const database = await asked(indexedDB.open(name));
			const found = await asked(database.transaction("kv").objectStore("kv").count(key));
			database.close();
			if (found > 0) return true;
		}
		return false;
	}, name);
}

test("a draft waits in its chat, also after a reload", async () => {
	const [one, two] = [await ann.group(ben), await ann.direct(ben)];
	await openChat(left.page, one.id);
	await field(left.page).fill("not finished y");
	await openChat(left.page, two.id);
	expect(await field(left.page).inputValue()).toBe("");
	await chatRow(left.page, one.id).getByText("Draft").waitFor();
	// It is written down when one pauses.
	expect(
		await eventually(
			() => isStored(left.page, `draft ${one.id}`),
			stored => stored,
			20_000,
		),
	).toBe(true);
	await left.page.reload();
	await chatRow(left.page, one.id).getByText("not finished y").waitFor();
	await openChat(left.page, one.id);
	expect(
		await eventually(
			() => field(left.page).inputValue(),
			text => text !== "",
		),
	).toBe("not finished y");
	await field(left.page).fill("");
});

test("the keys go to chats, and their page lists them", async () => {
	const name = unique("Zebra");
	const group = await ann.chat({ type: "group", name });
	await chatRow(left.page, group.id).waitFor();
	await left.page.keyboard.press("Control+k");
	await dialog(left.page).getByRole("combobox").fill(name);
	await dialog(left.page).getByRole("option", { name }).waitFor();
	await left.page.keyboard.press("Enter");
	await left.page.waitForURL(`**/c/${group.id}`);
	await left.page.keyboard.press("Alt+ArrowDown");
	await eventually(
		() => left.page.url(),
		url => !url.endsWith(group.id),
	);
	await left.page.keyboard.press("Alt+ArrowUp");
	await left.page.waitForURL(`**/c/${group.id}`);
	await left.page.locator(".app-bar-title").click();
	await left.page.keyboard.press("?");
	await dialog(left.page).getByText("Go to a chat or person").waitFor();
	expect(await dialog(left.page).locator("kbd").count()).toBeGreaterThan(20);
	await left.page.keyboard.press("Escape");
	await dialog(left.page).waitFor({ state: "detached" });
	await left.page.goBack();
	await eventually(
		() => left.page.url(),
		url => !url.endsWith(group.id),
	);
});

test("settings hold at once and after a reload: theme, language, how one sends", async () => {
	await left.page.keyboard.press("Control+,");
	await dialog(left.page).getByText("Dark", { exact: true }).click();
	expect(await left.page.locator("html").getAttribute("data-theme")).toBe("dark");
	await dialog(left.page).getByLabel("Language").selectOption("ar");
	await left.page.getByRole("heading", { name: "الإعدادات" }).waitFor();
	expect(await left.page.locator("html").getAttribute("dir")).toBe("rtl");
	await left.page.reload();
	await left.page.getByRole("button", { name: "تصفّح القنوات" }).first().waitFor();
	await left.page.keyboard.press("Control+,");
	await dialog(left.page).locator("select").selectOption("en");
	await dialog(left.page).getByRole("switch", { name: "Enter sends the message" }).click();
	await left.page.keyboard.press("Escape");
	const direct = await ann.direct(ben);
	await openChat(left.page, direct.id);
	await field(left.page).fill("two");
	await field(left.page).press("Enter");
	await field(left.page).pressSequentially("lines");
	await field(left.page).press("Control+Enter");
	await message(left.page, "lines").waitFor();
});
