import type { Presence } from "@parley/client";
import { useMemo } from "react";
import { useClient } from "../context.tsx";
import { constant, useReadable } from "../use-readable.ts";

const NOBODY = constant<Presence | null>(null);

/** How somebody is, followed while it is shown; null for nobody, and where a chat is too large to tell. */
export function usePresence(userId: string | null | undefined): Presence | null {
	const client = useClient();
	const readable = useMemo(() => (userId ? client.presence(userId) : NOBODY), [client, userId]);
	return useReadable<Presence | null>(readable);
}
