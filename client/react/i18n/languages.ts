import { en, type Texts } from "./en.ts";

export const LANGUAGES = ["en", "ru", "de", "es", "fr", "pt", "zh", "ja", "ar"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Each table comes when it is needed; English is always there. */
const TABLES: Record<Language, () => Promise<Texts>> = {
	en: async () => en,
	ru: async () => (await import("./ru.ts")).ru,
	de: async () => (await import("./de.ts")).de,
	es: async () => (await import("./es.ts")).es,
	fr: async () => (await import("./fr.ts")).fr,
	pt: async () => (await import("./pt.ts")).pt,
	zh: async () => (await import("./zh.ts")).zh,
	ja: async () => (await import("./ja.ts")).ja,
	ar: async () => (await import("./ar.ts")).ar,
};

export function loadTexts(language: Language): Promise<Texts> {
	return TABLES[language]();
}

/** The first of `wanted`, as `pt-BR`, that there are texts in, with the locale that asked for it; else English. */
export function pickLanguage(wanted: readonly string[]): { language: Language; locale: string } {
	for (const locale of wanted) {
		const base = locale.toLowerCase().split("-")[0];
		const language = LANGUAGES.find(known => known === base);
		if (language) return { language, locale };
	}
	return { language: "en", locale: "en" };
}

export function directionOf(language: Language): "ltr" | "rtl" {
	return language === "ar" ? "rtl" : "ltr";
}
