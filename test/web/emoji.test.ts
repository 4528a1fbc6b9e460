import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { goHome, people } from "../support/people.ts";
import { eventually } from "../support/stage.ts";
import { openChat, type Seat, Web } from "../support/web.ts";

let web: Web;
let seat: Seat;

beforeAll(async () => {
	const [opened, [ann, ben]] = await Promise.all([Web.open(), people("ann", "ben")]);
	web = opened;
	const chat = await ann.group(ben);
	seat = await web.seat(ann, { serviceWorkers: "block" });
	await openChat(seat.page, chat.id);
});

afterAll(async () => {
	goHome();
	await web.close();
	expect(web.complaints).toEqual([]);
});

test("emoji that cannot be read are told of, and can be asked for again", async () => {
	const { page, context } = seat;
	await context.route("**/emoji/**", route => route.fulfill({ status: 404, body: "{}" }));
	await page.locator(".parley-composer-emoji").click();
	const told = page.getByText("The emoji could not be loaded.");
	await told.waitFor();
	await context.unroute("**/emoji/**");
	await context.route("**/emoji/**", route =>
		route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Parley</title>" }),
	);
	await page.getByRole("button", { name: "Try again" }).click();
	await page.getByText("Loading emoji…").waitFor({ state: "detached" });
	await told.waitFor();
	await context.unroute("**/emoji/**");
	await page.getByRole("button", { name: "Try again" }).click();
	await page.getByRole("gridcell").first().waitFor();
});

test("of a category, emoji whose names begin with what is looked for come first", async () => {
	const { page } = seat;
	await page.locator(".parley-emoji-search").fill("fire");
	const found = () =>
		page.getByRole("gridcell").evaluateAll(cells => cells.map(cell => cell.getAttribute("aria-label")));
	const labels = await eventually(
		found,
		all => all.includes("Firefighter") && !all.includes("Grinning face"),
	);
	// Of people that is the order; in more of its words, and so in front by itself, the latter has it.
	expect(labels.indexOf("Man firefighter")).toBeGreaterThan(labels.indexOf("Firefighter"));
});
