/** Finding channels by name. */
import type { Chat } from "../../contracts/chats.ts";
import type { Page } from "../../contracts/contract.ts";
import { LIMITS } from "../../contracts/limits.ts";
import { decodeCursor, encodeCursor } from "../../lib/cursor.ts";
import type { Database } from "../../lib/database.ts";
import type { Tables } from "../../lib/tables.ts";
import { asOutsider, readChats } from "../../models/chat.ts";

interface Found {
	id: string;
	place: number;
	name: string;
}

interface Search {
	search?: string | null;
	cursor?: string | null;
	limit?: number | null;
}

/** Bytes order: the same on every server, and the index has it. */
const NAME = `(lower(coalesce(c.name, '')) COLLATE "C")`;

/** Names that begin so come first, then those with a word that does, then those that hold it or are much like it. */
export async function findChannels(db: Database, { search, cursor, limit }: Search): Promise<Page<Chat>> {
	const size = limit ?? LIMITS.pageDefault;
	const [place, name, id] = cursor ? decodeCursor(cursor, ["int4", "string", "uuid"]) : [null, null, null];
	const term = search?.trim() ?? "";
	return db.tx(
		async query => {
			const found = await query<Found>(
				`SELECT id, place, name FROM (${term ? matching(db.t) : all(db.t)}) c
				 WHERE $2::int IS NULL OR (place, name, id) > ($2::int, $3::text COLLATE "C", $4::uuid)
				 ORDER BY place, name, id LIMIT $5`,
				[term, place, name, id, size + 1],
			);
			const page = found.slice(0, size);
			const last = page.at(-1);
			const chats = await readChats(
				query,
				db.t,
				page.map(row => row.id),
			);
			return {
				items: chats.map(asOutsider),
				nextCursor: last && found.length > size ? encodeCursor([last.place, last.name, last.id]) : null,
			};
		},
		{ snapshot: true, readOnly: true },
	);
}

/** The term stands in LIKE patterns as it is, and never is a regular expression. */
const matching = (t: Tables) => `SELECT c.id, ${NAME} AS name, CASE
		WHEN starts_with(${NAME}, s.term) THEN 0
		WHEN strpos(' ' || translate(${NAME}, '-_./#&,:()', '          '), ' ' || s.term) > 0 THEN 1
		ELSE 2 END AS place
	FROM (SELECT lower($1::text) AS term, '%' || replace(replace(replace(lower($1::text), '\\', '\\\\'), '%', '\\%'), '_', '\\_') || '%' AS pattern) s,
		${t.chats} c
	WHERE c.type = 'channel' AND c.deleted_at IS NULL
		AND (lower(c.name) LIKE s.pattern OR lower(c.name) OPERATOR(public.%) s.term)`;

const all = (t: Tables) => `SELECT c.id, ${NAME} AS name, 0 AS place FROM ${t.chats} c
	WHERE c.type = 'channel' AND c.deleted_at IS NULL AND $1::text IS NOT NULL`;
