import type { Chat, UserCard } from "@parley/client";
import { useClient, useTexts } from "../context.tsx";
import { chatName } from "../names.rules.ts";
import { useSelected } from "../use-readable.ts";
import { useChatState } from "./use-chat-state.ts";
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
	return {
		name: chatName(chat, other, texts),
		faceId: other?.id ?? chat?.id ?? "",
		url: other ? other.avatarUrl : (chat?.avatarUrl ?? null),
		other,
	};
}

/** From the inbox, or from the members where the chat is not in it yet. */
function useOther(chat: Chat | null): UserCard | null {
	const me = useMe();
	const id = chat?.type === "direct" ? chat.id : null;
	const listed = useSelected(useClient().inbox, ({ items }) =>
		id === null ? null : (items.find(entry => entry.chat.id === id)?.other ?? null),
	);
	const member = useChatState(chat?.id, ({ members }) =>
		id === null || !me ? null : (members.find(({ userId }) => userId !== me.id)?.user ?? null),
	);
	return listed ?? member;
}
