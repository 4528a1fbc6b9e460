import type { ConnectionState } from "@parley/client";
import { useClient } from "../context.tsx";
import { useReadable } from "../use-readable.ts";

/** How the connection is, and how many changes wait in the outbox. */
export function useConnection(): ConnectionState & { waiting: number } {
	const client = useClient();
	const state = useReadable(client.connection);
	const waiting = useReadable(client.waiting);
	return { ...state, waiting };
}
