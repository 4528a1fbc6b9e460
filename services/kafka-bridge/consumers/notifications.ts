/** Tells, by `notification.send`, whom to notify of a message: whoever sends pushes consumes it. Ids only. */
import type { ParleyEvent } from "../../../contracts/kafka.ts";
import type { Database } from "../../../lib/database.ts";
import { cloudEvent, derivedId } from "../../../lib/log/cloud-event.ts";
import type { BridgeConsumer } from "./consumer.ts";
import { isNews, RECIPIENTS_MAX, recordsOf } from "./notifications.rules.ts";

export interface NotificationsOptions {
	db: Database;
	namespace: string;
	/** Members up to which each message notifies; above it only mentions do. */
	notifyAllMax: number;
	/** Which of the users are offline. */
	offlineAmong(userIds: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Messages looked at together: each holds a connection of the pool for a moment. */
const AT_ONCE = 4;

export function notificationsConsumer(options: NotificationsOptions): BridgeConsumer {
	return {
		name: "notifications",
		topics: ["chat.events"],
		async prepare(fresh) {
			const prepared = new Map<string, ParleyEvent[]>();
			const news = fresh.map(({ event }) => event).filter(event => isNews(event, Date.now()));
			for (let at = 0; at < news.length; at += AT_ONCE) {
				const some = news.slice(at, at + AT_ONCE);
				await Promise.all(some.map(async event => prepared.set(event.id, await notify(options, event))));
			}
			return prepared;
		},
		async apply(_query, fresh, _source, prepared) {
			return fresh.flatMap(({ event }) => prepared.get(event.id) ?? []);
		},
	};
}

async function notify(
	o: NotificationsOptions,
	event: ParleyEvent<"message.created">,
): Promise<ParleyEvent[]> {
	const recipients: string[] = [];
	let after: string | null = null;
	do {
		const page: string[] = await readCandidates(o, event, after);
		if (page.length > 0) {
			const offline = await o.offlineAmong(page);
			recipients.push(...page.filter(id => offline.has(id)));
		}
		after = page.length < RECIPIENTS_MAX ? null : (page.at(-1) ?? null);
	} while (after !== null);
	const { actorId, rev } = event.data;
	return recordsOf(event, recipients).map((record, i) =>
		cloudEvent(o.namespace, {
			id: derivedId("notification.send", event.id, record.kind, i),
			type: "notification.send",
			subject: event.subject,
			time: event.time,
			data: { ...record, actorId, rev },
		}),
	);
}

/**
 * A page of those who may be told: members who still see the chat, have not read so far, and have not muted it; in a
 * thread also those of its parent whom the message mentions. Nobody where the message or the chat is deleted.
 */
async function readCandidates(
	{ db, notifyAllMax }: NotificationsOptions,
	{ data }: ParleyEvent<"message.created">,
	after: string | null,
): Promise<string[]> {
	const { t } = db;
	const { chatId, seq, senderId, mentions } = data;
	const rows = await db.query<{ user_id: string }>(
		`WITH chat AS (
			SELECT c.id, c.parent_chat_id, h.member_count <= $5 AS all_of_them
			FROM ${t.chats} c
			JOIN ${t.heads} h ON h.chat_id = c.id
			JOIN ${t.messages} m ON m.chat_id = c.id AND m.seq = $2 AND m.deleted_at IS NULL
			WHERE c.id = $1 AND c.deleted_at IS NULL
		), candidates AS (
			SELECT m.user_id FROM chat, ${t.members} m WHERE chat.all_of_them AND m.chat_id = chat.id AND m.left_at IS NULL
			UNION
			SELECT unnest($4::uuid[])
		)
		SELECT u.user_id FROM chat
		CROSS JOIN candidates u
		JOIN ${t.members} seen ON seen.chat_id = coalesce(chat.parent_chat_id, chat.id)
			AND seen.user_id = u.user_id AND seen.left_at IS NULL
		LEFT JOIN ${t.members} own ON own.chat_id = chat.id AND own.user_id = u.user_id AND own.left_at IS NULL
		WHERE u.user_id <> $3
			AND coalesce(own.read_seq, 0) < $2
			AND coalesce(own.muted_until, seen.muted_until, '-infinity') <= now()
			AND ($6::uuid IS NULL OR u.user_id > $6)
		ORDER BY u.user_id LIMIT ${RECIPIENTS_MAX}`,
		[chatId, seq, senderId, mentions, notifyAllMax, after],
		"read-notified",
	);
	return rows.map(row => row.user_id);
}
