/** What a chat shows that has more members than the server tells receipts and typing to. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { goHome, type Person, person } from "../support/people.ts";
import { readyData } from "../support/ready-data.ts";
import { field, message, openChat, type Seat, say, Web } from "../support/web.ts";

const START_MS = 120_000;
const folder = mkdtempSync(join(tmpdir(), "parley-web-large-"));
let node: ParleyNode;
let web: Web;
let ann: Person;
let ben: Person;
let left: Seat;
let right: Seat;

beforeAll(async () => {
	web = await Web.open();
	node = await startNode({
		CHAT_DATA_DIR: readyData(folder),
		CHAT_JWT_SECRET: randomBytes(32).toString("hex"),
		CHAT_CAPABILITY_RECEIPTS: "2",
	});
	[ann, ben] = [await person("ann", [node.url]), await person("ben", [node.url])];
	[left, right] = [await web.seat(ann, { url: node.url }), await web.seat(ben, { url: node.url })];
}, START_MS);

afterAll(async () => {
	goHome();
	await web.close();
	await node?.stop();
	rmSync(folder, { recursive: true, force: true });
	expect(web.complaints).toEqual([]);
}, START_MS);

const tick = (text: string) => message(left.page, text).locator(".parley-tick").getAttribute("data-tick");

test("a chat above the server's limit shows neither who types nor who has read", async () => {
	const [small, large] = [await ann.group(ben), await ann.group(ben, await person("carol", [node.url]))];

	// Up to it both are shown: so it is the limit that hides them.
	await Promise.all([openChat(left.page, small.id), openChat(right.page, small.id)]);
	await say(left.page, "read by ben");
	await message(left.page, "read by ben").locator("[data-tick='read']").waitFor();
	await field(right.page).pressSequentially("I am wri");
	await left.page.locator(".parley-main").getByText("typing…").first().waitFor();
	await field(right.page).fill("");

	await Promise.all([openChat(left.page, large.id), openChat(right.page, large.id)]);
	await say(left.page, "read by somebody");
	await message(right.page, "read by somebody").waitFor();
	await field(right.page).pressSequentially("I am wri");
	await field(right.page).fill("read it");
	await field(right.page).press("Enter");
	await message(left.page, "read it").waitFor();
	expect(await left.page.locator(".parley-main").getByText("typing…").count()).toBe(0);
	expect(await tick("read by somebody")).toBe("sent");
	await message(left.page, "read by somebody").hover();
	await message(left.page, "read by somebody").getByRole("button", { name: "More actions" }).click();
	await left.page.getByRole("menuitem", { name: "Copy text" }).waitFor();
	expect(await left.page.getByRole("menuitem", { name: "Who has read it" }).count()).toBe(0);
});
