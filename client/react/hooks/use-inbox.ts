import type { InboxState } from "@parley/client";
import { useCallback, useMemo } from "react";
import { useClient } from "../context.tsx";
import { useReadable } from "../use-readable.ts";

export interface Inbox extends InboxState {
	loadMore: () => Promise<void>;
	readAll: () => Promise<void>;
}

/** The user's chats, last activity first, with what is unread. */
export function useInbox(): Inbox {
	const client = useClient();
	const state = useReadable(client.inbox);
	const loadMore = useCallback(() => client.loadMoreChats(), [client]);
	const readAll = useCallback(() => client.readAll(), [client]);
	return useMemo(() => ({ ...state, loadMore, readAll }), [state, loadMore, readAll]);
}
