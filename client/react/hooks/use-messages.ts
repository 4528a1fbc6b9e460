import type { ChatHandle, ChatState } from "@parley/client";
import { useMemo } from "react";
import { useHandle } from "../conversation-context.tsx";
import { useChatState } from "./use-chat-state.ts";

type Log = Pick<ChatState, "messages" | "hasOlder" | "hasNewer" | "loading" | "openedAtSeq">;

export interface Messages
	extends Log,
		Pick<
			ChatHandle,
			"loadOlder" | "loadNewer" | "jumpTo" | "jumpToLatest" | "send" | "markRead" | "retry" | "discard"
		> {}

/** The messages of a chat, oldest first, with the ways to page and to send. */
export function useMessages(chatId?: string): Messages {
	const handle = useHandle(chatId);
	const log = useChatState<Log>(chatId, ({ messages, hasOlder, hasNewer, loading, openedAtSeq }) => ({
		messages,
		hasOlder,
		hasNewer,
		loading,
		openedAtSeq,
	}));
	return useMemo(
		() => ({
			...log,
			loadOlder: () => handle.loadOlder(),
			loadNewer: () => handle.loadNewer(),
			jumpTo: target => handle.jumpTo(target),
			jumpToLatest: () => handle.jumpToLatest(),
			send: draft => handle.send(draft),
			markRead: seq => handle.markRead(seq),
			retry: key => handle.retry(key),
			discard: key => handle.discard(key),
		}),
		[log, handle],
	);
}
