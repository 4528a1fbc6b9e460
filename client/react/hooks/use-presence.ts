import type { Presence } from "@parley/client";
import { useMemo } from "react";
import { useClient } from "../context.tsx";
import { constant, useReadable } from "../use-readable.ts";

const NOBODY = constant<Presence | null>(null);

/**
 * How somebody is, followed while it is shown; null for nobody, where a chat is too large to tell, and while one does
 * not know: without a connection, and before the first answer.
 */
export function usePresence(userId: string | null | undefined): Presence | null {
	const client = useClient();
	const isOnline = useReadable(client.connection).status === "online";
	const readable = useMemo(() => (userId ? client.presence(userId) : NOBODY), [client, userId]);
	const presence = useReadable<Presence | null>(readable);
	return presence && isOnline && isTold(presence) ? presence : null;
}

/** The client says of one it has not heard of, as of one who was never here, that they are offline and no more. */
const isTold = ({ status, text, lastSeenAt }: Presence): boolean =>
	status !== "offline" || text !== null || lastSeenAt !== null;
