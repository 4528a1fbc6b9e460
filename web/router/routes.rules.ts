/** Where one is, as the address bar says it. */
export type Route =
	| { at: "home" }
	| { at: "chat"; chatId: string; messageId: string | null }
	| { at: "thread"; threadId: string };

const ID = "([0-9a-f-]{36})";
const CHAT = new RegExp(`^/c/${ID}(?:/m/${ID})?/?$`, "i");
const THREAD = new RegExp(`^/t/${ID}/?$`, "i");

/** What is no address of ours is the home page. */
export function parse(path: string): Route {
	const [, chatId, messageId] = CHAT.exec(path) ?? [];
	if (chatId) return { at: "chat", chatId, messageId: messageId ?? null };
	const [, threadId] = THREAD.exec(path) ?? [];
	if (threadId) return { at: "thread", threadId };
	return { at: "home" };
}

export function pathOf(route: Route): string {
	if (route.at === "home") return "/";
	if (route.at === "thread") return `/t/${route.threadId}`;
	const chat = `/c/${route.chatId}`;
	return route.messageId ? `${chat}/m/${route.messageId}` : chat;
}

export const toChat = (chatId: string, messageId: string | null = null): Route => ({
	at: "chat",
	chatId,
	messageId,
});
export const HOME: Route = { at: "home" };
