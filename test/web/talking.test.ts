import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import { goHome, type Person, people, urls } from "../support/people.ts";
import { eventually } from "../support/stage.ts";
import { act, chatRow, field, message, openChat, type Seat, say, textsOf, Web } from "../support/web.ts";

let web: Web;
let ann: Person;
let ben: Person;
let carol: Person;
let chat: Chat;
let left: Seat;
let right: Seat;

beforeAll(async () => {
	[web, [ann, ben, carol]] = await Promise.all([Web.open(), people("ann", "ben", "carol")]);
	chat = await ann.chat({ type: "group", name: "Launch", participantIds: [ben.id, carol.id] });
	// Each at another node, where there are two.
	[left, right] = await Promise.all([web.seat(ann), web.seat(ben, { url: urls().at(-1) as string })]);
	await Promise.all([openChat(left.page, chat.id), openChat(right.page, chat.id)]);
});

afterAll(async () => {
	goHome();
	await web.close();
	expect(web.complaints).toEqual([]);
});

test("what one sends, the other reads", async () => {
	await say(left.page, "hello Ben");
	await message(right.page, "hello Ben").waitFor();
	await say(right.page, "hello Ann");
	await message(left.page, "hello Ann").waitFor();
	expect((await textsOf(left.page)).slice(-2).map(text => text.slice(0, 9))).toEqual([
		"hello Ben",
		"hello Ann",
	]);
});

test("the sender sees that a message has arrived, and that it is read", async () => {
	const direct = await ann.direct(ben);
	await openChat(left.page, direct.id);
	await say(left.page, "are you there?");
	await left.page.locator("[data-tick='delivered']").waitFor();
	await openChat(right.page, direct.id);
	await left.page.locator("[data-tick='read']").waitFor();
	await openChat(left.page, chat.id);
	await openChat(right.page, chat.id);
});

test("who writes is seen to type", async () => {
	await field(right.page).pressSequentially("I am wri");
	await left.page.getByText("typing…").first().waitFor();
	await field(right.page).fill("");
});

test("an edit and a deletion are seen by the other", async () => {
	await say(left.page, "the lunch is at noon");
	await message(right.page, "the lunch is at noon").waitFor();
	await act(left.page, "the lunch is at noon", "Edit");
	await field(left.page).fill("the launch is at noon");
	await field(left.page).press("Enter");
	await message(right.page, "the launch is at noon").getByText("edited").waitFor();
	await act(left.page, "the launch is at noon", "Delete");
	await left.page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
	await message(right.page, "This message was deleted").waitFor();
	await message(left.page, "You deleted this message").waitFor();
});

test("an empty field and the arrow up edit the last message", async () => {
	await say(left.page, "frist");
	await field(left.page).press("ArrowUp");
	await field(left.page).fill("first");
	await field(left.page).press("Enter");
	await message(right.page, "first").getByText("edited").waitFor();
});

test("a reply shows what it answers", async () => {
	await say(right.page, "where is the coffee?");
	await act(left.page, "where is the coffee?", "Reply");
	await say(left.page, "second floor");
	await message(right.page, "second floor").getByText("where is the coffee?").waitFor();
});

test("a reaction from the picker is counted at both, and taken back", async () => {
	await say(left.page, "we did it");
	await message(right.page, "we did it").hover();
	await message(right.page, "we did it").getByRole("button", { name: "Add a reaction" }).click();
	await right.page.getByPlaceholder("Search emoji").fill("rocket");
	await right.page
		.getByRole("gridcell", { name: /rocket/i })
		.first()
		.click();
	const own = message(right.page, "we did it").locator(".parley-reaction");
	const other = message(left.page, "we did it").locator(".parley-reaction");
	expect(
		await eventually(
			() => other.textContent().catch(() => ""),
			text => text?.includes("🚀") ?? false,
			20_000,
		),
	).toContain("🚀");
	await other.click();
	expect(
		await eventually(
			() => own.textContent(),
			text => text?.includes("2") ?? false,
			20_000,
		),
	).toContain("2");
	await own.click();
	expect(
		await eventually(
			() => other.textContent(),
			text => text?.includes("1") ?? false,
			20_000,
		),
	).toContain("1");
});

