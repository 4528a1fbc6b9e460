import { useConversation } from "@parley/react";
import { useEffect, useRef } from "react";
import { useValue } from "../parts/store.ts";
import { go, useRoute } from "../router/router.ts";
import { toChat } from "../router/routes.rules.ts";
import { jump } from "./jump.ts";

/** Stands in a conversation and takes it to the message that the address, or a dialog, names. */
export function Follower() {
	const { chatId, handle, jumpTo } = useConversation();
	const route = useRoute();
	const wanted = useValue(jump);
	const latest = useRef(jumpTo);
	latest.current = jumpTo;
	const messageId = route.at === "chat" && route.chatId === chatId ? route.messageId : null;

	useEffect(() => {
		if (!messageId) return;
		let isWanted = true;
		// A chat that is just being opened knows no places yet.
		const follow = () => {
			if (!isWanted) return;
			latest.current({ messageId });
			// The same link, followed again, is to work again.
			go(toChat(chatId), "replace");
		};
		handle.ready().then(follow, () => undefined);
		return () => {
			isWanted = false;
		};
	}, [messageId, chatId, handle]);
	useEffect(() => {
		if (wanted?.chatId !== chatId) return;
		latest.current(wanted.target);
		jump.set(null);
	}, [wanted, chatId]);
	return null;
}
