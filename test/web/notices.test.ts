import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import type { Chat } from "../../contracts/chats.ts";
import { goHome, type Person, people } from "../support/people.ts";
import { eventually } from "../support/stage.ts";
import { openChat, type Seat, Web } from "../support/web.ts";

let web: Web;
let ann: Person;
let ben: Person;
let group: Chat;
let direct: Chat;
let seat: Seat;

beforeAll(async () => {
	[web, [ann, ben]] = await Promise.all([Web.open(), people("ann", "ben")]);
	[group, direct] = [await ann.group(ben), await ann.direct(ben)];
	seat = await web.seat(ann, { permissions: ["notifications"] });
	await seat.page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
});

afterAll(async () => {
	goHome();
	await web.close();
	expect(web.complaints).toEqual([]);
});

interface Told {
	title: string;
	body: string;
	tag: string;
}

const told = (page: Page): Promise<Told[]> =>
	page.evaluate(async () => {
		const worker = await navigator.serviceWorker.ready;
		return (await worker.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }));
	});

test("nothing is told before it was switched on", async () => {
	await ben.say(group.id, "too early");
	await seat.page.locator(`[data-chat="${group.id}"]`).getByText("too early").waitFor();
	expect(await told(seat.page)).toEqual([]);
});

test("a message elsewhere is told once, however many tabs there are", async () => {
	await seat.page.keyboard.press("Control+,");
	const setting = seat.page.getByRole("switch", { name: "Notifications of this browser" });
	await setting.click();
	expect(
		await eventually(
			() => setting.isChecked(),
			on => on,
		),
	).toBe(true);
	await seat.page.keyboard.press("Escape");
	const second = await web.tab(seat);
	await openChat(seat.page, direct.id);
	await ben.say(group.id, "are you all there?");
	const notifications = await eventually(
		() => told(seat.page),
		all => all.length > 0,
		20_000,
	);
	expect(notifications).toEqual([
		{ title: "ben in a group", body: "are you all there?", tag: `parley:${group.id}` },
	]);
	await second.close();
});

test("what is muted is not told", async () => {
	await ann.rest.put(`/chats/${group.id}/mute`, { until: new Date(Date.now() + 3_600_000).toISOString() });
	await seat.page.locator(`[data-chat="${group.id}"] .parley-chat-muted`).waitFor();
	await ben.say(group.id, "psst");
	await seat.page.locator(`[data-chat="${group.id}"]`).getByText("psst").waitFor();
	// A message that is told comes after it, so that there is something to wait for.
	await seat.page.goto(seat.url);
	await seat.page.locator(".parley-messenger").waitFor();
	await ben.say(direct.id, "and this one?");
	const all = await eventually(
		() => told(seat.page),
		found => found.some(({ body }) => body === "and this one?"),
		20_000,
	);
	expect(all.map(({ body }) => body)).not.toContain("psst");
	expect(all.find(({ tag }) => tag === `parley:${direct.id}`)?.title).toBe("ben");
});
