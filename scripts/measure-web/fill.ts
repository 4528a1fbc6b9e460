/** The demo, and one long chat of its people: straight into the tables, as if it had been sent over a year. */
import * as chats from "../../contracts/chats.ts";
import { newId } from "../../lib/ids.ts";
import { acquireDatabase, releaseDatabase } from "../../mixins/database.ts";
import { seedDemo } from "../seed/demo.ts";
import { openServices } from "../seed/doors.services.ts";
import { Tally } from "../seed/tally.ts";

const AT_ONCE = 2_500;
const APART_MS = 5 * 60_000;
const PARTS = [
	"The release notes are ready for review.",
	"Who has a minute?",
	"I looked at the plan once more: **three** things are still open, and the second one is mine.",
	"See https://parley.example/plan for the rest.",
	"👍",
	"Tomorrow, then.",
	"`npm start` was all that it took",
	"It rained the whole weekend, so we stayed in, cooked, and read what was written about it over the years.",
];

/** Fills the database that the configuration names; no server may be running on it. Resolves with the chat's id. */
export async function fill(count: number, onStep: (share: number) => void): Promise<string> {
	const doors = await openServices(() => {});
	try {
		const { ann, ben, carla, david, emma, farid } = await seedDemo(doors, new Tally(), () => {});
		const wish = { type: "group", name: "A year of talk", clientId: "measure" } as const;
		const participantIds = [ben, carla, david, emma, farid];
		const { id } = await doors.ask(ann, chats.create, { ...wish, participantIds });
		await talk(id, [ann, ...participantIds], count, onStep);
		return id;
	} finally {
		await doors.close();
	}
}

async function talk(chatId: string, people: string[], count: number, onStep: (share: number) => void) {
	const { query, t } = await acquireDatabase();
	const begun = Date.now() - count * APART_MS;
	const ids: string[] = [];
	for (let done = 0; done < count; done = ids.length) {
		const rows = Array.from({ length: Math.min(AT_ONCE, count - done) }, (_, i) => {
			const n = done + i;
			ids.push(newId());
			return {
				id: ids[n],
				sender: people[Math.floor(n / 3) % people.length],
				content: content(n),
				reply: n % 12 === 11 ? ids[n - 4] : null,
				reactions: n % 9 === 8 ? [{ emoji: "👍", count: 1, userIds: [people[n % people.length]] }] : [],
				at: new Date(begun + n * APART_MS).toISOString(),
			};
		});
		await query(
			`WITH head AS (
				UPDATE ${t.heads} SET last_seq = last_seq + $2::int, rev = rev + $2::int, last_at = now() WHERE chat_id = $1
				RETURNING last_seq - $2::int AS seq, rev - $2::int AS rev
			)
			INSERT INTO ${t.messages}
				(chat_id, seq, id, rev, sender_id, type, content, client_id, reply_to_id, reactions, created_at)
			SELECT $1, head.seq + n, (row->>'id')::uuid, head.rev + n, (row->>'sender')::uuid, 'text', row->>'content',
				row->>'id', (row->>'reply')::uuid, row->'reactions', (row->>'at')::timestamptz
			FROM head, jsonb_array_elements($3::jsonb) WITH ORDINALITY AS rows (row, n)`,
			[chatId, rows.length, JSON.stringify(rows)],
		);
		onStep(ids.length / count);
	}
	// All of it was read.
	await query(
		`UPDATE ${t.members} m SET read_seq = h.last_seq, delivered_seq = h.last_seq
		 FROM ${t.heads} h WHERE h.chat_id = m.chat_id AND m.chat_id = $1`,
		[chatId],
	);
	await releaseDatabase();
}

/** One to six sentences, the same each time. */
function content(n: number): string {
	const length = 1 + ((n * 7) % 6) * (n % 5 === 0 ? 1 : 0);
	return Array.from({ length }, (_, i) => PARTS[(n + i * 3) % PARTS.length]).join(" ");
}
