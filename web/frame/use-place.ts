import type { Client } from "@parley/client";
import type { Panel } from "@parley/react";
import { useEffect, useState } from "react";
import { useValue } from "../parts/store.ts";
import { go, useRoute } from "../router/router.ts";
import { HOME, type Route, toChat } from "../router/routes.rules.ts";

export interface Place {
	chatId: string | null;
	panel: Panel | null;
	setChat(chatId: string | null): void;
	setPanel(panel: Panel | null): void;
}

/** Which chat is open and what stands beside it, as the address says it. */
export function usePlace(client: Client): Place {
	const route = useRoute();
	const thread = useParent(client, route);
	const chatId = route.at === "chat" ? route.chatId : (thread?.chatId ?? null);
	const [own, setOwn] = useState<{ chatId: string | null; panel: Panel | null }>({ chatId, panel: null });
	const panel: Panel | null = thread
		? { kind: "thread", messageId: thread.messageId }
		: own.chatId === chatId
			? own.panel
			: null;

	return {
		chatId,
		panel,
		setChat: next => go(next ? toChat(next) : HOME),
		setPanel(next) {
			setOwn({ chatId, panel: next });
			const threadId = next?.kind === "thread" && chatId ? threadOn(client, chatId, next.messageId) : null;
			if (threadId) go({ at: "thread", threadId });
			else if (route.at === "thread" && chatId) go(toChat(chatId), "replace");
		},
	};
}

/** On which message of which chat the thread hangs that the address names; null until it is known. */
function useParent(client: Client, route: Route): { chatId: string; messageId: string } | null {
	const threadId = route.at === "thread" ? route.threadId : null;
	const handle = client.chat(threadId ?? "");
	const { chat } = useValue(handle.state);
	useEffect(() => (threadId ? client.chat(threadId).open() : undefined), [client, threadId]);
	if (!threadId || !chat?.parentChatId || !chat.parentMessageId) return null;
	return { chatId: chat.parentChatId, messageId: chat.parentMessageId };
}

/** A thread has an address as soon as somebody has replied. */
function threadOn(client: Client, chatId: string, messageId: string): string | null {
	const { messages } = client.chat(chatId).state.get();
	return messages.find(({ id }) => id === messageId)?.thread?.chatId ?? null;
}
