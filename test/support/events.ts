/** Chats and messages with their events, written as a service writes them, and what comes of them on Kafka. */
import { randomBytes } from "node:crypto";
import kafkajs, { type Admin } from "kafkajs";
import type { Message } from "../../contracts/messages.ts";
import type { Database } from "../../lib/database.ts";
import { newId } from "../../lib/ids.ts";
import { ChatLog, type Exit, silentExit } from "../../lib/log/change.ts";

/** A group of these users. */
export async function givenGroup(db: Database, userIds: readonly string[]): Promise<string> {
	const chatId = newId();
	await db.query(
		`INSERT INTO ${db.t.chats} (id, type, name, created_by) VALUES ($1, 'group', 'a group', $2)`,
		[chatId, userIds[0]],
	);
	await db.query(`INSERT INTO ${db.t.heads} (chat_id, member_count) VALUES ($1, $2)`, [
		chatId,
		userIds.length,
	]);
	await db.query(
		`INSERT INTO ${db.t.members} (chat_id, user_id, rev) SELECT $1, id, 0 FROM unnest($2::uuid[]) AS id`,
		[chatId, userIds],
	);
	return chatId;
}

/** Sends messages in one commit, with their events in the outbox. @returns the messages */
export function sendSome(
	db: Database,
	chatId: string,
	senderId: string,
	count = 1,
	more: Partial<Message> & { at?: string; pause?: () => Promise<unknown>; exit?: Exit } = {},
): Promise<Message[]> {
	const { at, pause, exit = silentExit, ...fields } = more;
	return new ChatLog(db, exit).change([chatId], async change => {
		const head = change.head(chatId);
		const sent: Message[] = [];
		for (let i = 0; i < count; i++) {
			const id = newId();
			const createdAt = at ?? change.now;
			const place = { chatId, seq: ++head.lastSeq, rev: change.nextRev(chatId) };
			const message = { ...blank(id, createdAt), ...place, senderId, ...fields };
			sent.push(message);
			change.tell({
				change: "message.created",
				chatId,
				actorId: senderId,
				rev: message.rev,
				seq: message.seq,
				at: createdAt,
				data: message,
			});
		}
		await change.query(
			`INSERT INTO ${db.t.messages} (chat_id, seq, id, rev, sender_id, type, content, client_id, created_at)
			 SELECT $1, seq, id, rev, $2, 'text', 'hello', id::text, now()
			 FROM unnest($3::bigint[], $4::uuid[], $5::bigint[]) AS m (seq, id, rev)`,
			[chatId, senderId, sent.map(m => m.seq), sent.map(m => m.id), sent.map(m => m.rev)],
		);
		await pause?.();
		return sent;
	});
}

function blank(id: string, createdAt: string): Omit<Message, "chatId" | "seq" | "rev" | "senderId"> {
	return {
		id,
		type: "text",
		content: "hello",
		metadata: {},
		clientId: id,
		replyToId: null,
		thread: null,
		mentions: [],
		attachments: [],
		reactions: [],
		editedAt: null,
		deletedAt: null,
		pinnedAt: null,
		pinnedBy: null,
		forwardedFromId: null,
		originalSenderId: null,
		isEdited: false,
		isDeleted: false,
		isPinned: false,
		isForwarded: false,
		status: "SENT",
		createdAt,
	};
}

export interface OnTopic {
	partition: number;
	offset: number;
	key: string;
	value: string;
}

const LEADER_WITHIN_MS = 10_000;

/** A topic that was just made has no leader for a moment. */
async function endsOf(admin: Admin, topic: string): ReturnType<Admin["fetchTopicOffsets"]> {
	for (
		const deadline = Date.now() + LEADER_WITHIN_MS;
		;
		await new Promise(resolve => setTimeout(resolve, 100))
	)
		try {
			return await admin.fetchTopicOffsets(topic);
		} catch (err) {
			if (!(err as { retriable?: boolean }).retriable || Date.now() > deadline) throw err;
		}
}

/** All that is on a topic now, in the order of each partition. */
export async function readTopic(brokers: string, topic: string): Promise<OnTopic[]> {
	return (await readTopics(brokers, [topic])).get(topic) ?? [];
}

/** All that is on some topics now, of each in the order of its partitions. */
export async function readTopics(
	brokers: string,
	topics: readonly string[],
): Promise<Map<string, OnTopic[]>> {
	const kafka = new kafkajs.Kafka({ brokers: brokers.split(","), logLevel: kafkajs.logLevel.NOTHING });
	const admin = kafka.admin();
	await admin.connect();
	const ends = new Map<string, number>();
	for (const topic of topics)
		for (const { partition, low, high } of await endsOf(admin, topic))
			if (Number(high) > Number(low)) ends.set(`${topic} ${partition}`, Number(high));
	await admin.disconnect();
	let left = new Map<string, number>();
	let records = new Map<string, OnTopic[]>();
	const begin = () => {
		left = new Map(ends);
		records = new Map(topics.map(topic => [topic, []]));
	};
	begin();
	if (left.size === 0) return records;

	const consumer = kafka.consumer({
		groupId: `test-${randomBytes(6).toString("hex")}`,
		maxWaitTimeInMs: 100,
	});
	await consumer.connect();
	await consumer.subscribe({ topics: [...topics], fromBeginning: true });
	await new Promise<void>((resolve, reject) => {
		// A broker that has just come does not yet know its groups; then the consumer begins anew by itself.
		consumer.on(consumer.events.CRASH, ({ payload }) => (payload.restart ? begin() : reject(payload.error)));
		void consumer.run({
			autoCommit: false,
			eachMessage: async ({ topic, partition, message }) => {
				const { offset, key, value } = message;
				records.get(topic)?.push({
					partition,
					offset: Number(offset),
					key: String(key),
					value: String(value),
				});
				const place = `${topic} ${partition}`;
				if (Number(offset) + 1 >= (left.get(place) ?? 0)) left.delete(place);
				if (left.size === 0) resolve();
			},
		});
	});
	await consumer.disconnect();
	return records;
}

/** Asks again until it is so. @throws what was last found, where it is not so in time */
export async function eventually(what: () => Promise<boolean> | boolean, ms = 20_000): Promise<void> {
	const deadline = Date.now() + ms;
	while (!(await what())) {
		if (Date.now() > deadline) throw new Error(`It did not come to be within ${ms} ms: ${what}`);
		await new Promise(resolve => setTimeout(resolve, 50));
	}
}

export const countOf = async (db: Database, table: string): Promise<number> =>
	(await db.query<{ n: number }>(`SELECT count(*) AS n FROM ${table}`))[0]?.n ?? 0;
