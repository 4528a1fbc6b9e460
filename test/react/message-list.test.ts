import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import type { Chat } from "../../contracts/chats.ts";
import { watchHighlights } from "../support/highlights.ts";
import { goHome, type Person, people } from "../support/people.ts";
import { type Messengers, startMessengers } from "../support/react-page.ts";
import { eventually } from "../support/stage.ts";

const MESSAGES = 260;
const READ = 200;

let messengers: Messengers;
let ann: Person;
let ben: Person;
let chat: Chat;

beforeAll(async () => {
	[messengers, [ann, ben]] = await Promise.all([startMessengers(), people("ann", "ben")]);
	chat = await ann.group(ben);
	for (let n = 1; n <= MESSAGES; n++) await ben.say(chat.id, `message ${n} ${"and more ".repeat(n % 9)}`);
	await ann.rest.post(`/chats/${chat.id}/read`, { seq: READ });
});

afterAll(async () => {
	goHome();
	await messengers.close();
	expect(messengers.complaints.filter(text => !text.includes("ERR_INTERNET_DISCONNECTED"))).toEqual([]);
});

/** A chat of Ann's with so many messages by Ben, of which she has read all but `unread`. */
async function filled(count: number, unread = 0): Promise<Chat> {
	const made = await ann.group(ben);
	for (let n = 1; n <= count; n++) await ben.say(made.id, `message ${n} ${"and more ".repeat(n % 9)}`);
	await ann.rest.post(`/chats/${made.id}/read`, { seq: count - unread });
	return made;
}

async function expectReadSeq(chatId: string, seq: number): Promise<void> {
	const look = async () => {
		const { items } = (await ann.rest.get("/inbox")).body as {
			items: { chat: Chat; self: { readSeq: number } }[];
		};
		return items.find(item => item.chat.id === chatId)?.self.readSeq;
	};
	expect(await eventually(look, readSeq => readSeq === seq)).toBe(seq);
}

const row = (page: Page, seq: number) => page.locator(`[data-seq="${seq}"]`);

/** Waits until the list stands still: it may fetch and measure after a step. */
async function still(page: Page): Promise<void> {
	await page.waitForFunction(
		() =>
			new Promise(resolve => {
				const log = document.querySelector(".parley-log") as HTMLElement;
				const before = `${log.scrollTop} ${log.scrollHeight} ${log.getAttribute("aria-busy")}`;
				setTimeout(() => resolve(before === `${log.scrollTop} ${log.scrollHeight} false`), 400);
			}),
	);
}

/** Where the uppermost message that is wholly seen stands, in pixels from the list's top. */
const uppermost = (page: Page) =>
	page.evaluate(() => {
		const top = document.querySelector(".parley-log")?.getBoundingClientRect().top ?? 0;
		const rows = [...document.querySelectorAll<HTMLElement>("[data-seq]")];
		const seen = rows
			.map(element => ({ seq: Number(element.dataset.seq), y: element.getBoundingClientRect().top - top }))
			.filter(({ y }) => y >= 0)
			.sort((a, b) => a.y - b.y)[0];
		if (!seen) throw new Error("No message can be seen.");
		return seen;
	});

const distanceToEnd = (page: Page) =>
	page.evaluate(() => {
		const log = document.querySelector(".parley-log") as HTMLElement;
		return log.scrollHeight - log.scrollTop - log.clientHeight;
	});

describe("what was unread", () => {
	test("is below a line that says how much it is, and is read by being seen", async () => {
		const { id } = await filled(30, 6);
		const page = await messengers.open(ann, { chat: id });
		const line = page.locator(".parley-unread-line");
		await line.waitFor();
		expect(await line.textContent()).toBe("6 new messages");
		const [above, below] = [await row(page, 24).boundingBox(), await row(page, 25).boundingBox()];
		const place = await line.boundingBox();
		expect(place?.y).toBeGreaterThan(above?.y ?? 0);
		expect(place?.y).toBeLessThan(below?.y ?? 0);
		await page.locator(`[data-chat="${id}"] .parley-badge`).waitFor({ state: "detached" });
		await expectReadSeq(id, 30);
		expect(await line.isVisible()).toBe(true);
		await page.close();
	});

	test("beyond what is loaded is one button away", async () => {
		const page = await messengers.open(ann, { chat: chat.id });
		const button = page.locator(".parley-to-unread");
		await button.click();
		await row(page, READ + 1).waitFor();
		await still(page);
		expect(await row(page, READ + 1).isVisible()).toBe(true);
		await page.locator(".parley-unread-line").waitFor();
		await page.close();
	});
});

