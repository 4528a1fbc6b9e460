/** Messages, active users and active chats by hour and day. */
import type { ParleyEvent } from "../../../contracts/kafka.ts";
import type { Query } from "../../../lib/database.ts";
import { cloudEvent, derivedId } from "../../../lib/log/cloud-event.ts";
import type { Tables } from "../../../lib/tables.ts";
import { countsOf, figuresOf, type Mark, marksOf } from "./analytics.rules.ts";
import type { BridgeConsumer } from "./consumer.ts";

export function analyticsConsumer(t: Tables, namespace: string): BridgeConsumer {
	return {
		name: "analytics",
		topics: ["chat.events", "user.registered", "user.updated"],
		async apply(query, fresh) {
			const events = fresh.map(({ event }) => event);
			const marked = await mark(query, t, marksOf(events));
			await count(query, t, events, marked);
			return [
				...events.filter(event => event.type === "message.created").map(event => asMessage(namespace, event)),
				...marked
					.filter(({ bucket, kind }) => bucket === "hour" && kind === "user")
					.map(m => asActivity(namespace, m)),
			];
		},
	};
}

/** @returns the marks that are new: whoever is marked already was counted */
function mark(query: Query, t: Tables, marks: readonly Mark[]): Promise<Mark[]> {
	return query<Mark>(
		`INSERT INTO ${t.analyticsActive} (bucket, at, kind, id)
		 SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::uuid[])
		 ON CONFLICT DO NOTHING RETURNING bucket, at, kind, id`,
		[
			marks.map(({ bucket }) => bucket),
			marks.map(({ at }) => at),
			marks.map(({ kind }) => kind),
			marks.map(({ id }) => id),
		],
		"mark-active",
	);
}

async function count(query: Query, t: Tables, events: readonly ParleyEvent[], marked: readonly Mark[]) {
	const rows = new Map<
		string,
		{ bucket: string; at: string; messages: number; users: number; chats: number }
	>();
	const rowOf = ({ bucket, at }: { bucket: string; at: string }) => {
		const row = rows.get(`${bucket} ${at}`) ?? { bucket, at, messages: 0, users: 0, chats: 0 };
		rows.set(`${bucket} ${at}`, row);
		return row;
	};
	for (const { messages, ...where } of countsOf(events)) rowOf(where).messages += messages;
	for (const one of marked) rowOf(one)[one.kind === "user" ? "users" : "chats"]++;
	if (rows.size === 0) return;
	const sorted = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
	await query(
		`INSERT INTO ${t.analyticsCounts} AS c (bucket, at, messages, active_users, active_chats)
		 SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::bigint[])
		 ON CONFLICT (bucket, at) DO UPDATE SET messages = c.messages + EXCLUDED.messages,
			active_users = c.active_users + EXCLUDED.active_users, active_chats = c.active_chats + EXCLUDED.active_chats`,
		[
			sorted.map(({ bucket }) => bucket),
			sorted.map(({ at }) => at),
			sorted.map(({ messages }) => messages),
			sorted.map(({ users }) => users),
			sorted.map(({ chats }) => chats),
		],
		"count-events",
	);
}

function asMessage(namespace: string, event: ParleyEvent<"message.created">): ParleyEvent {
	const { subject, time } = event;
	const { actorId, rev, seq } = event.data;
	return cloudEvent(namespace, {
		id: derivedId("analytics.message", event.id),
		type: "analytics.message",
		subject,
		time,
		data: { ...figuresOf(event), actorId, rev, seq },
	});
}

function asActivity(namespace: string, { id: userId, at: hour }: Mark): ParleyEvent {
	return cloudEvent(namespace, {
		id: derivedId("analytics.user.activity", userId, hour),
		type: "analytics.user.activity",
		subject: userId,
		time: hour,
		data: { userId, hour, actorId: userId },
	});
}
