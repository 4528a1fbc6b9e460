/** Over plain http a browser offers no clipboard, no locks, no service worker: what one can do without them works. */
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { goHome, type Person, people, urls } from "../support/people.ts";
import { eventually } from "../support/stage.ts";
import { act, chatRow, field, message, openChat, say, Web } from "../support/web.ts";

const HOST = "chat.intern.test";

let web: Web;
let ann: Person;
let ben: Person;

beforeAll(async () => {
	const opened = Web.open(`--host-resolver-rules=MAP ${HOST} 127.0.0.1`);
	[web, [ann, ben]] = await Promise.all([opened, people("ann", "ben")]);
});

afterAll(async () => {
	goHome();
	await web.close();
	// A header that is for https: the browser tells that it means nothing here.
	expect(web.complaints.filter(text => !text.includes("Cross-Origin-Opener-Policy"))).toEqual([]);
});

test("over plain http people talk, and copy what was said", async () => {
	const { port } = new URL(urls()[0] as string);
	const [chat, other] = [await ann.group(ben), await ann.direct(ben)];
	const { page } = await web.seat(ann, { url: `http://${HOST}:${port}` });
	expect(await page.evaluate(() => [isSecureContext, "clipboard" in navigator])).toEqual([false, false]);
	await openChat(page, chat.id);
	await say(page, "take this along");
	await ben.say(chat.id, "heard here");
	await message(page, "heard here").waitFor();
	await ben.say(other.id, "heard elsewhere");
	await chatRow(page, other.id).getByText("heard elsewhere").waitFor();
	await act(page, "take this along", "Copy text");
	await page.getByRole("status").filter({ hasText: "Copied" }).waitFor({ state: "attached" });
	await field(page).focus();
	await page.keyboard.press("Control+v");
	const written = await eventually(
		() => field(page).inputValue(),
		text => text !== "",
	);
	expect(written).toBe("take this along");
});
