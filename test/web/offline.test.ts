import { afterAll, beforeAll, expect, test } from "@jest/globals";
import type { Page } from "playwright-core";
import type { Chat } from "../../contracts/chats.ts";
import type { Message } from "../../contracts/messages.ts";
import { goHome, type Person, people } from "../support/people.ts";
import { eventually } from "../support/stage.ts";
import { act, field, message, openChat, type Seat, Web } from "../support/web.ts";

let web: Web;
let ann: Person;
let ben: Person;

beforeAll(async () => {
	[web, [ann, ben]] = await Promise.all([Web.open(), people("ann", "ben")]);
});

afterAll(async () => {
	goHome();
	await web.close();
	expect(web.complaints).toEqual([]);
});

/** A chat of the two with some messages, open in Ann's browser. */
async function ground(): Promise<{ chat: Chat; seat: Seat; first: Message[] }> {
	const chat = await ann.group(ben);
	const first = [];
	for (const who of [ann, ben])
		for (const n of [1, 2, 3]) first.push(await who.say(chat.id, `${n} by ${who.username}`));
	const seat = await web.seat(ann);
	await openChat(seat.page, chat.id);
	await message(seat.page, `3 by ${ben.username}`).waitFor();
	return { chat, seat, first };
}

/** Types and sends; what is sent may have to wait. */
async function write(page: Page, text: string): Promise<void> {
	await field(page).fill(text);
	await field(page).press("Enter");
	await message(page, text).waitFor();
}

/** What the server holds of a chat, as it is read. */
async function onServer(chatId: string): Promise<string[]> {
	const { items } = (await ben.rest.get(`/chats/${chatId}/messages?limit=200`)).body as { items: Message[] };
	return items.map(({ content, seq }) => `${seq} ${content ?? "-"}`);
}

/** What a browser shows of it. */
function onScreen(page: Page): Promise<string[]> {
	return page.locator(".parley-main .parley-row").evaluateAll(rows =>
		rows.map(row => {
			const words = [...row.querySelectorAll(".parley-words")].map(part => part.textContent).join("");
			return `${row.getAttribute("data-seq")} ${row.querySelector(".parley-deleted") ? "-" : words}`;
		}),
	);
}

async function expectAgreement(page: Page, chatId: string): Promise<void> {
	const both = async () => ({ shown: await onScreen(page), held: await onServer(chatId) });
	const { shown, held } = await eventually(
		both,
		({ shown, held }) => JSON.stringify(shown) === JSON.stringify(held),
		45_000,
	);
	expect(shown).toEqual(held);
}

test("after a while offline both sides agree with the server, message for message", async () => {
	const { chat, seat, first } = await ground();
	await seat.context.setOffline(true);
	await write(seat.page, "written offline 1");
	await write(seat.page, "written offline 2");
	await act(seat.page, `1 by ${ann.username}`, "Edit");
	await field(seat.page).fill("edited offline");
	await field(seat.page).press("Enter");
	await act(seat.page, `2 by ${ann.username}`, "Delete");
	await seat.page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
	await seat.page.getByText("You are offline.").waitFor();

	// Meanwhile the other one goes on.
	await ben.rest.patch(`/messages/${first[3]?.id}`, { content: "edited meanwhile" });
	await ben.rest.delete(`/messages/${first[4]?.id}`);
	for (let n = 1; n <= 60; n++) await ben.say(chat.id, `meanwhile ${n}.`);

	await seat.context.setOffline(false);
	await eventually(
		() => onServer(chat.id),
		held => held.some(line => line.includes("offline 2")),
		45_000,
	);
	const last = seat.page.getByRole("button", { name: /latest/i });
	if (await last.isVisible()) await last.click();
	const held = await eventually(
		() => onServer(chat.id),
		lines => lines.some(line => line === "1 edited offline") && lines.includes("2 -"),
		45_000,
	);
	expect(held).toEqual([
		"1 edited offline",
		"2 -",
		`3 3 by ${ann.username}`,
		"4 edited meanwhile",
		"5 -",
		`6 3 by ${ben.username}`,
		...Array.from({ length: 60 }, (_, i) => `${i + 7} meanwhile ${i + 1}.`),
		"67 written offline 1",
		"68 written offline 2",
	]);
	// The list draws what is near: all that it draws is as the server has it.
	const isSame = async () => {
		const lines = await onServer(chat.id);
		const shown = await onScreen(seat.page);
		return shown.length > 5 && shown.every(line => lines.includes(line)) && shown.at(-1) === lines.at(-1);
	};
	expect(await eventually(isSame, same => same, 45_000)).toBe(true);
	await seat.context.close();
});

