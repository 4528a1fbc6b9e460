import type { Client } from "@parley/client";
import { useEffect } from "react";
import { texts } from "../i18n/i18n.ts";
import { showCount } from "../notices/counter.ts";
import { waitingCount } from "../notices/notices.rules.ts";
import { startNotifications } from "../notices/notifications.ts";
import { useValue } from "../parts/store.ts";

/** What is seen of new messages with the page in the background. */
export function useNotices(client: Client): void {
	const inbox = useValue(client.inbox);
	const count = waitingCount(inbox, Date.now());
	useEffect(() => showCount(count), [count]);
	useEffect(() => () => showCount(0), []);
	useEffect(
		() =>
			startNotifications(client, () => {
				const t = texts.get();
				return {
					title: (sender, chat) => (chat ? t.inChat(sender, chat) : sender),
					noText: t.aMessage,
				};
			}),
		[client],
	);
}
