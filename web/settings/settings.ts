/** The settings of this browser: kept in its local storage, the same in all its tabs. */
import { createStore, useValue } from "../parts/store.ts";
import { directionOf, type Language, languageOf, read, type Settings } from "./settings.rules.ts";

const KEY = "parley:settings";

const store = createStore<Settings>(read(stored()));

export const settings = (): Settings => store.get();
export const useSettings = (): Settings => useValue(store);

export function change(part: Partial<Settings>): void {
	store.set({ ...store.get(), ...part });
	try {
		localStorage.setItem(KEY, JSON.stringify(store.get()));
	} catch {
		// A browser that keeps nothing: it holds until the page is closed.
	}
}

export const language = (): Language => languageOf(store.get(), navigator.languages);

addEventListener("storage", event => {
	if (event.key === KEY) store.set(read(event.newValue));
});

/** Puts on the page what its styles go by. */
export function dress(): void {
	const page = document.documentElement;
	const { theme, textSize } = store.get();
	if (theme === "system") delete page.dataset.theme;
	else page.dataset.theme = theme;
	page.dataset.text = textSize;
	page.lang = language();
	page.dir = directionOf(language());
}

function stored(): string | null {
	try {
		return localStorage.getItem(KEY);
	} catch {
		return null;
	}
}
