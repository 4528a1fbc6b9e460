import type { Chat, ChatHandle, ChatStatus, Member, ParleyErrorShape } from "@parley/client";
import { useHandle } from "../conversation-context.tsx";
import { useChatState } from "./use-chat-state.ts";

export interface UsedChat {
	status: ChatStatus;
	/** Null until it is known. */
	chat: Chat | null;
	/** One's own membership; null in a thread that one does not follow. */
	self: Member | null;
	unread: number;
	/** The `readSeq` when the chat was opened. */
	openedAtSeq: number | null;
	error: ParleyErrorShape | null;
	/** What can be done: send, edit, rename, leave and the rest. */
	handle: ChatHandle;
}

/** One chat, open for as long as somebody uses it; inside a conversation its own where none is named. */
export function useChat(chatId?: string): UsedChat {
	const handle = useHandle(chatId);
	const state = useChatState(chatId, ({ status, chat, self, unread, openedAtSeq, error }) => ({
		status,
		chat,
		self,
		unread,
		openedAtSeq,
		error,
	}));
	return { ...state, handle };
}
