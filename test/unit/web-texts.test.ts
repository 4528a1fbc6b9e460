import { expect, test } from "@jest/globals";
import en, { type Texts } from "../../web/i18n/en.ts";
import { LANGUAGES } from "../../web/settings/settings.rules.ts";

/** The same in several languages for good reason: a name, a sign, or a word that they share. */
const SHARED =
	/^(Parley|E-mail|Name|Status|Online|Offline|Normal|Profil|Profile|Description|Notifications|Details|Invisible|or|en)$/;

const tables = await Promise.all(
	LANGUAGES.map(async language => {
		const { default: table } = (await import(`../../web/i18n/${language}.ts`)) as { default: Texts };
		return { language, table };
	}),
);

/** Texts that are made of something, made of this. */
const spoken = (text: Texts[keyof Texts]): string =>
	typeof text === "string" ? text : (text as (...values: unknown[]) => string)(3, 4);

test.each(tables)("$language has every text, and no other", ({ table }) => {
	expect(Object.keys(table).sort()).toEqual(Object.keys(en).sort());
	for (const [key, text] of Object.entries(table)) {
		expect([key, typeof text]).toEqual([key, typeof en[key as keyof Texts]]);
		expect([key, spoken(text).trim()]).not.toEqual([key, ""]);
		expect(spoken(text)).not.toMatch(/undefined|#/);
	}
});

test.each(tables.filter(({ language }) => language !== "en"))("$language is not English", ({ table }) => {
	const same = Object.entries(table).filter(
		([key, text]) => spoken(text) === spoken(en[key as keyof Texts]) && !SHARED.test(spoken(text)),
	);
	expect(same.map(([key]) => key).filter(key => key !== "inChat")).toEqual([]);
});

test("numbers take the right form", () => {
	const [russian, arabic] = ["ru", "ar"].map(
		wanted => tables.find(({ language }) => language === wanted)?.table,
	);
	expect([1, 3, 5].map(n => russian?.members(n))).toEqual(["1 участник", "3 участника", "5 участников"]);
	expect(new Set([1, 2, 3, 11].map(n => arabic?.members(n).replace(/[\d٠-٩]+/, ""))).size).toBe(4);
	expect([en.members(1), en.members(1_000)]).toEqual(["1 member", "1,000 members"]);
});