test("a message is pinned, and found among the pins", async () => {
	await say(left.page, "the house rules");
	await act(left.page, "the house rules", "Pin");
	await message(right.page, "the house rules").locator(".parley-pinned").waitFor();
	await right.page.getByRole("button", { name: "Pinned messages" }).click();
	await right.page.locator(".parley-panel").getByText("the house rules").waitFor();
	await right.page.keyboard.press("Escape");
	await right.page.locator(".parley-panel").waitFor({ state: "detached" });
});

test("a mention is completed, and seen by whom it means", async () => {
	await field(left.page).pressSequentially("thanks @ca");
	await left.page.getByRole("option", { name: /carol/ }).waitFor();
	await left.page.keyboard.press("Enter");
	await left.page.keyboard.press("Enter");
	await message(left.page, "thanks").locator(".parley-mention").waitFor();
	const inbox = async () => (await carol.rest.get("/inbox")).body.items[0] as { mentions: number };
	expect((await eventually(inbox, ({ mentions }) => mentions === 1, 20_000)).mentions).toBe(1);
});

test("a thread is begun, answered, and has an address of its own", async () => {
	await say(left.page, "shall we meet?");
	await message(right.page, "shall we meet?").hover();
	await message(right.page, "shall we meet?").getByRole("button", { name: "Reply in a thread" }).click();
	const thread = right.page.locator(".parley-panel");
	await thread.locator(".parley-composer-text").fill("yes, at ten");
	await thread.locator(".parley-composer-text").press("Enter");
	await thread.locator(".parley-log .parley-row", { hasText: "yes, at ten" }).waitFor();
	await message(left.page, "shall we meet?").getByText("1 reply").click();
	await left.page.locator(".parley-panel .parley-row", { hasText: "yes, at ten" }).waitFor();
	const address = await eventually(
		() => left.page.url(),
		url => url.includes("/t/"),
	);
	expect(address).toMatch(/\/t\/[0-9a-f-]{36}$/);
	await left.page.reload();
	await left.page.locator(".parley-panel .parley-row", { hasText: "yes, at ten" }).waitFor();
	await left.page.keyboard.press("Escape");
	await message(left.page, "shall we meet?").waitFor();
});

test("a message is forwarded into another chat", async () => {
	const direct = await ann.direct(ben);
	await say(left.page, "worth knowing");
	await act(left.page, "worth knowing", "Forward");
	const dialog = left.page.getByRole("dialog");
	await dialog.getByText("ben", { exact: true }).click();
	await dialog.getByRole("button", { name: "Forward to 1 chat" }).click();
	await chatRow(right.page, direct.id).getByText("worth knowing").waitFor();
	await openChat(right.page, direct.id);
	await message(right.page, "worth knowing").getByText("Forwarded").waitFor();
	await openChat(right.page, chat.id);
});

test("a message that is found by its link is shown", async () => {
	const long = await ann.group(ben);
	const sent = [];
	for (let n = 1; n <= 120; n++) sent.push(await ann.say(long.id, `line ${n}.`));
	const page = await web.tab(right, `/c/${long.id}/m/${sent[9]?.id}`);
	await message(page, "line 10.").waitFor();
	expect(await message(page, "line 10.").locator("[data-highlighted]").count()).toBeLessThanOrEqual(1);
	await eventually(
		() => page.url(),
		url => url.endsWith(long.id),
	);
	await page.keyboard.press("g");
	await page.getByRole("dialog").getByRole("button", { name: "Go", exact: true }).click();
	await message(page, "line 1.").waitFor();
	await page.close();
});
