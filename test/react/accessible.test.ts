import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import type { Chat } from "../../contracts/chats.ts";
import { violations } from "../support/axe.ts";
import { goHome, type Person, people } from "../support/people.ts";
import { type Messengers, startMessengers } from "../support/react-page.ts";

let messengers: Messengers;
let ann: Person;
let ben: Person;
let chat: Chat;

beforeAll(async () => {
	[messengers, [ann, ben]] = await Promise.all([startMessengers(), people("ann", "ben")]);
	for (let n = 1; n <= 3; n++) await ben.say((await ann.group(ben)).id, `elsewhere ${n}`);
	chat = await ann.group(ben);
	for (let n = 1; n <= 40; n++) await (n % 3 ? ben : ann).say(chat.id, `message ${n}`);
	const message = await ben.say(chat.id, "look at **this**: https://parley.example", { mentions: [ann.id] });
	await ben.rest.put(`/messages/${message.id}/reactions/${encodeURIComponent("👍")}`);
	await ann.rest.post(`/messages/${message.id}/thread`);
	await ann.say(chat.id, "an answer", { replyToId: message.id });
});

afterAll(async () => {
	goHome();
	await messengers.close();
	expect(messengers.complaints).toEqual([]);
});

/** Which element has the focus: a message by its words, anything else by its label. */
const focused = (page: Page) =>
	page.evaluate(() => {
		const element = document.activeElement as HTMLElement;
		return element.dataset.row ? `row ${element.dataset.seq}` : element.getAttribute("aria-label");
	});

async function opened(show: Parameters<Messengers["open"]>[1] = {}) {
	const page = await messengers.open(ann, { chat: chat.id, ...show });
	await page.locator("[data-seq='42']").waitFor();
	return page;
}

describe("by keys alone", () => {
	test("the messages are one stop of Tab, in which arrows move", async () => {
		const page = await opened();
		await page.getByRole("button", { name: "Details", exact: true }).focus();
		await page.keyboard.press("Tab");
		expect(await focused(page)).toBe("row 42");
		await page.keyboard.press("ArrowUp");
		await page.waitForFunction(() => (document.activeElement as HTMLElement).dataset.seq === "41");
		await page.keyboard.press("Home");
		await page.waitForFunction(() => (document.activeElement as HTMLElement).dataset.seq === "1");
		await page.keyboard.press("End");
		await page.waitForFunction(() => (document.activeElement as HTMLElement).dataset.seq === "42");
		await page.keyboard.press("Tab");
		const after = await page.evaluate(() => Boolean(document.activeElement?.closest(".parley-log")));
		expect(after).toBe(false);
		await page.keyboard.press("Shift+Tab");
		expect(await focused(page)).toBe("row 42");
		await page.close();
	});

	test("Enter goes to a message's actions, and Escape comes back", async () => {
		const page = await opened();
		await page.locator("[data-seq='41']").focus();
		await page.keyboard.press("Enter");
		await page.waitForFunction(() => document.activeElement?.tagName === "BUTTON");
		const row = await page.evaluate(
			() => document.activeElement?.closest<HTMLElement>("[data-row]")?.dataset.seq,
		);
		expect(row).toBe("41");
		await page.keyboard.press("Tab");
		expect(await focused(page)).toBe("Reply");
		await page.keyboard.press("Escape");
		await page.waitForFunction(() => (document.activeElement as HTMLElement).dataset.seq === "41");
		// Reached again by Tab alone, its controls are out of the way.
		await page.keyboard.press("Tab");
		expect(await page.evaluate(() => Boolean(document.activeElement?.closest(".parley-log")))).toBe(false);
		await page.close();
	});

	test("the chats are filtered, walked through and opened", async () => {
		const page = await messengers.open(ann);
		await page.getByRole("textbox", { name: "Filter chats" }).focus();
		await page.keyboard.press("ArrowDown");
		await page.keyboard.press("End");
		await page.keyboard.press("Enter");
		await page.getByText("elsewhere 1").last().waitFor();
		await page.getByRole("textbox", { name: "Filter chats" }).fill("nothing like that");
		await page.getByText("No chat by that name").waitFor();
		await page.getByRole("textbox", { name: "Filter chats" }).press("Escape");
		await page.locator("[data-chat]").first().waitFor();
		await page.close();
	});
});

