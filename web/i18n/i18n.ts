/** The app's texts in the language that was chosen. English is there from the start, others are loaded when wanted. */
import { createContext, use } from "react";
import { createStore } from "../parts/store.ts";
import type { Language } from "../settings/settings.rules.ts";
import en, { type Texts } from "./en.ts";

const LOADERS: Record<Exclude<Language, "en">, () => Promise<{ default: Texts }>> = {
	ru: () => import("./ru.ts"),
	de: () => import("./de.ts"),
	es: () => import("./es.ts"),
	fr: () => import("./fr.ts"),
	pt: () => import("./pt.ts"),
	zh: () => import("./zh.ts"),
	ja: () => import("./ja.ts"),
	ar: () => import("./ar.ts"),
};

/** Each language in its own words, for who cannot read the present one. */
export const LANGUAGE_NAMES: Record<Language, string> = {
	en: "English",
	ru: "Русский",
	de: "Deutsch",
	es: "Español",
	fr: "Français",
	pt: "Português",
	zh: "中文",
	ja: "日本語",
	ar: "العربية",
};

export const texts = createStore<Texts>(en);

/** Resolves when the language is there; a language that cannot be loaded leaves the present one. */
export async function speak(language: Language): Promise<void> {
	const table =
		language === "en"
			? en
			: await LOADERS[language]().then(
					({ default: table }) => table,
					() => null,
				);
	if (table) texts.set(table);
}

export const TextsContext = createContext<Texts>(en);
export const useTexts = (): Texts => use(TextsContext);
