import type { Message, ShownMessage } from "@parley/client";
import { useCallback, useState } from "react";
import { useHandle } from "../conversation-context.tsx";
import { useMessage } from "./use-message.ts";

export interface UsedThread {
	/** The message that it hangs on; undefined while it is asked, null where there is none. */
	root: ShownMessage | Message | null | undefined;
	/** The thread's chat, for the other hooks; null where nobody has replied yet. */
	chatId: string | null;
	/** Makes the thread if there is none, and answers with its chat's id. */
	start: () => Promise<string>;
}

/** The thread on a message. It is not made by being looked at: `start` makes it. */
export function useThread(messageId: string, chatId?: string): UsedThread {
	const handle = useHandle(chatId);
	const root = useMessage(messageId, chatId);
	const [made, setMade] = useState<{ messageId: string; chatId: string }>();
	const known = made?.messageId === messageId ? made.chatId : (root?.thread?.chatId ?? null);
	const start = useCallback(async () => {
		if (known) return known;
		const thread = await handle.thread(messageId);
		setMade({ messageId, chatId: thread.id });
		return thread.id;
	}, [handle, messageId, known]);
	return { root, chatId: known, start };
}
