import type { Client } from "@parley/client";
import type { Panel } from "@parley/react";
import { useEffect, useState } from "react";
import { useValue } from "../parts/store.ts";
import { enter, go, here, keptHere, useKept, useRoute } from "../router/router.ts";
import { HOME, type Route, toChat } from "../router/routes.rules.ts";
import { type PanelEntry, panelEntry } from "./panel.rules.ts";
import { TWO_COLUMNS } from "./use-media.ts";

export interface Place {
	chatId: string | null;
	panel: Panel | null;
	setChat(chatId: string | null): void;
	setPanel(panel: Panel | null): void;
}

/** Which chat is open and what stands beside it, as the address and the history say it. */
export function usePlace(client: Client): Place {
	const route = useRoute();
	const kept = panelEntry(useKept());
	const thread = useParent(client, route);
	const [closing] = useState<Closing>(() => ({ isDue: false }));
	const chatId =
		route.at === "chat" ? route.chatId : (thread?.chatId ?? threadEntry(route, kept)?.chatId ?? null);
	const panel: Panel | null = thread
		? { kind: "thread", messageId: thread.messageId }
		: kept?.chatId === chatId
			? (kept?.panel ?? null)
			: null;

	return {
		chatId,
		panel,
		setChat(next) {
			const isLeft = closing.isDue;
			closing.isDue = false;
			const target = next ? toChat(next) : HOME;
			if (isLeft) enter(target, "replace", null);
			else go(target);
		},
		setPanel(next) {
			if (next) show(client, closing, next, chatId);
			else close(closing, chatId);
		},
	};
}

/** Going back takes a moment; who goes elsewhere meanwhile takes the entry's place instead. */
interface Closing {
	isDue: boolean;
}

const threadEntry = (route: Route, kept: PanelEntry | null): PanelEntry | null =>
	route.at === "thread" && kept?.panel.kind === "thread" ? kept : null;

/** In the chat of the address, which may be newer than what is shown. */
function show(client: Client, closing: Closing, panel: Panel, shownId: string | null): void {
	const route = here();
	const chatId = route.at === "chat" ? route.chatId : shownId;
	if (!chatId) return;
	const before = panelEntry(keptHere());
	const threadId = panel.kind === "thread" ? threadOn(client, chatId, panel.messageId) : null;
	// Where the panel covers the conversation, and where it has an address, going back closes it.
	const isNew =
		before === null && route.at === "chat" && (threadId !== null || !matchMedia(TWO_COLUMNS).matches);
	closing.isDue = false;
	enter(threadId ? { at: "thread", threadId } : toChat(chatId), isNew ? "push" : "replace", {
		chatId,
		panel,
		isOwn: isNew || before?.isOwn === true,
	} satisfies PanelEntry);
}

function close(closing: Closing, chatId: string | null): void {
	const before = panelEntry(keptHere());
	if (before?.isOwn) {
		closing.isDue = true;
		queueMicrotask(() => {
			if (closing.isDue) history.back();
			closing.isDue = false;
		});
	} else if (chatId && (before || here().at === "thread")) enter(toChat(chatId), "replace", null);
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
