import type { ShownMessage } from "@parley/client";
import { useEffect, useRef, useState } from "react";
import { useChat } from "../hooks/use-chat.ts";
import { useFocused } from "../hooks/use-focused.ts";
import type { UnreadSpan } from "./rows.rules.ts";

/**
 * What is called new: what was unread when the chat was opened, and what comes while nobody looks. It stays while it is
 * read, and ends with one's own next message.
 */
export function useUnreadSpan(last: ShownMessage | undefined): UnreadSpan | null {
	const { status, chat, self, openedAtSeq } = useChat();
	const isFocused = useFocused();
	const [span, setSpan] = useState<UnreadSpan | null>(null);
	const isOpened = useRef(false);
	const lastSeq = chat?.lastSeq ?? 0;
	const readSeq = self?.readSeq ?? null;

	useEffect(() => {
		if (isOpened.current || status === "closed" || openedAtSeq === null || readSeq === null) return;
		if (lastSeq > openedAtSeq) setSpan({ after: openedAtSeq, upTo: lastSeq });
		// What was stored is shown first; what has come since is told once the chat is live.
		isOpened.current = status === "live";
	}, [status, openedAtSeq, lastSeq, readSeq]);

	useEffect(() => {
		if (!isOpened.current || isFocused || readSeq === null || lastSeq <= readSeq) return;
		setSpan(before => ({
			after: before && before.upTo > readSeq ? before.after : readSeq,
			upTo: lastSeq,
		}));
	}, [isFocused, readSeq, lastSeq]);

	const ownKey = last?.isOwn && last.delivery.state === "pending" ? last.key : null;
	useEffect(() => {
		if (ownKey !== null) setSpan(null);
	}, [ownKey]);
	return span;
}
