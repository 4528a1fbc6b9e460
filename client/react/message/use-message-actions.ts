import type { ShownMessage } from "@parley/client";
import { useParley } from "../context.tsx";
import { useConversation } from "../conversation-context.tsx";
import { useChatState } from "../hooks/use-chat-state.ts";
import { useMe } from "../hooks/use-user.ts";
import { useMessageState } from "./message-state.tsx";
import { actionsOn, type MessageAction } from "./rights.ts";
import { useCopy } from "./use-copy.ts";
import { useStanding } from "./use-standing.ts";

export interface MessageActions {
	/** In the order in which they are offered. */
	allowed: readonly MessageAction[];
	run: (action: MessageAction) => void;
	/** Adds a reaction, or takes one's own back. */
	react: (emoji: string) => void;
	remove: () => void;
}

/** What the viewer may do with a message now, and how it is done. */
export function useMessageActions(message: ShownMessage): MessageActions {
	const { linkTo } = useParley();
	const copy = useCopy();
	const { handle, setMode, setPanel, setDialog } = useConversation();
	const { setOpen } = useMessageState();
	const standing = useStanding();
	const me = useMe();
	const { readSeq, receipts } = useChatState(undefined, state => ({
		readSeq: state.self?.readSeq ?? null,
		receipts: state.chat?.capabilities.receipts ?? false,
	}));
	const { delivery } = message;
	const subject = {
		...message,
		failed: delivery.state === "failed" ? delivery : null,
		isUnread: message.seq !== null && readSeq !== null && message.seq > readSeq,
		receipts,
		hasLink: linkTo !== undefined,
	};
	const run: Record<MessageAction, () => void> = {
		react: () => setOpen("picker"),
		reply: () => setMode({ kind: "reply", message }),
		edit: () => setMode({ kind: "edit", message }),
		thread: () => setPanel({ kind: "thread", messageId: message.id }),
		copy: () => copy(message.content ?? ""),
		copyLink: () => linkTo && copy(linkTo(message)),
		forward: () => setDialog({ kind: "forward", message }),
		receipts: () => setDialog({ kind: "receipts", message }),
		pin: () => handle.pin(message.id),
		unpin: () => handle.unpin(message.id),
		read: () => handle.markRead(message.seq ?? undefined),
		delete: () => setOpen("delete"),
		retry: () => handle.retry(message.key),
		discard: () => handle.discard(message.key),
	};
	return {
		allowed: standing ? actionsOn(subject, standing, new Date().toISOString()) : [],
		run: action => run[action](),
		react: emoji => {
			const own = message.reactions
				.find(reaction => reaction.emoji === emoji)
				?.userIds.includes(me?.id ?? "");
			if (own) handle.unreact(message.id, emoji);
			else handle.react(message.id, emoji);
		},
		remove: () => handle.delete(message.id),
	};
}