test("a reload with unsent messages sends each of them once, in their order", async () => {
	const { chat, seat } = await ground();
	await seat.page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
	// The second visit is the worker's.
	await seat.page.reload();
	await openChat(seat.page, chat.id);
	await seat.context.setOffline(true);
	for (const n of [1, 2, 3]) await write(seat.page, `unsent ${n}`);
	await seat.page.reload();
	await message(seat.page, "unsent 3").waitFor();
	await seat.context.setOffline(false);
	const sent = (lines: string[]) => lines.filter(line => line.includes("unsent"));
	const lines = await eventually(
		() => onServer(chat.id),
		held => sent(held).length >= 3,
		45_000,
	);
	expect(sent(lines).map(line => line.replace(/^\d+ /, ""))).toEqual(["unsent 1", "unsent 2", "unsent 3"]);
	await expectAgreement(seat.page, chat.id);
	expect(sent(await onServer(chat.id))).toHaveLength(3);
	await seat.context.close();
});

test("it opens without a network, with what it has", async () => {
	const { chat, seat } = await ground();
	await seat.page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
	await seat.page.reload();
	await openChat(seat.page, chat.id);
	await message(seat.page, `3 by ${ben.username}`).waitFor();
	await seat.context.setOffline(true);
	const page = await seat.context.newPage();
	await page.goto(`${seat.url}/c/${chat.id}`);
	await message(page, `3 by ${ben.username}`).waitFor();
	await page.getByText("You are offline.").waitFor();
	await seat.context.close();
});

/** Makes the stored access token one that ran out an hour ago. */
function expireToken(page: Page): Promise<void> {
	return page.evaluate(async () => {
		const databases = await indexedDB.databases();
		const { name = "" } = databases.find(it => it.name?.startsWith("parley session")) ?? {};
		await new Promise<void>((resolve, reject) => {
			const opening = indexedDB.open(name);
			opening.onerror = () => reject(opening.error);
			opening.onsuccess = () => {
				const database = opening.result;
				const change = database.transaction("kv", "readwrite");
				const walk = change.objectStore("kv").openCursor();
				walk.onsuccess = () => {
					const cursor = walk.result;
					if (!cursor) return;
					if (cursor.key === "session") cursor.update({ ...cursor.value, expiresAt: Date.now() - 3_600_000 });
					cursor.continue();
				};
				change.onabort = () => reject(change.error);
				change.oncomplete = () => {
					database.close();
					resolve();
				};
			};
		});
	});
}

test("it opens without a network also when the access token has run out, and loses nothing", async () => {
	const { chat, seat } = await ground();
	const { page } = seat;
	await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
	await page.reload();
	await openChat(page, chat.id);
	await message(page, `3 by ${ben.username}`).waitFor();
	await seat.context.setOffline(true);
	await expireToken(page);
	await page.goto(`${seat.url}/c/${chat.id}`);
	await message(page, `3 by ${ben.username}`).waitFor();
	await write(page, "with an old token");
	await page.reload();
	await message(page, "with an old token").waitFor();
	await seat.context.setOffline(false);
	const lines = await eventually(
		() => onServer(chat.id),
		held => held.some(line => line.includes("old token")),
		45_000,
	);
	expect(lines.at(-1)).toBe("7 with an old token");
	await seat.context.close();
});

test("what the server never took can be sent again or discarded", async () => {
	const { chat, seat } = await ground();
	await ann.rest.post(`/chats/${chat.id}/members`, { userIds: [] });
	await seat.context.setOffline(true);
	await write(seat.page, "nobody will read this");
	await ann.rest.patch(`/chats/${chat.id}/members/${ben.id}`, { role: "owner" });
	await ben.rest.patch(`/chats/${chat.id}/members/${ann.id}`, { role: "member" });
	await ben.rest.patch(`/chats/${chat.id}/members/${ann.id}`, {
		silencedUntil: new Date(Date.now() + 3_600_000).toISOString(),
	});
	await seat.context.setOffline(false);
	await message(seat.page, "nobody will read this").locator(".parley-failure").waitFor();
	await message(seat.page, "nobody will read this").getByRole("button", { name: "Discard" }).click();
	await seat.page.getByText("nobody will read this").waitFor({ state: "detached" });
	expect((await onServer(chat.id)).join()).not.toContain("nobody will read this");
	await seat.context.close();
});
