import { useCallback } from "react";
import { useHandle } from "../conversation-context.tsx";
import { useReadable } from "../use-readable.ts";

/** What was begun in a chat and not sent, kept on this device. */
export function useDraft(chatId?: string): [text: string, set: (text: string) => void] {
	const handle = useHandle(chatId);
	const text = useReadable(handle.draft);
	return [text, useCallback((next: string) => handle.setDraft(next), [handle])];
}
