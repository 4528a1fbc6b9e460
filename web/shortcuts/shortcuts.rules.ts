/** All keys of the app in one table: it is what is handled and what the page of shortcuts lists. */

export interface Shortcut {
	id: string;
	/** Any of these; `Mod` is Ctrl, or Cmd on a Mac. */
	keys: readonly string[];
	group: "move" | "do" | "write";
	/** Also while the cursor is in a field. */
	inFields: boolean;
	/** Handled by the message list or the composer; here for the page only. */
	elsewhere?: true;
}

export const SHORTCUTS = [
	{ id: "switcher", keys: ["Mod+K"], group: "move", inFields: true },
	{ id: "previousChat", keys: ["Alt+ArrowUp"], group: "move", inFields: true },
	{ id: "nextChat", keys: ["Alt+ArrowDown"], group: "move", inFields: true },
	{ id: "nextUnread", keys: ["Alt+Shift+ArrowDown"], group: "move", inFields: true },
	{ id: "jumpToDate", keys: ["G"], group: "move", inFields: false },
	{ id: "close", keys: ["Escape"], group: "move", inFields: true },
	{ id: "newChat", keys: ["N"], group: "do", inFields: false },
	{ id: "channels", keys: ["B"], group: "do", inFields: false },
	{ id: "people", keys: ["P"], group: "do", inFields: false },
	{ id: "details", keys: ["I"], group: "do", inFields: false },
	{ id: "profile", keys: ["S"], group: "do", inFields: false },
	{ id: "settings", keys: ["Mod+,"], group: "do", inFields: true },
	{ id: "readAll", keys: ["Shift+Escape"], group: "do", inFields: true },
	{ id: "help", keys: ["?", "Mod+/"], group: "do", inFields: false },
	{ id: "write", keys: ["C"], group: "write", inFields: false },
	{ id: "send", keys: ["Enter"], group: "write", inFields: true, elsewhere: true },
	{ id: "newLine", keys: ["Shift+Enter"], group: "write", inFields: true, elsewhere: true },
	{ id: "editLast", keys: ["ArrowUp"], group: "write", inFields: true, elsewhere: true },
] as const satisfies readonly Shortcut[];

export type ShortcutId = (typeof SHORTCUTS)[number]["id"];

/** What of a keyboard event decides. */
export interface Press {
	key: string;
	ctrlKey: boolean;
	metaKey: boolean;
	altKey: boolean;
	shiftKey: boolean;
}

export function matches(combination: string, press: Press, mac: boolean): boolean {
	const parts = combination.split("+");
	const key = parts.at(-1) ?? "";
	const mod = mac ? press.metaKey : press.ctrlKey;
	const otherMod = mac ? press.ctrlKey : press.metaKey;
	if (otherMod || mod !== parts.includes("Mod") || press.altKey !== parts.includes("Alt")) return false;
	// Which keys make a sign depends on the keyboard, and so whether Shift is one of them.
	const isSign = key.length === 1 && key.toLowerCase() === key.toUpperCase();
	if (!isSign && press.shiftKey !== parts.includes("Shift")) return false;
	return press.key.toLowerCase() === key.toLowerCase();
}

export const isLetter = ({ keys }: Shortcut): boolean => keys.every(key => key.length === 1);

/** The shortcut that a key press means, if any. */
export function find(
	press: Press,
	where: { mac: boolean; inField: boolean; letterKeys: boolean },
): ShortcutId | null {
	const found = (SHORTCUTS as readonly (Shortcut & { id: ShortcutId })[]).find(
		shortcut =>
			!shortcut.elsewhere &&
			(shortcut.inFields || !where.inField) &&
			(where.letterKeys || !isLetter(shortcut)) &&
			shortcut.keys.some(key => matches(key, press, where.mac)),
	);
	return found?.id ?? null;
}

const NAMES: Record<string, string> = {
	ArrowUp: "↑",
	ArrowDown: "↓",
	Escape: "Esc",
};
const MAC_NAMES: Record<string, string> = { Mod: "⌘", Alt: "⌥", Shift: "⇧" };

/** The keys of a combination, as they are written on them. */
export function keyNames(combination: string, mac: boolean): string[] {
	return combination
		.split("+")
		.map(part => (mac ? MAC_NAMES[part] : undefined) ?? (part === "Mod" ? "Ctrl" : (NAMES[part] ?? part)));
}
