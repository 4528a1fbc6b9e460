import type { Session } from "../../contracts/auth.ts";
import type { Page } from "../../contracts/contract.ts";
import { LIMITS } from "../../contracts/limits.ts";
import { decodeCursor, encodeCursor } from "../../lib/cursor.ts";
import { invalid } from "../../lib/errors.ts";
import { type SessionPosition, type SessionStore, toSession } from "./sessions.store.ts";

/** One page of a user's sessions, the latest used first. */
export async function listSessions(
	store: Pick<SessionStore, "list">,
	userId: string,
	currentId: string | null,
	{ cursor, limit }: { cursor?: string; limit?: number },
): Promise<Page<Session>> {
	const size = limit ?? LIMITS.pageDefault;
	const rows = await store.list(userId, size + 1, cursor ? positionOf(cursor) : null, new Date());
	const items = rows.slice(0, size).map(row => toSession(row, currentId));
	const last = items.at(-1);
	return { items, nextCursor: rows.length > size && last ? encodeCursor([last.lastUsedAt, last.id]) : null };
}

function positionOf(cursor: string): SessionPosition {
	const [at, id] = decodeCursor(cursor, ["string", "uuid"]) as SessionPosition;
	if (!/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/.test(at) || Number.isNaN(Date.parse(at)))
		throw invalid("cursor", "The 'cursor' field is not one that this server gave.");
	return [at, id];
}
