import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import type { Chat } from "../../contracts/chats.ts";
import { goHome, type Person, people } from "../support/people.ts";
import { type Messengers, startMessengers } from "../support/react-page.ts";
import { eventually } from "../support/stage.ts";

/** More than the client holds in memory at a time, so that the window moves. */
const MESSAGES = 800;
const LIMIT_MS = 240_000;

let messengers: Messengers;
let ann: Person;
let chat: Chat;

beforeAll(async () => {
	const [served, [first, ben]] = await Promise.all([startMessengers(), people("ann", "ben")]);
	messengers = served;
	ann = first;
	chat = await ann.group(ben);
	for (let n = 1; n <= MESSAGES; n++) await ben.say(chat.id, `message ${n} ${"and more ".repeat(n % 9)}`);
	await ann.rest.post(`/chats/${chat.id}/read`, {});
}, LIMIT_MS);

afterAll(async () => {
	goHome();
	await messengers.close();
	expect(messengers.complaints).toEqual([]);
});

/** Scrolls by less than a screen at a time until a message is seen; answers with all that were, and each step that left some out. */
async function scrollTo(page: Page, goal: number, by: number) {
	const seen = new Set<number>();
	const skips: string[] = [];
	let before: number[] = [];
	for (let steps = 0; !seen.has(goal) && steps < 400; steps++) {
		const now = await inSight(page);
		if (isHole(before, now)) skips.push(`${before} then ${now}`);
		for (const seq of now) seen.add(seq);
		before = now;
		await page.evaluate(async step => {
			const log = document.querySelector(".parley-log") as HTMLElement;
			log.scrollTop += step;
			const frame = () => new Promise(requestAnimationFrame);
			do {
				await frame();
				await frame();
				await frame();
			} while (log.getAttribute("aria-busy") === "true");
		}, by);
	}
	return { seen, skips };
}

/** Whether there is something between two screens that neither of them showed. */
function isHole(before: readonly number[], now: readonly number[]): boolean {
	if (before.length === 0) return false;
	const [above, below] = Math.min(...before) < Math.min(...now) ? [before, now] : [now, before];
	return Math.min(...below) > Math.max(...above) + 1;
}

const inSight = (page: Page) =>
	page.evaluate(() => {
		const { top, bottom } = (document.querySelector(".parley-log") as HTMLElement).getBoundingClientRect();
		return [...document.querySelectorAll<HTMLElement>("[data-seq]")]
			.filter(row => {
				const box = row.getBoundingClientRect();
				return box.bottom > top && box.top < bottom;
			})
			.map(row => Number(row.dataset.seq));
	});

test(
	"a history longer than the memory is read from end to end and back without a hole",
	async () => {
		const page = await messengers.open(ann, { chat: chat.id, height: 900 });
		await page.locator(`[data-seq="${MESSAGES}"]`).waitFor();
		// Where it is drawn it need not be seen yet: a busy machine may paint before the list is at its end.
		await eventually(
			() => inSight(page),
			seqs => seqs.includes(MESSAGES),
			10_000,
		);
		const up = await scrollTo(page, 1, -600);
		expect(up.skips).toEqual([]);
		expect(up.seen.size).toBe(MESSAGES);
		const down = await scrollTo(page, MESSAGES, 600);
		expect(down.skips).toEqual([]);
		expect(down.seen.size).toBe(MESSAGES);
		await page.close();
	},
	LIMIT_MS,
);
