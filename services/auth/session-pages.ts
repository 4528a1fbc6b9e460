import type { Session } from "../../contracts/auth.ts";
import type { Page } from "../../contracts/contract.ts";
import { LIMITS } from "../../contracts/limits.ts";
import { decodeCursor, encodeCursor } from "../../lib/cursor.ts";
import { type SessionPosition, type SessionStore, toSession } from "./sessions.store.ts";

/** One page of a user's sessions, the latest used first. */
export async function listSessions(
	store: Pick<SessionStore, "list">,
	userId: string,
	currentId: string | null,
	{ cursor, limit }: { cursor?: string; limit?: number },
): Promise<Page<Session>> {
	const size = limit ?? LIMITS.pageDefault;
	const after = cursor ? (decodeCursor(cursor, ["isoTime", "uuid"]) as SessionPosition) : null;
	const rows = await store.list(userId, size + 1, after, new Date());
	const items = rows.slice(0, size).map(row => toSession(row, currentId));
	const last = items.at(-1);
	return { items, nextCursor: rows.length > size && last ? encodeCursor([last.lastUsedAt, last.id]) : null };
}
