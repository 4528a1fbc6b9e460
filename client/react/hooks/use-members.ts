import type { Member } from "@parley/client";
import { useCallback, useEffect, useState } from "react";
import { useHandle } from "../conversation-context.tsx";
import { useChatState } from "./use-chat-state.ts";

export interface Members {
	/** Those known so far, by join. */
	members: readonly Member[];
	/** All of them are known. */
	isComplete: boolean;
	/** `load` brings more: of a very large chat only those are held who joined first. */
	hasMore: boolean;
	isLoading: boolean;
	hasFailed: boolean;
	/** Fetches more of them. */
	load: () => Promise<void>;
}

/** The members of a chat; the first of them are fetched by themselves, unless `load` is false. */
export function useMembers(chatId?: string, options: { load?: boolean } = {}): Members {
	const handle = useHandle(chatId);
	const { members, isComplete, hasMore, status } = useChatState(chatId, state => ({
		members: state.members,
		isComplete: state.membersComplete,
		hasMore: state.hasMoreMembers,
		status: state.status,
	}));
	const [progress, setProgress] = useState<"idle" | "loading" | "failed">("idle");
	const load = useCallback(async () => {
		setProgress("loading");
		await handle.loadMembers().then(
			() => setProgress("idle"),
			() => setProgress("failed"),
		);
	}, [handle]);

	const isDue = options.load !== false && status === "live" && hasMore;
	useEffect(() => {
		if (isDue) void load();
	}, [isDue, load]);
	return {
		members,
		isComplete,
		hasMore,
		isLoading: progress === "loading",
		hasFailed: progress === "failed",
		load,
	};
}
