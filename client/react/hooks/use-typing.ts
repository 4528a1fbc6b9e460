import { useMemo } from "react";
import { useHandle } from "../conversation-context.tsx";
import { useChatState } from "./use-chat-state.ts";

export interface Typing {
	/** User ids of others who type now; always empty where the chat is too large to tell. */
	userIds: readonly string[];
	/** Call it at each keystroke. */
	keystroke: () => void;
	stop: () => void;
}

export function useTyping(chatId?: string): Typing {
	const handle = useHandle(chatId);
	const userIds = useChatState(chatId, ({ typing }) => typing);
	return useMemo(
		() => ({ userIds, keystroke: () => handle.typing(true), stop: () => handle.typing(false) }),
		[userIds, handle],
	);
}
