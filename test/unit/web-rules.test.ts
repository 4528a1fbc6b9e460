import { describe, expect, test } from "@jest/globals";
import { endOf, isForGood } from "../../web/details/mute.rules.ts";
import { deviceOf } from "../../web/dialogs/device.rules.ts";
import { matching } from "../../web/dialogs/switcher.rules.ts";
import { neighbour, nextUnread } from "../../web/frame/neighbours.rules.ts";
import { badgeText, isWorthTelling, titleOf, waitingCount } from "../../web/notices/notices.rules.ts";
import { parse, pathOf, type Route, toChat } from "../../web/router/routes.rules.ts";
import { problemsOf } from "../../web/session/register.rules.ts";
import { DEFAULTS, languageOf, read } from "../../web/settings/settings.rules.ts";
import { find, keyNames, type Press, SHORTCUTS } from "../../web/shortcuts/shortcuts.rules.ts";
import { isOurs, placeOf } from "../../web/worker/worker.rules.ts";

const ID = "01a1fec6-32dd-75e6-9773-87e9ccc404f0";
const OTHER = "01a1fec6-3378-785a-b763-66629c2422d1";

describe("addresses", () => {
	const routes: Route[] = [{ at: "home" }, toChat(ID), toChat(ID, OTHER), { at: "thread", threadId: ID }];
	test.each(routes)("$at leads where it was made", route => expect(parse(pathOf(route))).toEqual(route));

	test.each(["/c/", "/c/1", `/c/${ID}/x`, `/t/${ID}/m/${OTHER}`, "//evil.example", "/c/../api"])(
		"%s is the home page",
		path => expect(parse(path)).toEqual({ at: "home" }),
	);
});

describe("shortcuts", () => {
	const press = (key: string, more: Partial<Press> = {}): Press => ({
		key,
		ctrlKey: false,
		metaKey: false,
		altKey: false,
		shiftKey: false,
		...more,
	});
	const page = { mac: false, inField: false, letterKeys: true };

	test("a letter is a shortcut on the page, and a letter in a field", () => {
		expect(find(press("n"), page)).toBe("newChat");
		expect(find(press("n"), { ...page, inField: true })).toBeNull();
		expect(find(press("n"), { ...page, letterKeys: false })).toBeNull();
		expect(find(press("n", { ctrlKey: true }), page)).toBeNull();
	});

	test("Ctrl+K is Cmd+K on a Mac, also in a field", () => {
		expect(find(press("k", { ctrlKey: true }), { ...page, inField: true })).toBe("switcher");
		expect(find(press("k", { metaKey: true }), page)).toBeNull();
		expect(find(press("k", { metaKey: true }), { ...page, mac: true })).toBe("switcher");
	});

	test("a sign is found whatever keys make it", () => {
		expect(find(press("?", { shiftKey: true }), page)).toBe("help");
		expect(find(press("?"), page)).toBe("help");
		expect(find(press(",", { ctrlKey: true }), page)).toBe("settings");
	});

	test("Shift tells two arrows apart", () => {
		expect(find(press("ArrowDown", { altKey: true }), page)).toBe("nextChat");
		expect(find(press("ArrowDown", { altKey: true, shiftKey: true }), page)).toBe("nextUnread");
		expect(find(press("Enter"), page)).toBeNull();
	});

	test("no two shortcuts have the same keys", () => {
		const keys = SHORTCUTS.flatMap(shortcut => shortcut.keys);
		expect(new Set(keys).size).toBe(keys.length);
	});

	test("keys are named as they are written", () => {
		expect(keyNames("Mod+K", false)).toEqual(["Ctrl", "K"]);
		expect(keyNames("Alt+Shift+ArrowDown", true)).toEqual(["⌥", "⇧", "↓"]);
	});
});

describe("settings", () => {
	test.each([null, "", "{", "[]", "null", '{"theme":"pink","language":"xx","enterSends":1}'])(
		"%s is read as the defaults",
		text => expect(read(text)).toEqual(DEFAULTS),
	);

	test("what was chosen is read back", () => {
		const chosen = { ...DEFAULTS, theme: "dark", language: "ja", enterSends: false } as const;
		expect(read(JSON.stringify(chosen))).toEqual(chosen);
	});

	test("the first language of the browser that we speak", () => {
		expect(languageOf(DEFAULTS, ["nl", "pt-BR", "en"])).toBe("pt");
		expect(languageOf(DEFAULTS, ["nl"])).toBe("en");
		expect(languageOf({ ...DEFAULTS, language: "ar" }, ["de"])).toBe("ar");
	});
});

type Entry = Parameters<typeof waitingCount>[0]["items"][number];
const NOW = Date.parse("2026-05-05T12:00:00Z");
const entry = (id: string, unread = 0, more: { mutedUntil?: string; name?: string } = {}): Entry =>
	({
		chat: { id, name: more.name ?? id, type: "group", capabilities: { notifyAll: true } },
		self: { mutedUntil: more.mutedUntil ?? null },
		unread,
		mentions: 1,
		other: null,
	}) as unknown as Entry;

