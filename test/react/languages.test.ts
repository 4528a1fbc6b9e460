import { describe, expect, test } from "@jest/globals";
import { en } from "../../client/react/i18n/en.ts";
import { LANGUAGES, loadTexts, pickLanguage } from "../../client/react/i18n/languages.ts";

/** Words that are the same in both languages. */
const SAME: Record<string, readonly string[]> = {
	de: ["list.video", "presence.online", "presence.offline", "members.roles.moderator"],
	fr: ["actions.label", "composer.label", "details.notifications", "list.photo"],
};

const OTHERS = LANGUAGES.filter(language => language !== "en");
const NUMBERS = [0, 1, 2, 3, 5, 11, 21, 100, 1_234];

/** Every text as a reader gets it, by its path: functions are called with numbers, or with names. */
function spoken(texts: object, path = ""): Map<string, string> {
	const found = new Map<string, string>();
	for (const [key, value] of Object.entries(texts)) {
		const name = path ? `${path}.${key}` : key;
		if (typeof value === "string") found.set(name, value);
		else if (typeof value === "object") for (const [at, text] of spoken(value, name)) found.set(at, text);
		else for (const [at, text] of calls(value, name)) found.set(at, text);
	}
	return found;
}

function calls(text: (...values: never[]) => string, name: string): [string, string][] {
	if (name === "reactions.by") {
		const by = text as unknown as typeof en.reactions.by;
		return [0, 1, 2, 5].map(others => [`${name}.${others}`, by("👍", ["Åsa", "Ø"], others)]);
	}
	if (name === "header.typing") {
		const typing = text as unknown as typeof en.header.typing;
		return [1, 2, 3].map(n => [`${name}.${n}`, typing(["Åsa", "Ø", "Q"].slice(0, n))]);
	}
	if (name === "messages.from") {
		return [[name, (text as unknown as typeof en.messages.from)("Åsa", "Ø")]];
	}
	// Whoever takes a number makes forms of it; the others put a word in.
	const ofNumber = text as unknown as (n: number) => string;
	if (!/Ω/.test((text as unknown as (word: string) => string)("Ω"))) {
		return NUMBERS.map(n => [`${name}.${n}`, ofNumber(n)]);
	}
	return [[name, (text as unknown as (word: string) => string)("Ω")]];
}

describe.each(OTHERS)("%s", language => {
	test("says everything that English says", async () => {
		const own = spoken(await loadTexts(language));
		expect([...own.keys()].sort()).toEqual([...spoken(en).keys()].sort());
		for (const [name, text] of own) expect([name, text.trim()]).not.toEqual([name, ""]);
	});

	test("says nothing in English", async () => {
		const english = spoken(en);
		const allowed = new Set([...(SAME[language] ?? []), "messages.from"]);
		const same = [...spoken(await loadTexts(language))]
			.filter(([name, text]) => english.get(name) === text && !allowed.has(name))
			.map(([name]) => name);
		expect(same).toEqual([]);
	});

	test("leaves no number sign behind, and no value out", async () => {
		for (const [name, text] of spoken(await loadTexts(language))) {
			expect([name, text]).toEqual([name, expect.not.stringMatching(/#|undefined|NaN|\$\{/)]);
		}
	});
});

test("a form of the plural is chosen as the language does", async () => {
	const [ru, ar] = [await loadTexts("ru"), await loadTexts("ar")];
	expect([1, 3, 5, 21].map(ru.header.members)).toEqual([
		"1 участник",
		"3 участника",
		"5 участников",
		"21 участник",
	]);
	expect(new Set([1, 2, 3, 11].map(ar.header.members)).size).toBe(4);
});

test("the first language that there are texts in is taken, with the region that asked for it", () => {
	expect(pickLanguage(["xx", "pt-BR", "de"])).toEqual({ language: "pt", locale: "pt-BR" });
	expect(pickLanguage(["DE-at"])).toEqual({ language: "de", locale: "DE-at" });
	expect(pickLanguage(["tlh"])).toEqual({ language: "en", locale: "en" });
	expect(pickLanguage([])).toEqual({ language: "en", locale: "en" });
});
