import type { ShownMessage } from "@parley/client";

/** How many characters are left when the composer begins to say so. */
export const COUNTED_FROM = 500;

/** Which key sends: Enter, or Enter with Ctrl or ⌘. The other one begins a new line. */
export type SendBy = "enter" | "ctrl-enter";

interface Key {
	key: string;
	shiftKey: boolean;
	ctrlKey: boolean;
	metaKey: boolean;
	altKey: boolean;
	/** An input method is still at work: its Enter is not ours. */
	isComposing: boolean;
}

export function doesSend(event: Key, sendBy: SendBy): boolean {
	if (event.key !== "Enter" || event.isComposing || event.shiftKey || event.altKey) return false;
	return sendBy === "enter" || event.ctrlKey || event.metaKey;
}

/** Whether what is written may be sent as it stands. */
export function isSendable(text: string, unitsMax: number): boolean {
	return text.trim() !== "" && text.length <= unitsMax;
}

/** One's own last message that can be edited: what ↑ in an empty composer brings back. */
export function lastEditable(messages: readonly ShownMessage[]): ShownMessage | null {
	const last = messages.findLast(
		({ isOwn, isDeleted, type, delivery }) =>
			isOwn && !isDeleted && type === "text" && delivery.state !== "failed",
	);
	return last ?? null;
}
