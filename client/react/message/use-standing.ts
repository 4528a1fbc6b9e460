import { useEffect, useMemo } from "react";
import { useClient } from "../context.tsx";
import { useChatState } from "../hooks/use-chat-state.ts";
import { constant, useSelected } from "../use-readable.ts";
import { type Standing, standingOf } from "./rights.ts";

const NO_PARENT = constant({ chat: null, self: null });

/** How one stands in the chat of the conversation, or in one that is named; null until it is known. */
export function useStanding(chatId?: string): Standing | null {
	const client = useClient();
	const { chat, self } = useChatState(chatId, state => ({ chat: state.chat, self: state.self }));
	const parentId = chat?.parentChatId ?? null;
	const parent = useMemo(() => (parentId === null ? null : client.chat(parentId)), [client, parentId]);
	useEffect(() => parent?.open(), [parent]);
	const ruling = useSelected<
		{ chat: typeof chat; self: typeof self },
		{ chat: typeof chat; self: typeof self }
	>(parent?.state ?? NO_PARENT, state => ({ chat: state.chat, self: state.self }));
	return useMemo(() => {
		if (!chat) return null;
		if (parent === null) return standingOf(chat, self);
		return ruling.chat && standingOf(chat, self, { chat: ruling.chat, self: ruling.self });
	}, [chat, self, parent, ruling]);
}
