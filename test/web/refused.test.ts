import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import { goHome, ok, type Person, people } from "../support/people.ts";
import { eventually } from "../support/stage.ts";
import { act, chatRow, field, message, openChat, type Seat, say, Web } from "../support/web.ts";

let web: Web;
let ann: Person;
let ben: Person;
let chat: Chat;
let seat: Seat;
let page: Page;

beforeAll(async () => {
	[web, [ann, ben]] = await Promise.all([Web.open(), people("ann", "ben")]);
	chat = await ben.group(ann);
	await ben.rest.patch(`/chats/${chat.id}/members/${ann.id}`, { role: "moderator" });
	seat = await web.seat(ann);
	({ page } = seat);
	await openChat(page, chat.id);
});

afterAll(async () => {
	goHome();
	await web.close();
	expect(web.complaints).toEqual([]);
});

const failure = (text: string) => message(page, text).locator(".parley-failure");
const idOf = async (content: string) => {
	const { items } = ok<{ items: Message[] }>(await ben.rest.get(`/chats/${chat.id}/messages?limit=50`));
	return items.find(item => item.content === content)?.id;
};

test("a pin that was refused is told, and can be dismissed", async () => {
	await say(page, "pin me");
	await eventually(
		() => idOf("pin me"),
		id => id !== undefined,
	);
	await seat.context.setOffline(true);
	await act(page, "pin me", "Pin");
	await ben.rest.patch(`/chats/${chat.id}/members/${ann.id}`, { role: "member" });
	await seat.context.setOffline(false);
	await failure("pin me").getByText("Not pinned").waitFor();
	expect(await failure("pin me").getByRole("button", { name: "Try again" }).count()).toBe(0);
	await failure("pin me").getByRole("button", { name: "Discard" }).click();
	await failure("pin me").waitFor({ state: "detached" });
	expect(await message(page, "pin me").locator("[data-tick='failed']").count()).toBe(0);
});

test("an edit that was refused keeps its words until one gives them up", async () => {
	await seat.context.grantPermissions(["clipboard-read", "clipboard-write"]);
	await say(page, "the first words");
	const id = await eventually(
		() => idOf("the first words"),
		found => found !== undefined,
	);
	await seat.context.setOffline(true);
	await act(page, "the first words", "Edit");
	await field(page).fill("the better words");
	await field(page).press("Enter");
	await message(page, "the better words").waitFor();
	await ben.rest.delete(`/messages/${id}`);
	await seat.context.setOffline(false);
	const refused = page.locator(".parley-failure[data-refused='edit']");
	await refused.getByText("Edit refused").waitFor();
	await refused.getByRole("button", { name: "Copy text" }).click();
	const copied = () => page.evaluate(() => navigator.clipboard.readText());
	expect(await eventually(copied, text => text === "the better words")).toBe("the better words");
	await refused.getByRole("button", { name: "Discard" }).click();
	await refused.waitFor({ state: "detached" });
});

test("while the kit asks whether to delete, the app's keys do nothing", async () => {
	const other = await ben.group(ann);
	await ben.say(other.id, "unread");
	await chatRow(page, other.id).locator(".parley-badge").waitFor();
	await say(page, "delete me?");
	await act(page, "delete me?", "Delete");
	const asking = page.getByRole("alertdialog");
	await asking.waitFor();
	await page.keyboard.press("n");
	await page.keyboard.press("Shift+Escape");
	await asking.waitFor({ state: "detached" });
	expect(await page.locator("dialog[open]").count()).toBe(0);
	// What comes later has come: had all been read, this would be the only one.
	await ben.say(other.id, "unread as well");
	await chatRow(page, other.id).getByText("2", { exact: true }).waitFor();
});
