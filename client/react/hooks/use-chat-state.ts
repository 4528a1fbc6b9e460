import type { ChatState } from "@parley/client";
import { useEffect } from "react";
import { useHandle } from "../conversation-context.tsx";
import { useSelected } from "../use-readable.ts";

/** Part of a chat's state; the chat is open for as long as somebody uses it. */
export function useChatState<Part>(chatId: string | undefined, select: (state: ChatState) => Part): Part {
	const handle = useHandle(chatId);
	useEffect(() => handle.open(), [handle]);
	return useSelected(handle.state, select);
}
