import type { Chat, ChatState, UserCard } from "@parley/client";
import { useMemo } from "react";
import { useClient, useTexts } from "../context.tsx";
import { chatName } from "../names.rules.ts";
import { constant, useSelected } from "../use-readable.ts";
import { useMe } from "./use-user.ts";

export interface ChatName {
	name: string;
	/** Of the avatar: the other one's in a direct chat. */
	faceId: string;
	url: string | null;
	/** Of a direct chat: the other one; null while they are not known. */
	other: UserCard | null;
}

/** What a chat is called and shown as; in a direct chat as the other one. */
export function useChatName(chat: Chat | null): ChatName {
	const texts = useTexts();
	const other = useOther(chat);
	const parent = useSelected(useClient().inbox, ({ items }) =>
		chat?.parentChatId ? items.find(entry => entry.chat.id === chat.parentChatId) : undefined,
	);
	return {
		name: chatName(chat, other, texts, parent && chatName(parent.chat, parent.other, texts)),
		faceId: other?.id ?? chat?.id ?? "",
		url: other ? other.avatarUrl : (chat?.avatarUrl ?? null),
		other,
	};
}

const UNKNOWN = constant<ChatState | null>(null);

/** From the inbox, or from the members where the chat is not in it yet. */
function useOther(chat: Chat | null): UserCard | null {
	const client = useClient();
	const me = useMe();
	const id = chat?.type === "direct" ? chat.id : null;
	const listed = useSelected(client.inbox, ({ items }) =>
		id === null ? null : (items.find(entry => entry.chat.id === id)?.other ?? null),
	);
	const state = useMemo(() => (id === null ? UNKNOWN : client.chat(id).state), [client, id]);
	const member = useSelected<ChatState | null, UserCard | null>(state, known =>
		me ? (known?.members.find(({ userId }) => userId !== me.id)?.user ?? null) : null,
	);
	return listed ?? member;
}
