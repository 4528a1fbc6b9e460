import { useEffect, useRef } from "react";
import { settings } from "../settings/settings.ts";
import { find, type ShortcutId } from "./shortcuts.rules.ts";

export const isMac = /Mac|iPhone|iPad/.test(navigator.platform);

/** The app's dialogs and the kit's; what hovers beside its button takes no keys from the page. */
const DIALOG = "dialog[open], [role='alertdialog'], [role='dialog']:not(.parley-popover)";

/** What each shortcut does; one that answers false leaves the key to others. */
export type Handlers = Partial<Record<ShortcutId, () => unknown>>;

/** Listens on the whole page. What is typed into a dialog is the dialog's. */
export function useShortcuts(handlers: Handlers): void {
	const latest = useRef(handlers);
	latest.current = handlers;
	useEffect(() => {
		const onKey = (event: KeyboardEvent) => {
			if (event.defaultPrevented || event.isComposing || event.repeat) return;
			if (document.querySelector(DIALOG)) return;
			const where = { mac: isMac, inField: isField(event.target), letterKeys: settings().letterKeys };
			const id = find(event, where);
			const handler = id && latest.current[id];
			if (!handler || handler() === false) return;
			event.preventDefault();
		};
		addEventListener("keydown", onKey);
		return () => removeEventListener("keydown", onKey);
	}, []);
}

function isField(target: EventTarget | null): boolean {
	return (
		target instanceof HTMLElement &&
		(target.isContentEditable || target.matches("input, textarea, select, [role='textbox']"))
	);
}
