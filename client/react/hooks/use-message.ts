import { type Message, ParleyError, type ShownMessage } from "@parley/client";
import { useEffect, useState } from "react";
import { useClient } from "../context.tsx";
import { useSelected } from "../use-readable.ts";
import { useChatState } from "./use-chat-state.ts";

/**
 * One message of a chat: of its log where it is loaded there (and then it follows every change), else as the server
 * has it; undefined until it could be asked, null where there is none that one may see.
 */
export function useMessage(messageId: string, chatId?: string): ShownMessage | Message | null | undefined {
	const client = useClient();
	const loaded = useChatState(chatId, ({ messages }) => messages.find(({ id }) => id === messageId));
	const [fetched, setFetched] = useState<{ id: string; message: Message | null }>();
	const isMissing = !loaded && fetched?.id !== messageId;
	const isOnline = useSelected(client.connection, ({ status }) => status === "online");

	// biome-ignore lint/correctness/useExhaustiveDependencies: what could not be asked is asked again with each connection.
	useEffect(() => {
		if (!isMissing) return;
		let isWanted = true;
		const keep = (message: Message | null) => isWanted && setFetched({ id: messageId, message });
		client.rest("GET /messages/:id", { id: messageId }).then(
			message => keep(message as Message),
			err => isRefusal(err) && keep(null),
		);
		return () => {
			isWanted = false;
		};
	}, [client, messageId, isMissing, isOnline]);

	return loaded ?? (fetched?.id === messageId ? fetched.message : undefined);
}

const isRefusal = (err: unknown): boolean =>
	err instanceof ParleyError && (err.code === "NOT_FOUND" || err.code === "FORBIDDEN");
