import type { ChatHandle } from "@parley/client";
import type { KeyboardEvent } from "react";
import type { ComposerMode } from "../conversation-context.tsx";
import { doesSend, lastEditable, type SendBy } from "./composer.rules.ts";
import type { ComposerModel } from "./use-composer.ts";

/** What a key does in the composer; what it does not know is the text field's. */
export function onComposerKey(
	event: KeyboardEvent,
	composer: ComposerModel,
	sendBy: SendBy,
	{ handle, setMode }: { handle: ChatHandle; setMode: (mode: ComposerMode) => void },
) {
	const { mode, text, isDetached } = composer;
	const { isComposing } = event.nativeEvent;
	if (isComposing) return;
	if (composer.completion.items.length > 0 && forCompletion(event, composer)) return taken(event);
	if (event.key === "Escape" && mode.kind !== "new") {
		composer.cancel();
		return taken(event);
	}
	if (event.key === "ArrowUp" && text === "" && mode.kind === "new" && !isDetached) {
		const message = lastEditable(handle.state.get().messages);
		if (!message) return;
		setMode({ kind: "edit", message });
		return taken(event);
	}
	const { key, shiftKey, ctrlKey, metaKey, altKey } = event;
	if (doesSend({ key, shiftKey, ctrlKey, metaKey, altKey, isComposing }, sendBy) && !isOnScreen()) {
		void composer.send();
		return taken(event);
	}
}

function taken(event: KeyboardEvent) {
	event.preventDefault();
	event.stopPropagation();
}

/** Whether the key was for the suggestions. */
function forCompletion(event: KeyboardEvent, { completion, complete }: ComposerModel): boolean {
	const { items, active, setActive, dismiss } = completion;
	const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
	if (step !== 0) setActive((active + step + items.length) % items.length);
	else if ((event.key === "Tab" || event.key === "Enter") && !event.shiftKey) complete(active);
	else if (event.key === "Escape") dismiss();
	else return false;
	return true;
}

/** A keyboard of the screen's has no Shift+Enter: there Enter begins a line, and the button sends. */
function isOnScreen(): boolean {
	return matchMedia("(pointer: coarse) and (not (any-pointer: fine))").matches;
}
