/** What a chat shows that has more members than the server tells receipts and typing to. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Chat } from "../../contracts/chats.ts";
import { api } from "../support/http.ts";
import { type ParleyNode, startNode } from "../support/nodes.ts";
import { goHome, ok, type Person, person } from "../support/people.ts";
import { readyData } from "../support/ready-data.ts";
import { foreignToken } from "../support/tokens.ts";
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
		CHAT_CAPABILITY_PRESENCE: "200",
		CHAT_JWT_ISSUERS: `[${process.env.PARLEY_FOREIGN_ISSUER}]`,
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

/** More than a page. */
const CROWD = 250;

/** Users of the host application, who need no password. */
async function crowd(): Promise<string[]> {
	const ids: string[] = [];
	for (let from = 0; from < CROWD; from += 50) {
		const some = Array.from({ length: 50 }, (_, i) =>
			foreignToken(`crowd ${from + i}`, { name: `Member ${from + i}` }),
		);
		const found = await Promise.all(some.map(token => api(node.url, token).get("/users/me")));
		ids.push(...found.map(answer => ok<{ id: string }>(answer).id));
	}
	return ids;
}

async function openMembers(chat: Chat) {
	await openChat(left.page, chat.id);
	await left.page.getByRole("button", { name: "Members", exact: true }).click();
	return left.page.getByRole("region", { name: "Members" });
}

test("of a large chat the members are shown by the page, and nobody's presence is asked", async () => {
	const small = await ann.group(ben);
	const large = await ann.chat({ type: "group", name: "larger", participantIds: [] });
	const ids = await crowd();
	for (let from = 0; from < CROWD; from += 100) {
		const userIds = ids.slice(from, from + 100);
		ok(await ann.rest.post(`/chats/${large.id}/members`, { userIds }));
	}
	const sent: string[] = [];
	left.page.on("websocket", socket =>
		socket.on("framesent", ({ payload }) => {
			if (String(payload).includes("presence:subscribe")) sent.push(String(payload));
		}),
	);
	await left.page.reload();
	const panel = await openMembers(large);
	await panel.getByText("Member 1", { exact: true }).waitFor();
	await panel.getByRole("button", { name: "Show more" }).click();
	await panel.getByRole("button", { name: "Show more" }).waitFor({ state: "detached" });
	await panel.getByRole("searchbox").fill(`Member ${CROWD - 1}`);
	await panel.getByText(`Member ${CROWD - 1}`, { exact: true }).waitFor();
	await panel.getByRole("searchbox").fill("");
	await panel.getByText("Member 1", { exact: true }).waitFor();
	expect(await panel.locator(".parley-member").count()).toBeLessThan(100);
	const asked = (userId: string) => sent.some(frame => frame.includes(userId));
	expect(ids.filter(asked)).toEqual([]);
	// Of a small one it is asked: so it is the size that ends it.
	await (await openMembers(small)).getByText(`@${ben.username}`).waitFor();
	for (let i = 0; i < 100 && !asked(ben.id); i++) await left.page.waitForTimeout(50);
	expect(asked(ben.id)).toBe(true);
}, 120_000);
