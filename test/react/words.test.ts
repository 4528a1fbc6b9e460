import { describe, expect, test } from "@jest/globals";
import type { Chat, InboxEntry, Message } from "../../client/api.ts";
import { hueOf, initialsOf } from "../../client/react/avatar.rules.ts";
import { badge, dayName, daysBetween, relativeTime, shortTime } from "../../client/react/format.rules.ts";
import { en } from "../../client/react/i18n/en.ts";
import { bodyOf, chatName, matches, previewOf } from "../../client/react/names.rules.ts";

const NOW = new Date(2026, 2, 12, 15, 30).getTime();
const ago = (days: number, hour = 9) => new Date(2026, 2, 12 - days, hour, 5).getTime();

describe("times", () => {
	test("are short in a list: the clock, then the day", () => {
		expect(shortTime(ago(0), NOW, "en-GB")).toBe("09:05");
		expect(shortTime(ago(1, 23), NOW, "en-GB")).toBe("Yesterday");
		expect(shortTime(ago(3), NOW, "en-GB")).toBe("Mon");
		expect(shortTime(ago(30), NOW, "en-GB")).toBe("10 Feb");
		expect(shortTime(ago(400), NOW, "de")).toBe("05.02.25");
	});

	test("are days by the reader's calendar, not by hours", () => {
		expect(daysBetween(new Date(2026, 2, 11, 23, 59).getTime(), new Date(2026, 2, 12, 0, 1).getTime())).toBe(
			1,
		);
		expect(dayName(ago(0), NOW, "en")).toBe("Today");
		expect(dayName(ago(1), NOW, "ru")).toBe("Вчера");
		expect(dayName(ago(2), NOW, "fr")).toBe("Mardi");
		expect(dayName(ago(400), NOW, "en-GB")).toBe("5 February 2025");
	});

	test("are told by how long ago they are", () => {
		expect(relativeTime(NOW - 5 * 60_000, NOW, "en")).toBe("5 minutes ago");
		expect(relativeTime(NOW + 3 * 3_600_000, NOW, "en")).toBe("in 3 hours");
		expect(relativeTime(ago(1), NOW, "de")).toBe("gestern");
	});

	test("and numbers are written as the language does", () => {
		expect(badge(7, "en")).toBe("7");
		expect(badge(1_200, "en")).toBe("999+");
	});
});

describe("faces", () => {
	test("have at most two signs, whole ones, of any script", () => {
		expect(["Ann Baker", "ann.baker", "Čapek", "王 小明", "👩‍🚀 Zoe", "(x) y", ""].map(initialsOf)).toEqual([
			"AB",
			"AB",
			"Č",
			"王小",
			"👩‍🚀Z",
			"XY",
			"?",
		]);
	});

	test("have a colour that stays, and is not everybody's", () => {
		expect(hueOf("0190a3b2")).toBe(hueOf("0190a3b2"));
		expect(new Set(Array.from({ length: 50 }, (_, n) => hueOf(`id-${n}`))).size).toBeGreaterThan(6);
	});
});

describe("the last message in one line", () => {
	const chat = { id: "c", type: "group", name: "g", parentChatId: null } as Chat;
	const said = (more: Partial<Message>) =>
		({ senderId: "ben", type: "text", content: "a\n b", isDeleted: false, ...more }) as Message;
	const line = (more: Partial<Message> | null, type: Chat["type"] = "group") => {
		const entry = { chat: { ...chat, type }, lastMessage: more && said(more) } as InboxEntry;
		const { sender, text } = previewOf(entry, { meId: "me", senderName: "Ben", texts: en });
		return sender === null ? text : `${sender}: ${text}`;
	};

	test("says who, where that is not clear, and what", () => {
		expect(line({})).toBe("Ben: a b");
		expect(line({}, "direct")).toBe("a b");
		expect(line({ senderId: "me" }, "direct")).toBe("You: a b");
		expect(line({ isDeleted: true, content: null })).toBe("Ben: Message deleted");
		expect(line({ type: "image", content: "the door" })).toBe("Ben: Photo: the door");
		expect(line(null)).toBe("No messages yet");
	});

	test("is words only", () => {
		expect(bodyOf({ type: "custom", content: null, isDeleted: false }, en)).toBe("Attachment");
	});

	test("stands below a name that there always is", () => {
		const other = { id: "o", username: "o", displayName: "Olga", avatarUrl: null };
		expect(chatName({ ...chat, name: null, type: "direct" }, other, en)).toBe("Olga");
		expect(chatName({ ...chat, name: null, type: "direct" }, null, en)).toBe("Somebody");
		expect(chatName({ ...chat, name: null }, null, en)).toBe("Group without a name");
		expect(chatName({ ...chat, name: null, type: "thread" }, null, en, "g")).toBe("Thread in g");
	});
});

test("who filters need not care for case, accents or width", () => {
	expect(matches("Élodie Žák", "zak")).toBe(true);
	expect(matches("ＡＢＣ", " abc ")).toBe(true);
	expect(matches("Ann", "anna")).toBe(false);
});
