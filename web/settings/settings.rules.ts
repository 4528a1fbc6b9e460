export const LANGUAGES = ["en", "ru", "de", "es", "fr", "pt", "zh", "ja", "ar"] as const;
export type Language = (typeof LANGUAGES)[number];
export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
export const TEXT_SIZES = ["small", "normal", "large"] as const;
export type TextSize = (typeof TEXT_SIZES)[number];

/** What a person chose for this browser; nothing of it leaves it. */
export interface Settings {
	theme: Theme;
	/** Null: the browser's. */
	language: Language | null;
	textSize: TextSize;
	/** Enter sends and Shift+Enter begins a line; otherwise the other way round. */
	enterSends: boolean;
	notifications: boolean;
	/** Shortcuts of one letter, which get in the way of speech input. */
	letterKeys: boolean;
}

export const DEFAULTS: Settings = {
	theme: "system",
	language: null,
	textSize: "normal",
	enterSends: true,
	notifications: false,
	letterKeys: true,
};

const oneOf = <T extends string>(values: readonly T[], value: unknown): T | undefined =>
	values.find(known => known === value);
const flag = (value: unknown, otherwise: boolean) => (typeof value === "boolean" ? value : otherwise);

/** What was stored, whatever wrote it and when. */
export function read(text: string | null): Settings {
	const kept = parsed(text);
	return {
		theme: oneOf(THEMES, kept.theme) ?? DEFAULTS.theme,
		language: oneOf(LANGUAGES, kept.language) ?? null,
		textSize: oneOf(TEXT_SIZES, kept.textSize) ?? DEFAULTS.textSize,
		enterSends: flag(kept.enterSends, DEFAULTS.enterSends),
		notifications: flag(kept.notifications, DEFAULTS.notifications),
		letterKeys: flag(kept.letterKeys, DEFAULTS.letterKeys),
	};
}

function parsed(text: string | null): Record<string, unknown> {
	try {
		const value: unknown = JSON.parse(text ?? "{}");
		return typeof value === "object" && value !== null ? { ...value } : {};
	} catch {
		return {};
	}
}

/** The first of the browser's languages that we speak. */
export function languageOf(settings: Settings, browser: readonly string[]): Language {
	if (settings.language) return settings.language;
	for (const tag of browser) {
		const known = oneOf(LANGUAGES, tag.toLowerCase().split("-")[0]);
		if (known) return known;
	}
	return "en";
}

export const directionOf = (language: Language): "ltr" | "rtl" => (language === "ar" ? "rtl" : "ltr");
