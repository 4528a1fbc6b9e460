import { useEffect, useMemo, useState } from "react";
import { en, type Texts } from "./en.ts";
import { type Language, loadTexts, pickLanguage } from "./languages.ts";

/** Groups of texts, each in part. */
export type TextsOverride = { [Group in keyof Texts]?: Partial<Texts[Group]> };

export interface LoadedTexts {
	language: Language;
	locale: string;
	texts: Texts;
}

/** Null until the first language is there; then the old one until the next is. */
export function useLoadedTexts(
	wanted: string | undefined,
	own: TextsOverride | undefined,
): LoadedTexts | null {
	const { language, locale } = useMemo(() => picked(wanted), [wanted]);
	const [loaded, setLoaded] = useState<LoadedTexts | null>(
		language === "en" ? { language, locale, texts: en } : null,
	);
	useEffect(() => {
		let isWanted = true;
		const show = (next: LoadedTexts) => isWanted && setLoaded(next);
		loadTexts(language).then(
			texts => show({ language, locale, texts }),
			// The table is a file of its own; without it English is better than nothing.
			() => show({ language: "en", locale: "en", texts: en }),
		);
		return () => {
			isWanted = false;
		};
	}, [language, locale]);
	return useMemo(() => loaded && { ...loaded, texts: withOwn(loaded.texts, own) }, [loaded, own]);
}

/** A wanted language with the browser's region, where the browser has one for it. */
function picked(wanted: string | undefined): { language: Language; locale: string } {
	const ofBrowser = typeof navigator === "undefined" ? [] : navigator.languages;
	if (wanted === undefined) return pickLanguage(ofBrowser);
	const { language, locale } = pickLanguage([wanted]);
	if (locale.includes("-")) return { language, locale };
	return { language, locale: ofBrowser.find(one => one.startsWith(`${language}-`)) ?? language };
}

function withOwn(texts: Texts, own: TextsOverride | undefined): Texts {
	if (!own) return texts;
	const groups = Object.entries(texts).map(([group, words]) => [
		group,
		{ ...words, ...own[group as keyof Texts] },
	]);
	return Object.fromEntries(groups) as Texts;
}
