import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { goHome, type Person, person } from "../support/people.ts";
import { eventually } from "../support/stage.ts";
import { openChat, say, signIn, Web } from "../support/web.ts";

let web: Web;
let ann: Person;

beforeAll(async () => {
	[web, ann] = await Promise.all([Web.open(), person("ann")]);
});

afterAll(async () => {
	goHome();
	await web.close();
	expect(web.complaints).toEqual([]);
});

const menu = async (page: import("playwright-core").Page, item: string) => {
	await page.getByRole("button", { name: /^Account/ }).click();
	await page.getByRole("menuitem", { name: item }).click();
};

test("a newcomer is told what is wrong beside each field, and then comes in", async () => {
	const { page } = await web.visitor();
	const username = `new.${randomBytes(5).toString("hex")}`;
	await page.getByRole("button", { name: "Create account" }).click();
	await page.getByRole("button", { name: "Create account" }).click();
	await page.getByText("Fill this in.").waitFor();
	expect(await page.getByLabel("Name", { exact: true }).getAttribute("aria-invalid")).toBe("true");
	await page.getByLabel("Name", { exact: true }).fill("Nora New");
	await page.getByLabel("Username").fill("no spaces!");
	await page.getByLabel("E-mail").fill("nowhere");
	await page.getByLabel("Password", { exact: true }).fill("short");
	await page.getByRole("button", { name: "Create account" }).click();
	expect(await page.locator("[aria-invalid='true']").count()).toBe(3);
	await page.getByLabel("Username").fill(ann.username);
	await page.getByLabel("E-mail").fill(`${username}@example.com`);
	await page.getByLabel("Password", { exact: true }).fill("long enough for me");
	await page.getByRole("button", { name: "Create account" }).click();
	await page.locator("[data-code='CONFLICT']").waitFor();
	await page.getByLabel("Username").fill(username);
	await page.getByRole("button", { name: "Create account" }).click();
	await page.getByText("Nobody here yet").waitFor();
});

test("a wrong password is told by its code, and nobody comes in", async () => {
	const { page } = await web.visitor();
	await page.getByLabel("Username or e-mail").fill(ann.username);
	await page.getByLabel("Password", { exact: true }).fill("not this one");
	await page.getByRole("button", { name: "Sign in", exact: true }).click();
	await page.locator("[data-code='UNAUTHENTICATED']").waitFor();
	expect(await page.getByText("The name or the password is wrong.").count()).toBe(1);
});

test("whoever signs out leaves nothing behind in the browser", async () => {
	const seat = await web.seat(ann);
	const chat = await ann.chat({ type: "group", name: "left behind" });
	await openChat(seat.page, chat.id);
	await say(seat.page, "do not keep this");
	await menu(seat.page, "Sign out");
	await seat.page.getByRole("dialog").getByRole("button", { name: "Sign out" }).click();
	await seat.page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
	const kept = () =>
		seat.page.evaluate(async () => {
			const read = (name: string) =>
				new Promise<unknown[]>((resolve, reject) => {
					const opening = indexedDB.open(name);
					opening.onerror = () => reject(opening.error);
					opening.onsuccess = async () => {
						const database = opening.result;
						const names = [...database.objectStoreNames];
						const all = names.map(
							store =>
								new Promise(done => {
									const asked = database.transaction(store).objectStore(store).getAll();
									asked.onsuccess = () => done(asked.result);
								}),
						);
						resolve(await Promise.all(all));
						database.close();
					};
				});
			const databases = await indexedDB.databases();
			return JSON.stringify(await Promise.all(databases.map(({ name = "" }) => read(name))));
		});
	const text = await eventually(kept, found => !/do not keep|Token/i.test(found), 20_000);
	expect(text).not.toMatch(/do not keep this|accessToken/);
	await seat.page.reload();
	await seat.page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
	await seat.context.close();
});

test("a device that is signed out elsewhere says so, and the other one stays", async () => {
	const here = await web.seat(ann);
	const there = await web.seat(ann);
	await menu(here.page, "Signed-in devices");
	const rows = here.page.getByRole("dialog").getByRole("listitem");
	await rows.filter({ hasText: "This device" }).waitFor();
	const others = rows.getByRole("button");
	expect(await others.count()).toBeGreaterThan(0);
	// All but this one: among them the other browser.
	for (let left = await others.count(); left > 0; left--) {
		await others.first().click();
		await eventually(
			() => others.count(),
			count => count === left - 1,
		);
	}
	await there.page.getByText("You have been signed out.").waitFor();
	await here.page.keyboard.press("Escape");
	await here.page.reload();
	await here.page.locator(".parley-messenger").waitFor();
	await Promise.all([here.context.close(), there.context.close()]);
});

test("a changed password is the one that opens the door", async () => {
	const zoe = await person("zoe");
	const seat = await web.seat(zoe);
	await menu(seat.page, "Change password");
	const dialog = seat.page.getByRole("dialog");
	await dialog.getByLabel("Current password").fill("wrong, wrong");
	await dialog.getByLabel("New password").fill("a better one by far");
	await dialog.getByRole("button", { name: "Change password" }).click();
	await dialog.locator("[data-code='FORBIDDEN']").waitFor();
	await dialog.getByLabel("Current password").fill(zoe.password);
	await dialog.getByRole("button", { name: "Change password" }).click();
	await dialog.getByText("Password changed.").waitFor();
	const { page } = await web.visitor();
	await signIn(page, { username: zoe.username, password: "a better one by far" });
});

test("a profile and a status are seen by others", async () => {
	const [yan, mia] = [await person("yan"), await person("mia")];
	const chat = await yan.direct(mia);
	const [left, right] = await Promise.all([web.seat(yan), web.seat(mia)]);
	await openChat(right.page, chat.id);
	await menu(left.page, "Profile and status");
	const dialog = left.page.getByRole("dialog");
	await dialog.getByText("Do not disturb").click();
	await dialog.getByLabel(/What are you up to/).fill("in a meeting");
	await dialog.getByLabel("Name", { exact: true }).fill("Yan the Great");
	await dialog.getByRole("button", { name: "Save" }).click();
	await right.page.locator(".parley-chat-header").getByText("Yan the Great").waitFor();
	await right.page.locator(".parley-chat-header").getByText("in a meeting").waitFor();
});
