/** Notifications of the browser, for those who switched them on in the settings. */
import type { Client, ClientEvents } from "@parley/client";
import { go, here } from "../router/router.ts";
import { pathOf, toChat } from "../router/routes.rules.ts";
import { change, settings } from "../settings/settings.ts";
import { isWorthTelling } from "./notices.rules.ts";

/** Tabs that are looked at speak first: what they show needs no notification. */
const HIDDEN_TABS_WAIT_MS = 400;
const CLAIM_MS = 10_000;

export const canNotify = (): boolean => "Notification" in window;

/** Asks the browser; answers whether they are on now. Call it on a click. */
export async function switchNotifications(on: boolean): Promise<boolean> {
	const allowed = on && canNotify() && (await Notification.requestPermission()) === "granted";
	change({ notifications: allowed });
	return allowed;
}

export interface Words {
	/** Who wrote, and where if it is no direct chat. */
	title(senderName: string, chatName: string | null): string;
	/** Of a message without text. */
	noText: string;
}

/** Tells of what arrives, until the answer is called. */
export function startNotifications(client: Client, words: () => Words): () => void {
	return client.on("received", event => void tell(client, words(), event));
}

async function tell(client: Client, words: Words, { message, mentioned }: ClientEvents["received"]) {
	const entry = client.inbox.get().items.find(({ chat }) => chat.id === message.chatId);
	const me = client.me.get();
	const worth = isWorthTelling({
		message,
		mentioned,
		entry,
		myStatus: me ? client.presence(me.id).get().status : "online",
		watching: watchedChat(),
		now: Date.now(),
	});
	// A tab that shows the chat claims the message as well, so that no hidden one tells of it.
	const isSeen = message.chatId === watchedChat();
	if (!settings().notifications || !canNotify() || !(isSeen || worth)) return;
	if (!isSeen) await new Promise(resolve => setTimeout(resolve, HIDDEN_TABS_WAIT_MS));
	if (!(await claim(message.id)) || isSeen || Notification.permission !== "granted") return;
	const sender = client.user(message.senderId).get()?.displayName ?? entry?.other?.displayName ?? "Parley";
	const chatName = entry?.chat.type === "direct" ? null : (entry?.chat.name ?? null);
	await show(words.title(sender, chatName), {
		body: message.content?.slice(0, 200) ?? words.noText,
		tag: `parley:${message.chatId}`,
		icon: "/icons/icon-192.png",
		data: { path: pathOf(toChat(message.chatId, message.id)) },
	});
}

function watchedChat(): string | null {
	if (document.hidden || !document.hasFocus()) return null;
	const route = here();
	return route.at === "chat" ? route.chatId : null;
}

/** True for one of all tabs: it holds the message's lock for as long as the others may ask. */
function claim(messageId: string): Promise<boolean> {
	// Over plain http there are neither locks nor notifications.
	if (!("locks" in navigator)) return Promise.resolve(false);
	return new Promise(resolve => {
		void navigator.locks.request(`parley:notified:${messageId}`, { ifAvailable: true }, async lock => {
			resolve(lock !== null);
			if (lock) await new Promise(end => setTimeout(end, CLAIM_MS));
		});
	});
}

async function show(title: string, options: NotificationOptions & { data: { path: string } }): Promise<void> {
	const worker = await navigator.serviceWorker?.getRegistration();
	// The worker's outlive the tab, and are the only ones on Android.
	if (worker?.active) return worker.showNotification(title, options);
	const notification = new Notification(title, options);
	notification.onclick = () => {
		window.focus();
		open(options.data.path);
		notification.close();
	};
}

function open(path: string): void {
	const [, , chatId, , messageId] = path.split("/");
	if (chatId) go(toChat(chatId, messageId ?? null));
}

/** A click on a notification of the worker's comes as a message from it. */
navigator.serviceWorker?.addEventListener("message", event => {
	const data: unknown = event.data;
	if (typeof data === "object" && data !== null && "open" in data) open(String(data.open));
});