describe("what is told of new messages", () => {
	const what = {
		message: { chatId: "a", isDeleted: false, createdAt: "2026-05-05T11:59:00Z" },
		mentioned: false,
		entry: entry("a"),
		myStatus: "online" as const,
		watching: null,
		now: NOW,
	};

	test("a message in a chat that is not looked at", () => {
		expect(isWorthTelling(what)).toBe(true);
		expect(isWorthTelling({ ...what, watching: "b" })).toBe(true);
	});

	test("but not where one looks, does not want it, or is long past it", () => {
		expect(isWorthTelling({ ...what, watching: "a" })).toBe(false);
		expect(isWorthTelling({ ...what, myStatus: "dnd" })).toBe(false);
		expect(isWorthTelling({ ...what, entry: undefined })).toBe(false);
		expect(isWorthTelling({ ...what, entry: entry("a", 1, { mutedUntil: "2026-05-05T13:00:00Z" }) })).toBe(
			false,
		);
		expect(isWorthTelling({ ...what, now: NOW + 3_600_000 })).toBe(false);
	});

	test("muted chats count with their mentions only, chats that are not loaded in full", () => {
		const muted = entry("b", 7, { mutedUntil: "2026-05-05T13:00:00Z" });
		expect(waitingCount({ items: [entry("a", 3), muted], totalUnread: 10 }, NOW)).toBe(4);
		expect(waitingCount({ items: [entry("a", 3), muted], totalUnread: 15 }, NOW)).toBe(9);
		expect([titleOf(0), titleOf(4), badgeText(100)]).toEqual(["Parley", "(4) Parley", "99"]);
	});
});

describe("going from chat to chat", () => {
	const items = [entry("a"), entry("b", 2), entry("c"), entry("d", 1)];
	test("down and up, around the ends, and from nowhere", () => {
		expect([neighbour(items, "a", 1), neighbour(items, "a", -1), neighbour(items, "d", 1)]).toEqual([
			"b",
			"d",
			"a",
		]);
		expect([neighbour(items, null, 1), neighbour(items, null, -1), neighbour([], null, 1)]).toEqual([
			"a",
			"d",
			null,
		]);
	});

	test("to the next one in which something waits", () => {
		expect([nextUnread(items, "a"), nextUnread(items, "b"), nextUnread(items, "d")]).toEqual(["b", "d", "b"]);
		expect(nextUnread([entry("a", 1)], "a")).toBeNull();
	});

	test("by the beginning of a word of its name", () => {
		const named = [
			entry("1", 0, { name: "Big launch" }),
			entry("2", 0, { name: "launch" }),
			entry("3", 0, { name: "other" }),
		];
		expect(matching(named, "lau", ({ chat }) => chat.name ?? "").map(({ chat }) => chat.id)).toEqual([
			"2",
			"1",
		]);
	});
});

describe("the service worker", () => {
	const asked = {
		origin: "https://chat.example",
		method: "GET",
		isNavigation: false,
		files: ["/assets/app.js"],
	};
	const place = (path: string, more = {}) => placeOf(new URL(path, asked.origin), { ...asked, ...more });

	test("keeps what the app consists of, and nothing of the server's", () => {
		expect(place("/assets/app.js")).toBe("app");
		expect(place("/emoji/en/data.json")).toBe("emoji");
		for (const path of [
			"/api/users/me",
			"/socket.io/?EIO=4",
			"/health",
			"/docs",
			"/dev/people.json",
			"/other.js",
		])
			expect(place(path)).toBe("network");
		expect(place("/assets/app.js", { method: "HEAD" })).toBe("network");
		expect(placeOf(new URL("https://evil.example/assets/app.js"), asked)).toBe("network");
	});

	test("answers every address of the app with its page", () => {
		const isNavigation = true;
		expect([place("/", { isNavigation }), place(`/c/${ID}`, { isNavigation })]).toEqual(["page", "page"]);
		expect([place("/docs", { isNavigation }), place("/api/x", { isNavigation })]).toEqual([
			"network",
			"network",
		]);
	});

	test("opens only places within the app", () => {
		expect(isOurs(`/c/${ID}/m/${OTHER}`)).toBe(true);
		for (const path of ["https://evil.example", "//evil.example", `/c/${ID}/../..`, 1, undefined])
			expect(isOurs(path)).toBe(false);
	});
});

test("a registration is looked at before the server is asked", () => {
	const good = { username: "ann.b", email: "ann@example.org", password: "12345678", displayName: "Ann" };
	expect(problemsOf(good)).toEqual({});
	const bad = problemsOf({ username: "a b", email: "nowhere", password: "short", displayName: " " });
	expect(Object.keys(bad).sort()).toEqual(["displayName", "email", "password", "username"]);
});

test("a device is named by its browser and system", () => {
	expect(deviceOf("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36")).toBe(
		"Chrome, Linux",
	);
	expect(deviceOf("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18 Safari/604")).toBe(
		"Safari, iOS",
	);
	expect(deviceOf("curl/8.0")).toBe("curl/8.0");
	expect(deviceOf(null)).toBeNull();
});

test("a mute ends when it was said to, or never", () => {
	expect(endOf("hour", NOW).toISOString()).toBe("2026-05-05T13:00:00.000Z");
	expect(isForGood(endOf("forGood", NOW).toISOString())).toBe(true);
	expect(isForGood(endOf("week", NOW).toISOString())).toBe(false);
});