describe("history", () => {
	test("put in front holds the place of what is read", async () => {
		const { id } = await filled(160);
		const page = await messengers.open(ann, { chat: id });
		await row(page, 160).waitFor();
		await still(page);
		await page.locator(".parley-log").hover();
		// Up until the next page is asked for; what comes must not move what is in sight.
		const before = await page.evaluate(async () => {
			const log = document.querySelector(".parley-log") as HTMLElement;
			log.scrollTop = 620;
			await new Promise(requestAnimationFrame);
			await new Promise(requestAnimationFrame);
			const top = log.getBoundingClientRect().top;
			const rows = [...document.querySelectorAll<HTMLElement>("[data-seq]")];
			const seen = rows.find(element => element.getBoundingClientRect().top >= top) as HTMLElement;
			return { seq: Number(seen.dataset.seq), y: seen.getBoundingClientRect().top - top };
		});
		await page.waitForFunction(
			() => (document.querySelector(".parley-log") as HTMLElement).scrollTop > 1_200,
		);
		await still(page);
		const after = await page.evaluate(seq => {
			const top = document.querySelector(".parley-log")?.getBoundingClientRect().top ?? 0;
			return (document.querySelector(`[data-seq="${seq}"]`)?.getBoundingClientRect().top ?? -1) - top;
		}, before.seq);
		expect(Math.abs(after - before.y)).toBeLessThanOrEqual(2);
		await page.close();
	});

	test("goes to the first message and back to the last, all of it once", async () => {
		const page = await messengers.open(ann, { chat: chat.id, height: 700 });
		await row(page, MESSAGES).waitFor();
		const seen = new Set<number>();
		for (let i = 0; i < 60 && !seen.has(1); i++) {
			for (const seq of await seqs(page)) seen.add(seq);
			await page.locator(".parley-log").hover();
			await page.mouse.wheel(0, -2_500);
			await page.waitForTimeout(150);
		}
		expect(seen.has(1)).toBe(true);
		await page.locator(".parley-start").waitFor();
		await page.locator(".parley-to-latest").click();
		await row(page, MESSAGES).waitFor();
		await still(page);
		expect(await distanceToEnd(page)).toBeLessThan(4);
		await page.close();
	}, 150_000);
});

const seqs = (page: Page) =>
	page.evaluate(() =>
		[...document.querySelectorAll<HTMLElement>("[data-seq]")].map(one => Number(one.dataset.seq)),
	);

describe("the end of the list", () => {
	test("stays in sight while one is there, and is left alone while one is not", async () => {
		const { id } = await filled(60);
		const page = await messengers.open(ann, { chat: id });
		await row(page, 60).waitFor();
		await still(page);
		await ben.say(id, "and one that takes two lines or more because it goes on and on ".repeat(4));
		await row(page, 61).waitFor();
		await still(page);
		expect(await distanceToEnd(page)).toBeLessThan(4);

		await page.evaluate(() => {
			(document.querySelector(".parley-log") as HTMLElement).scrollTop -= 500;
		});
		await still(page);
		const before = await uppermost(page);
		await ben.say(id, "not yet");
		const badge = page.locator(".parley-to-latest .parley-badge");
		await badge.waitFor();
		expect(await badge.textContent()).toBe("1");
		expect(await uppermost(page)).toEqual(before);
		await page.locator(".parley-to-latest").click();
		await badge.waitFor({ state: "detached" });
		await still(page);
		expect(await distanceToEnd(page)).toBeLessThan(4);
		await page.close();
	});

	test("is where one's own message appears, wherever one was", async () => {
		const { id } = await filled(60);
		const page = await messengers.open(ann, { chat: id });
		await row(page, 60).waitFor();
		await still(page);
		await page.evaluate(() => {
			(document.querySelector(".parley-log") as HTMLElement).scrollTop -= 900;
		});
		await still(page);
		await page.getByRole("textbox", { name: "Message" }).fill("mine");
		await page.keyboard.press("Enter");
		await row(page, 61).waitFor();
		await still(page);
		expect(await distanceToEnd(page)).toBeLessThan(4);
		await page.close();
	});
});

test("a jump fetches what is around a message, and shows which one it is", async () => {
	const quoted = await filled(130);
	const first = await ann.rest.get(`/chats/${quoted.id}/messages?after=4&limit=1`);
	const { id } = (first.body as { items: { id: string }[] }).items[0] as { id: string };
	await ben.say(quoted.id, "as I said", { replyToId: id });
	await ann.rest.post(`/chats/${quoted.id}/read`, {});
	const page = await messengers.open(ann, { chat: quoted.id });
	const highlighted = await watchHighlights(page);
	await page.getByRole("button", { name: /message 5 / }).click();
	await row(page, 5).waitFor();
	expect(await highlighted(5)).toEqual(["5"]);
	const box = await row(page, 5).boundingBox();
	expect(box?.y).toBeGreaterThan(60);
	expect(box?.y).toBeLessThan(800);
	await page.close();
});

test("a quoted message that could not be asked for comes with the connection", async () => {
	const made = await filled(80);
	const { items } = (await ben.rest.get(`/chats/${made.id}/messages?before=3&limit=1`)).body as {
		items: { id: string; content: string }[];
	};
	const [quoted] = items;
	await ben.say(made.id, "as I said", { replyToId: quoted?.id });
	const page = await messengers.open(ann);
	const path = `**/api/messages/${quoted?.id}`;
	let asked = 0;
	await page.route(path, route => {
		asked++;
		return route.abort("internetdisconnected");
	});
	await page.locator(`[data-chat="${made.id}"]`).click();
	const answer = page.locator("article", { hasText: "as I said" });
	await answer.locator(".parley-quote").waitFor();
	await eventually(
		async () => asked,
		count => count > 0,
	);
	await page.unroute(path);
	await page.context().setOffline(true);
	await page.getByText("You are offline.").waitFor();
	await page.context().setOffline(false);
	await answer.locator(".parley-quote-text", { hasText: quoted?.content }).waitFor();
	await page.close();
});