test("what others write is said once, and politely", async () => {
	const page = await opened();
	const region = page.locator(".parley > [role=status].parley-hidden");
	await ben.say(chat.id, "spoken aloud");
	await region.filter({ hasText: "ben: spoken aloud" }).waitFor({ state: "attached" });
	expect(await page.locator("[role=log]").getAttribute("aria-live")).toBe("off");
	await page.close();
});

describe.each(["light", "dark"])("axe finds nothing, %s", theme => {
	let page: Page;
	beforeAll(async () => {
		page = await opened({ theme });
	});
	afterAll(() => page.close());

	/** When all that was asked for is there. */
	async function scan() {
		await page.waitForTimeout(400);
		return violations(page);
	}

	test("in the messenger as it is, and with a message's actions", async () => {
		expect(await scan()).toEqual([]);
		await page.locator("[data-seq='41']").focus();
		await page.keyboard.press("Enter");
		await page.locator(".parley-bar").waitFor();
		expect(await scan()).toEqual([]);
	});

	test.each(["Details", "Members", "Pinned messages"])("with %s beside it", async panel => {
		await page.locator(".parley-chat-header").getByRole("button", { name: panel, exact: true }).click();
		await page.locator(".parley-panel").getByRole("heading", { name: panel }).first().waitFor();
		expect(await scan()).toEqual([]);
	});

	test("on a phone, from right to left", async () => {
		const phone = await opened({ theme, language: "ar", width: 360, height: 740 });
		expect(await violations(phone)).toEqual([]);
		await phone.close();
	});
});

describe("from right to left", () => {
	test("everything stands on the other side, and nothing sticks out", async () => {
		const page = await opened({ language: "ar", width: 1_200 });
		const list = await page.locator(".parley-column-list").boundingBox();
		const main = await page.locator(".parley-main").boundingBox();
		expect(list?.x).toBeGreaterThan(main?.x ?? 0);
		const [own, other] = await Promise.all([
			page.locator("[data-seq='42'] .parley-bubble").boundingBox(),
			page.locator("[data-seq='41'] .parley-bubble").boundingBox(),
		]);
		expect(own?.x).toBeLessThan(other?.x ?? 0);
		expect(await page.locator(".parley").getAttribute("dir")).toBe("rtl");
		await page.close();
	});
});

test.each([360, 768, 1_440])("nothing has to be scrolled sideways at %i pixels", async width => {
	const page = await opened({ width });
	const overflow = await page.evaluate(() => {
		const wide = [...document.querySelectorAll<HTMLElement>(".parley-messenger, .parley-messenger *")];
		return wide
			.filter(element => !element.closest(".parley-hidden, svg"))
			.filter(element => {
				const { left, right } = element.getBoundingClientRect();
				return right > innerWidth + 1 || left < -1;
			})
			.map(element => element.className);
	});
	expect(overflow).toEqual([]);
	const columns = width < 640 ? 1 : 2;
	const shown = await page.locator(".parley-column-list:visible, .parley-column-chat:visible").count();
	expect(shown).toBe(columns);
	await page.locator(".parley-chat-header").getByRole("button", { name: "Members", exact: true }).click();
	const panel = await page.locator(".parley-side").boundingBox();
	const main = await page.locator(".parley-main").boundingBox();
	// The third column stands beside the conversation; where there is no room, above it.
	expect((panel?.x ?? 0) >= (main?.x ?? 0) + (main?.width ?? 0) - 1).toBe(width >= 1_440);
	await page.close();
});
